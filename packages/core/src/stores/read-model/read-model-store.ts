// The read-model store: rows and the checkpoint that says how far they have come, moved in one transaction.

/** One view: rows of a read model, in one version, in one generation (a restore from zero builds the next one). */
export interface ViewName {
  readonly name: string
  readonly modelVersion: number
  readonly generation: number
}
/** Which events a view has taken in: up to this position of this incarnation of the log. */
export interface Checkpoint {
  readonly incarnation: string
  readonly position: number
  /** The id of the event at the position, the empty text at position 0: another event there is another history. */
  readonly eventId: string
}
/** Rows are kept per tenant: a reader of one tenant never meets a row of another. */
export interface RowKey {
  readonly tenant: string
  readonly key: string
}
export interface RowWrite extends RowKey {
  /** JSON text; `undefined` deletes the row. */
  readonly value: string | undefined
}
export interface Flush {
  readonly expected: Checkpoint
  readonly next: Checkpoint
  readonly writes: readonly RowWrite[]
}
export interface RowRange {
  /** Inclusive. */
  readonly from?: string | undefined
  /** Inclusive. */
  readonly to?: string | undefined
  /** 1 to 10,000; default 100. */
  readonly limit?: number | undefined
  /** Rows to leave out first, a whole number from 0; default 0. */
  readonly offset?: number | undefined
}
/** A path into the row's JSON, such as `['state', 'status']`. */
export type RowPath = readonly string[]
export interface RowFilter {
  readonly equals: readonly { readonly path: RowPath; readonly value: string | number | boolean | null }[]
  /** `undefined` orders by key. Keys break ties. */
  readonly orderBy: RowPath | undefined
  /** As in `RowRange`; another limit or offset is a `RangeError` in both. */
  readonly limit: number
  readonly offset: number
}

/** One view, opened. Rows are exact JSON texts. */
export interface View {
  readonly view: ViewName
  /** `undefined` for a view that was never flushed. */
  checkpoint(): Promise<Checkpoint | undefined>
  /** The rows of these keys, in their order. */
  load(keys: readonly RowKey[]): Promise<readonly (string | undefined)[]>
  /**
   * Writes rows and moves the checkpoint in one transaction that first checks `expected` (position 0 for a new view).
   * `false`: the checkpoint was not where it was expected; nothing was written.
   */
  flush(flush: Flush): Promise<boolean>
  get(row: RowKey): Promise<string | undefined>
  /** Rows of a tenant by key, and how many the range holds without limit. */
  list(tenant: string, range: RowRange): Promise<{ readonly rows: readonly string[]; readonly total: number }>
  /** Rows of a tenant by content. */
  find(tenant: string, filter: RowFilter): Promise<{ readonly rows: readonly string[]; readonly total: number }>
  /** Removes all rows and the checkpoint. */
  reset(): Promise<void>
}

/** Opens views. The same view opened twice is the same rows. */
export interface ReadModelStore extends AsyncDisposable {
  open(view: ViewName): Promise<View>
}
