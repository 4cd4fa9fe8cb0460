// Parked events: what a handler could not take, and what came after it for the same key. They wait in the order of the log.

export interface ParkedEvent {
  readonly position: number
  readonly tenant: string
  /** The key that `partitionBy` gave: later events of it wait behind this one. */
  readonly key: string
  readonly eventId: string
  readonly type: string
  /** Keys of the rows that it touches, as far as its handlers told them. */
  readonly rows: readonly string[]
  /** How often a handler was tried; 0 for one that waits behind another. */
  readonly attempts: number
  /** What the handler threw, as codes and names; absent for one that waits behind another. */
  readonly error: string | undefined
  /** Microseconds UTC. */
  readonly parkedAt: number
  /** What operators ask of the owner, which has not done it yet. */
  readonly asked: 'retry' | 'discard' | undefined
  /** Why it is to be passed over, or was. */
  readonly reason: string | undefined
  /** Passed over for good: it is kept here as a record, and holds nothing up. */
  readonly discarded: boolean
}
export interface ParkedFilter {
  readonly tenant?: string | undefined
  readonly key?: string | undefined
  /** Default `false`: those that wait. */
  readonly discarded?: boolean | undefined
  /** Those that are asked for; absent: all. */
  readonly asked?: boolean | undefined
  /** Exclusive position. Default 0. */
  readonly after?: number | undefined
  /** 1 to 10,000; default 100. */
  readonly limit?: number | undefined
}
/** What an operator asks. `retry` is for a key: all that waits, in order. `discard` is for one event. */
export type ParkedRequest =
  | { readonly ask: 'retry'; readonly tenant: string; readonly key: string }
  | { readonly ask: 'discard'; readonly position: number; readonly reason: string }

/** Records of discarded events that a view keeps, the newest ones. */
export const discardedMax = 1_000
