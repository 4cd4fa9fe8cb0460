// Read models: keyed folds over the order. Pure, so that a batch can load its keys at once and write each row once.
import { partsOf } from '../contracts/contract.ts'
import type { ContractParts, DomainEventContract } from '../contracts/contract.ts'
import type { AsRead } from '../contracts/personal.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { checkOptions } from '../schema/options.ts'
import type { MustBeJson } from '../schema/schema.ts'

declare const reader: unique symbol
/** Something that a query can read; `read(model)` gives its reader. */
export interface Readable<Reader> {
  readonly name: string
  readonly [reader]?: Reader
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
}

type Keys = string | readonly string[]
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
}
export interface ReadModelOptions {
  /** Counts from 1; a new version is a new view, built from the start of the log. Default 1. */
  readonly modelVersion?: number | undefined
}

/** Reads rows as plain values; what a reader is made of. */
export interface RowAccess {
  get(key: string): Promise<unknown>
  list(range: RowRangeOptions): Promise<{ readonly items: readonly unknown[]; readonly total: number }>
  find(filter: {
    readonly equals: readonly { readonly path: readonly string[]; readonly value: string | number | boolean | null }[]
    readonly orderBy: readonly string[] | undefined
    readonly limit: number
    readonly offset: number
  }): Promise<{ readonly items: readonly unknown[]; readonly total: number }>
  /** Tells the engine that the answer shows this version of one aggregate. */
  shown(version: number): void
}
/** One registered handler of an event: the rows it touches, and each row after it. */
export interface RowHandler {
  readonly keys: (event: RecordedEvent) => Keys
  readonly fold: (row: unknown, event: RecordedEvent, key: string) => unknown
}
/** What the runtime reads of a read model. */
export interface ReadModelParts {
  readonly name: string
  readonly modelVersion: number
  /** Event contracts by type, for decoding. */
  readonly events: ReadonlyMap<string, ContractParts>
  readonly handlers: ReadonlyMap<string, readonly RowHandler[]>
  readonly reader: (rows: RowAccess) => unknown
}

/** Defines a keyed read model. `initial` makes the row before its first event. Reference: docs/reference/read-models.md. */
export function readModel<const Name extends string, Row>(
  name: Name,
  initial: ((key: string) => Row) & MustBeJson<Row>,
  options: ReadModelOptions = {},
): ReadModel<Name, Row> {
  const modelVersion = modelVersionOf(name, options)
  const rows = (access: RowAccess): Rows<unknown> => ({
    get: (key) => access.get(key),
    list: (range = {}) => access.list(range),
  })
  return build({ name, modelVersion, events: new Map(), handlers: new Map(), reader: rows }, initial) as ReadModel<
    Name,
    Row
  >
}

/** The checked version of a read model. Errors: plain ones, at set-up. */
export function modelVersionOf(name: string, options: ReadModelOptions): number {
  checkOptions(options, ['modelVersion'], `The read model ${name}`)
  const { modelVersion = 1 } = options
  if (Number.isSafeInteger(modelVersion) && modelVersion >= 1) return modelVersion
  throw new Error(
    `Expected modelVersion of the read model ${name} to be a whole number from 1, received ${modelVersion}.`,
  )
}

/** The runtime side of a read model or projection. */
export function readModelParts(definition: { readonly name: string }): ReadModelParts {
  return definition as ReadModelParts
}

function build(parts: ReadModelParts, initial: (key: string) => unknown): unknown {
  return Object.freeze({
    ...parts,
    on: (
      event: DomainEventContract<string, unknown>,
      key: (data: unknown, event: RecordedEvent) => Keys,
      fold: (row: unknown, data: unknown, event: RecordedEvent, key: string) => unknown,
    ) => {
      const handler: RowHandler = {
        keys: (recorded) => key(recorded.data, recorded),
        fold: (row, recorded, at) => fold(row === undefined ? initial(at) : row, recorded.data, recorded, at),
      }
      const handlers = new Map(parts.handlers).set(event.type, [...(parts.handlers.get(event.type) ?? []), handler])
      return build({ ...parts, handlers, events: new Map(parts.events).set(event.type, partsOf(event)) }, initial)
    },
  })
}
