// Read models: keyed folds over the order. Pure, so that a batch can load its keys at once and write each row once.
import { partsOf } from '../contracts/contract.ts'
import type { DomainEventContract } from '../contracts/contract.ts'
import type { AsRead } from '../contracts/personal.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { MustBeJson } from '../schema/schema.ts'
import type { SqlStatement, SqlValue, TableName } from '../stores/read-model/own-tables.ts'
import { readModelSettings } from './read-model-options.ts'
import type { ReadModelOptions } from './read-model-options.ts'
import { handlersOf } from './read-model-parts.ts'
import type { Handler, Keys, OwnWriter, ReadModelParts, RowAccess } from './read-model-parts.ts'

declare const reader: unique symbol
/** Something that a query can read; `read(model)` gives its reader. */
export interface Readable<Reader> {
  readonly name: string
  readonly [reader]?: Reader
  /** The types of the events that it handles, each once, in the order of registration; a catch-all adds none. */
  domainEvents(): readonly string[]
  /** The handlers of an event, by type, in the order in which they run: catch-all ones last. */
  handlersFor(event: string | { readonly type: string }): readonly Handler[]
}
export interface RowRangeOptions {
  /** First key, inclusive. */
  readonly from?: string | undefined
  /** Last key, inclusive. */
  readonly to?: string | undefined
  /** Rows at most, 1 to 10,000; default 100. */
  readonly limit?: number | undefined
  /** Rows to leave out first; default 0. */
  readonly offset?: number | undefined
}
/** Rows of the caller's tenant. */
export interface Rows<Row> {
  get(key: string): Promise<Row | undefined>
  /** Rows in key order, and how many the range holds without limit. */
  list(range?: RowRangeOptions): Promise<{ readonly items: readonly Row[]; readonly total: number }>
  /**
   * Reads tables of the read model's own with one statement; `table` gives their names, and what belongs to the caller's `tenant` is for
   * the statement to say. Errors: a plain one in a store without SQL.
   */
  select(
    statement: (table: TableName, tenant: string) => SqlStatement,
  ): Promise<readonly { readonly [column: string]: SqlValue }[]>
}

export interface ReadModel<Name extends string, Row> extends Readable<Rows<Row>> {
  readonly name: Name
  /**
   * Which rows an event touches (none for an empty list), and each row after it; `undefined` deletes the row.
   * Several handlers of one event run in the order of registration.
   */
  on<Type extends string, Data, Personal extends string>(
    event: DomainEventContract<Type, Data, Personal>,
    key: (data: AsRead<Data, Personal>, event: RecordedEvent<Type, AsRead<Data, Personal>>) => Keys,
    fold: (
      row: Row,
      data: AsRead<Data, Personal>,
      event: RecordedEvent<Type, AsRead<Data, Personal>>,
      key: string,
    ) => Row | undefined,
  ): ReadModel<Name, Row>
  /** The same for every event of the app, after what `.on` registered for it. Deleted events are passed over. */
  onAny(
    key: (data: unknown, event: RecordedEvent) => Keys,
    fold: (row: Row, data: unknown, event: RecordedEvent, key: string) => Row | undefined,
  ): ReadModel<Name, Row>
  /** SQL of its own for an event, on the tables of the option `tables`: it notes statements, which run in the flush's transaction. */
  write<Type extends string, Data, Personal extends string>(
    event: DomainEventContract<Type, Data, Personal>,
    write: (own: OwnWriter, data: AsRead<Data, Personal>, event: RecordedEvent<Type, AsRead<Data, Personal>>) => void,
  ): ReadModel<Name, Row>
}

/** Defines a keyed read model. `initial` makes the row before its first event. Reference: docs/reference/read-models.md. */
export function readModel<const Name extends string, Row>(
  name: Name,
  initial: ((key: string) => Row) & MustBeJson<Row>,
  options: ReadModelOptions = {},
): ReadModel<Name, Row> {
  const settings = readModelSettings(name, options)
  const rows = (access: RowAccess): Rows<unknown> => ({
    get: (key) => access.get(key),
    list: (range = {}) => access.list(range),
    select: (statement) => access.select(statement),
  })
  const parts = { ...settings, name, events: new Map(), handlers: new Map(), any: [], reader: rows }
  return build(parts, initial) as ReadModel<Name, Row>
}

/** What every read model tells of its handlers. */
export function tellsHandlers(parts: ReadModelParts): Pick<Readable<unknown>, 'domainEvents' | 'handlersFor'> {
  return {
    domainEvents: () => [...parts.handlers.keys()],
    handlersFor: (event) => [...handlersOf(parts, typeof event === 'string' ? event : event.type)],
  }
}

type Fold = (row: unknown, data: unknown, event: RecordedEvent, key: string) => unknown

function build(parts: ReadModelParts, initial: (key: string) => unknown): unknown {
  const rowHandler = (key: (data: unknown, event: RecordedEvent) => Keys, fold: Fold): Handler => ({
    keys: (recorded) => key(recorded.data, recorded),
    fold: (row, recorded, at) => fold(row === undefined ? initial(at) : row, recorded.data, recorded, at),
  })
  const added = (event: DomainEventContract<string, unknown>, handler: Handler): unknown => {
    const handlers = new Map(parts.handlers).set(event.type, [...(parts.handlers.get(event.type) ?? []), handler])
    return build({ ...parts, handlers, events: new Map(parts.events).set(event.type, partsOf(event)) }, initial)
  }
  return Object.freeze({
    ...parts,
    ...tellsHandlers(parts),
    on: (event: DomainEventContract<string, unknown>, key: (data: unknown, event: RecordedEvent) => Keys, fold: Fold) =>
      added(event, rowHandler(key, fold)),
    onAny: (key: (data: unknown, event: RecordedEvent) => Keys, fold: Fold) =>
      build({ ...parts, any: [...parts.any, rowHandler(key, fold)] }, initial),
    write: (
      event: DomainEventContract<string, unknown>,
      write: (own: OwnWriter, data: unknown, event: RecordedEvent) => void,
    ) => {
      if (parts.tables === undefined)
        throw new Error(
          `The read model ${parts.name} has no tables for .write(${event.type}, ...). Give it the option tables.`,
        )
      return added(event, { write: (own, recorded) => write(own, recorded.data, recorded) })
    },
  })
}
