// What the runtime reads of a read model: its handlers by event, its settings, and how its rows are read.
import type { ContractParts } from '../contracts/contract.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { SqlStatement, SqlValue, TableName } from '../stores/read-model/own-tables.ts'
import type { HistoryAccess } from './history.ts'
import type { ReadModelSettings } from './read-model-options.ts'

export type Keys = string | readonly string[]

/** One registered handler of an event: the rows it touches, and each row after it. */
export interface RowHandler {
  readonly keys: (event: RecordedEvent) => Keys
  readonly fold: (row: unknown, event: RecordedEvent, key: string) => unknown
}
/** What `.write` is given: statements are noted, and run in the flush's transaction in the order of the notes. */
export interface OwnWriter {
  /** Notes a statement; `$1`, `$2`, ... stand for the values. */
  run(text: string, values?: readonly SqlValue[]): void
  /** The real name of a table of the read model's own, quoted: each generation of the view has tables of its own. */
  readonly table: TableName
}
/** A handler that writes SQL of its own. */
export interface OwnHandler {
  readonly write: (own: OwnWriter, event: RecordedEvent) => void
}
export type Handler = RowHandler | OwnHandler

/** Reads rows as plain values; what a reader is made of. */
export interface RowAccess {
  get(key: string): Promise<unknown>
  list(range: {
    readonly from?: string | undefined
    readonly to?: string | undefined
    readonly limit?: number | undefined
    readonly offset?: number | undefined
  }): Promise<{ readonly items: readonly unknown[]; readonly total: number }>
  find(filter: {
    readonly equals: readonly { readonly path: readonly string[]; readonly value: string | number | boolean | null }[]
    readonly orderBy: readonly string[] | undefined
    readonly limit: number
    readonly offset: number
  }): Promise<{ readonly items: readonly unknown[]; readonly total: number }>
  select(
    statement: (table: TableName, tenant: string) => SqlStatement,
  ): Promise<readonly { readonly [column: string]: SqlValue }[]>
  /** Tells the engine that the answer shows this version of one aggregate. */
  shown(version: number): void
  readonly history: HistoryAccess
}
export interface ReadModelParts extends ReadModelSettings {
  readonly name: string
  /** Event contracts by type, for decoding. */
  readonly events: ReadonlyMap<string, ContractParts>
  /** In the order of registration. */
  readonly handlers: ReadonlyMap<string, readonly Handler[]>
  /** Handlers of every event, which run after those of its type. */
  readonly any: readonly Handler[]
  readonly reader: (rows: RowAccess) => unknown
}

/** The runtime side of a read model or projection. */
export function readModelParts(definition: { readonly name: string }): ReadModelParts {
  return definition as ReadModelParts
}

/** The handlers of an event, catch-all ones last. */
export function handlersOf({ handlers, any }: ReadModelParts, type: string): readonly Handler[] {
  const own = handlers.get(type)
  if (own === undefined) return any
  return any.length === 0 ? own : [...own, ...any]
}
