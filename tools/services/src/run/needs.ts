// Which services the test files of a run need, so that each is found once, and none that nobody needs.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Needs {
  /** A server that tests share. */
  readonly server: boolean
  /** Programs for servers of their own. */
  readonly programs: boolean
}

/**
 * Looks for calls of `postgresForTests` and `ownPostgresForTests`, with the service's name, in the files and in what lies
 * beside them in `test` folders. A need that this does not see is found by the test file itself.
 */
export function needsOf(name: string, files: readonly string[], root: string): Needs {
  const word = name[0]?.toUpperCase() + name.slice(1)
  const texts = sourcesBeside(files, root).map((file) => readFileSync(join(root, file), 'utf8'))
  return {
    server: texts.some((text) => text.includes(`${name}ForTests(`)),
    programs: texts.some((text) => text.includes(`own${word}ForTests(`)),
  }
}

function sourcesBeside(files: readonly string[], root: string): string[] {
  const folders = new Set(files.map((file) => /^.*?\/test(?=\/)/.exec(file)?.[0]))
  const beside = [...folders].flatMap((folder) =>
    folder === undefined ? [] : globSync(`${folder}/**/*.ts`, { cwd: root }),
  )
  return [...new Set([...files, ...beside])]
}
