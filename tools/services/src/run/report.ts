// What a run of tests says at its end: which suites ran on which backend, in one line each, and which backend was missing.
import type { ServerUse, SuiteRun } from './record.ts'

export interface Report {
  readonly lines: readonly string[]
  /** What could not be had, each with its reasons. */
  readonly missing: readonly string[]
  /** What the servers that were there cannot do, each with its reason. */
  readonly notRun: readonly string[]
}

/** Backends without a server, by the folder whose tests run on them. */
const embedded: Readonly<Record<string, string>> = {
  'packages/core': 'memory',
  'packages/sqlite': `SQLite ${process.versions.sqlite} (node:sqlite)`,
}

export function reportOf(suites: readonly SuiteRun[], uses: readonly ServerUse[]): Report {
  const onServers = new Set(uses.map(({ file }) => file))
  const suitesIn = Map.groupBy(suites, ({ file }) => file)
  const namesOf = (file: string): readonly string[] => suitesIn.get(file)?.map(({ suite }) => suite) ?? [labelOf(file)]
  const ran = [
    ...suites.flatMap(({ suite, file }) =>
      file !== undefined && onServers.has(file) ? [] : [{ backend: backendOf(file), name: suite }],
    ),
    ...uses.flatMap(({ file, description }) =>
      description === undefined ? [] : namesOf(file).map((name) => ({ backend: description, name })),
    ),
  ]
  const lines = Array.from(
    Map.groupBy(ran, ({ backend }) => backend),
    ([backend, used]) => `${backend}: ${listOf(used.map(({ name }) => name))}`,
  )
  return {
    lines: lines.toSorted((one, other) => one.localeCompare(other)),
    missing: missingOf(uses),
    notRun: notRunOf(uses),
  }
}

function missingOf(uses: readonly ServerUse[]): string[] {
  const absent = uses.filter(({ missing }) => missing !== undefined)
  return Array.from(
    Map.groupBy(absent, ({ missing }) => missing),
    ([reasons, files]) => `NOT TESTED: ${listOf(files.map(({ file }) => labelOf(file)))}. ${reasons}`,
  )
}

function notRunOf(uses: readonly ServerUse[]): string[] {
  const limited = uses.filter(({ notRun }) => notRun !== undefined)
  return Array.from(
    Map.groupBy(limited, ({ notRun }) => notRun),
    ([reason, files]) => `NOT RUN in full: ${listOf(files.map(({ file }) => labelOf(file)))}. ${reason}`,
  )
}

function backendOf(file: string | undefined): string {
  if (file === undefined) return `unknown backend (Node ${process.versions.node} does not tell the files of tests)`
  const folder = file.split('/').slice(0, 2).join('/')
  return embedded[folder] ?? folder
}

/** `packages/postgres/test/locks.test.ts` is `postgres/locks`. */
const labelOf = (file: string): string =>
  file
    .replace(/^(?:packages|examples|tools)\//, '')
    .replace('test/', '')
    .replace(/\.test\.ts$/, '')

const listOf = (names: readonly string[]): string => [...new Set(names)].toSorted().join(', ')
