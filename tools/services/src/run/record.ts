// What tests used, as they write it down for the report at the end of a run: one JSON line per use.
import { appendFileSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** A test file used a server, or could not have it. */
export interface ServerUse {
  readonly file: string
  readonly title: string
  /** What it ran on, in one line. */
  readonly description?: string | undefined
  /** Why there is no server. */
  readonly missing?: string | undefined
  /** Which tests of the file did not run on the server that there is, and why. */
  readonly notRun?: string | undefined
}

/** A conformance suite ran. The file is unknown on a Node that does not tell it. */
export interface SuiteRun {
  readonly suite: string
  readonly file?: string | undefined
}

export const usesFile = (folder: string): string => join(folder, 'uses.jsonl')
export const suitesFile = (folder: string): string => join(folder, 'suites.jsonl')

/** Files are named from where the run began. */
export const pathInRun = (path: string): string => relative(process.cwd(), path).replaceAll('\\', '/')

export function recordUse(folder: string, use: Omit<ServerUse, 'file'>): void {
  const line: ServerUse = { file: pathInRun(process.argv[1] ?? ''), ...use }
  appendFileSync(usesFile(folder), `${JSON.stringify(line)}\n`)
}

export function readLines<Line>(path: string): Line[] {
  let text = ''
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    // Nothing was written down.
  }
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}
