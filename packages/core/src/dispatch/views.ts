// What handlers read: the readers of views. The pump fills it.
import type { HistoryAccess } from '../read-models/history.ts'
import type { StreamName } from '../stores/commit.ts'
import type { Deadline } from '../time/deadline.ts'

/** The aggregates that an answer shows, each once. */
export type Shown = Map<string, StreamName>
/** What an answer was made from. */
export interface Seen {
  /** Looks into any view. */
  reads: number
  /** Versions of the aggregates that were shown whole. */
  readonly versions: number[]
  /** Absent: nobody asks for their history. */
  readonly aggregates: Shown | undefined
}
/** What one reading of views is limited to, and what it has shown. */
export interface Reading {
  readonly tenant: string
  /** The position that the view must have reached; `undefined` takes it as it is. */
  readonly after: number | undefined
  readonly deadline: Deadline
  readonly seen: Seen
  readonly history: HistoryAccess
}
export interface Views {
  /** Errors: a plain one for a read model that no domain declares. */
  reader(model: { readonly name: string }, reading: Reading): unknown
}
