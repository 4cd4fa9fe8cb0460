// The options of a read model, checked once. They say what happens when a handler fails, how a restore is shared out, and where views lie.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { OwnTables } from '../stores/read-model/own-tables.ts'
import type { ReadModelBackend } from '../stores/read-model/read-model-backend.ts'

/** A view that is about to be built from the start of the log. */
export interface Restoring {
  readonly readModel: string
  readonly modelVersion: number
  readonly generation: number
}
export interface ReadModelOptions {
  /** Counts from 1; a new version is a new view, built from the start of the log. Default 1. */
  readonly modelVersion?: number | undefined
  /**
   * The part of the view that an event belongs to, in its tenant: events of different keys touch no row in common. Needed for `park`
   * and for a restore over several workers.
   */
  readonly partitionBy?: ((event: RecordedEvent) => string) | undefined
  /**
   * What happens at an event that a handler cannot take. `stop` (default): the read model fails there. `park`: the event and what
   * follows it for the same key wait in a list for an operator, and other keys go on.
   */
  readonly onFailure?: 'stop' | 'park' | undefined
  /** Events that may wait in that list, 1 to 10,000; one more makes the read model fail. Default 1,000. */
  readonly parkedMax?: number | undefined
  /** Failures in a row at one event before it is given up, from 1. Default 5. */
  readonly attemptsMax?: number | undefined
  /** Called before a view is built from the start of the log, to reset what the read model keeps elsewhere. It may be called again. */
  readonly onRestore?: ((restoring: Restoring) => Promise<void> | void) | undefined
  /** Where the views lie. Default: in the app's store. */
  readonly backend?: ReadModelBackend | undefined
  /** Tables of its own, for `.write`. */
  readonly tables?: OwnTables | undefined
  /** `import.meta.url` of the module that exports the read model: workers of a restore load it from there. */
  readonly module?: string | undefined
}
/** The options as the runtime reads them. */
export interface ReadModelSettings {
  readonly modelVersion: number
  readonly partitionBy: ((event: RecordedEvent) => string) | undefined
  readonly onFailure: 'stop' | 'park'
  readonly parkedMax: number
  readonly attemptsMax: number
  readonly onRestore: ((restoring: Restoring) => Promise<void> | void) | undefined
  readonly backend: ReadModelBackend | undefined
  readonly tables: OwnTables | undefined
  readonly module: string | undefined
}

const optionNames = [
  'modelVersion',
  'partitionBy',
  'onFailure',
  'parkedMax',
  'attemptsMax',
  'onRestore',
  'backend',
  'tables',
  'module',
] as const
const tableNamePattern = /^[a-z][a-z0-9_]{0,30}$/

/** Errors: plain ones, at set-up. */
export function readModelSettings(name: string, options: ReadModelOptions): ReadModelSettings {
  const where = `The read model ${name}`
  checkOptions(options, optionNames, where)
  const { modelVersion = 1, partitionBy, onFailure = 'stop', parkedMax = 1_000, attemptsMax = 5 } = options
  const { onRestore, backend, tables, module } = options
  if (!Number.isSafeInteger(modelVersion) || modelVersion < 1)
    throw new Error(
      `Expected modelVersion of the read model ${name} to be a whole number from 1, received ${modelVersion}.`,
    )
  if (onFailure !== 'stop' && onFailure !== 'park')
    throw new Error(
      `Expected onFailure of the read model ${name} to be "stop" or "park", received ${JSON.stringify(onFailure)}.`,
    )
  if (onFailure === 'park' && partitionBy === undefined)
    throw new Error(`${where} parks what fails, so it needs partitionBy: it says which later events have to wait.`)
  checkWhole(parkedMax, `option parkedMax of the read model ${name}`, 1, 10_000)
  checkWhole(attemptsMax, `option attemptsMax of the read model ${name}`, 1)
  for (const table of tables?.names ?? [])
    if (!tableNamePattern.test(table))
      throw new Error(
        `Expected a table of the read model ${name} to be named like "by_day" (a-z, 0-9, _; 31 at most), received "${table}".`,
      )
  if (module !== undefined && partitionBy === undefined)
    throw new Error(`${where} has a module for workers, so it needs partitionBy: it says what they share out.`)
  return { modelVersion, partitionBy, onFailure, parkedMax, attemptsMax, onRestore, backend, tables, module }
}
