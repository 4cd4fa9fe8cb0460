// The read-model store: rows and the checkpoint that says how far they have come, moved in one transaction.
import type { OwnTables, SqlStatement, SqlValue } from './own-tables.ts'
import type { ParkedEvent, ParkedFilter, ParkedRequest } from './parked-event.ts'
import type { ViewPlan } from './view-plan.ts'

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
  /** May be `expected` itself: parked events are settled without a step. */
  readonly next: Checkpoint
  readonly writes: readonly RowWrite[]
  /** Statements on tables of the read model's own, in this order, after the rows. */
  readonly statements?: readonly SqlStatement[] | undefined
  /** Events that are parked, or parked again: the same position is written over. */
  readonly park?: readonly ParkedEvent[] | undefined
  /** Positions of parked events that were taken; none of them is in `park`. */
  readonly unpark?: readonly number[] | undefined
  /**
   * The owner's; a flush under a lower one than the view was claimed with writes nothing, and one that is written under a higher one
   * claims the view with it. Absent: nobody owns it, nothing is compared.
   */
  readonly fencingToken?: number | undefined
}
/** A row with what it is found by. */
export interface KeyedRow extends RowKey {
  readonly value: string
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
   * `false`: the checkpoint was not where it was expected, or somebody with a higher fencing token has claimed the view; nothing was
   * written. Errors: `store_*`; `invalid_key`, `invalid_output`; what a statement of the read model's own fails with, as a plain one.
   */
  flush(flush: Flush): Promise<boolean>
  /** Keeps whoever owned the view before from writing, from now on. `false`: it was claimed with a higher token already. */
  claim(fencingToken: number): Promise<boolean>
  get(row: RowKey): Promise<string | undefined>
  /** Rows of a tenant by key, and how many the range holds without limit. */
  list(tenant: string, range: RowRange): Promise<{ readonly rows: readonly string[]; readonly total: number }>
  /** Rows of a tenant by content. */
  find(tenant: string, filter: RowFilter): Promise<{ readonly rows: readonly string[]; readonly total: number }>
  /** Rows of all tenants in the order of tenant and key (by code point), after this one. 1 to 10,000 at a time; default 1,000. */
  scan(page?: {
    readonly after?: RowKey | undefined
    readonly limit?: number | undefined
  }): Promise<readonly KeyedRow[]>
  /** Parked events in the order of the log. */
  parked(filter?: ParkedFilter): Promise<readonly ParkedEvent[]>
  /** How many wait. */
  totalParked(): Promise<number>
  /** Notes what an operator asks of the owner. How many parked events it concerns: 0 for none that waits. */
  askParked(request: ParkedRequest): Promise<number>
  /** The real name of a table of its own. Errors: a plain one for a name that the view was not opened with. */
  readonly table: (name: string) => string
  /** Rows of one reading statement on tables of its own, by the names of their columns. Errors: a plain one in a store without SQL. */
  select(statement: SqlStatement): Promise<readonly { readonly [column: string]: SqlValue }[]>
  /** Removes all rows, parked events, rows of its own tables and the checkpoint. The fence stays. */
  reset(): Promise<void>
}

/** Opens views. The same view opened twice is the same rows. Reference: docs/reference/read-models.md. */
export interface ReadModelStore extends AsyncDisposable {
  /** Whether other processes see the same views: each then has one owner in the cluster. */
  readonly isShared: boolean
  /** The SQL that tables of a read model's own are written in; absent: it cannot have any. */
  readonly dialect?: 'sqlite' | 'postgres' | undefined
  /** A view, which is made when it is missing, with its own tables. Errors: a plain one for tables in a store without SQL. */
  open(view: ViewName, tables?: OwnTables): Promise<View>
  /** `noPlan` for one that was never written. */
  plan(name: string, modelVersion: number): Promise<ViewPlan>
  /** Writes a plan whose revision is one above the stored one; `false` when it is not, and nothing changed. */
  changePlan(name: string, modelVersion: number, next: ViewPlan): Promise<boolean>
  /** The views that there are, by name, version and generation. */
  views(): Promise<readonly ViewName[]>
  /** Removes a view with everything in it; one that is not there is left alone. Whoever has it open is answered with `store_closed`. */
  remove(view: ViewName): Promise<void>
  /** Forgets the plan of a version, whose views were removed. */
  removePlan(name: string, modelVersion: number): Promise<void>
}
