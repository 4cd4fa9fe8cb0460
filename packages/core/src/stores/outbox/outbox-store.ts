// The outbox store: integration events that commits have stored, until a relay has sent them. Rows are written by the commit alone;
// this port reads them, keeps the relay's cursor, and holds what could not be sent.
import type { Page, PageRequest, Store } from '../store.ts'

/** Place of a message in the order: the commit's number, and the message's index among those of the commit. */
export interface MessagePlace {
  readonly commitNo: number
  readonly index: number
}
/** A message as its commit has stored it. */
export interface OutboxMessage extends MessagePlace {
  readonly tenant: string
  /** Of the command that decided it. */
  readonly commandId: string
  /** Messages of one key are sent in order. */
  readonly key: string
  readonly type: string
  readonly schemaVersion: number
  /** Exact JSON text. */
  readonly data: string
  /** JSON text of the command's request context. */
  readonly context: string
  /** Microseconds UTC: when the command was recorded. */
  readonly recordedAt: number
}

/** `waiting`: to be sent (again) from `dueAt` on. `dead`: given up, until somebody requeues or discards it. */
export type HeldState = 'waiting' | 'dead'
export interface HeldFacts {
  readonly state: HeldState
  /** Failed attempts so far. */
  readonly attempts: number
  /** Microseconds UTC. */
  readonly dueAt: number
  /** Codes and names along the chain of causes, without messages; absent before the first failure. */
  readonly lastError?: string | undefined
  readonly lastAttemptAt?: number | undefined
}
export interface HeldMessage extends OutboxMessage, HeldFacts {}

/** What a relay did with messages, kept in one step. */
export interface Settlement {
  /** Of the relay's lease: a lower one than was ever settled with is refused. */
  readonly fencingToken: number
  /** The cursor that the relay went on from, and the one that follows: the number of the last commit that it has dealt with. */
  readonly from: number
  readonly to: number
  /** Held messages that are sent now: they are held no longer. */
  readonly sent: readonly MessagePlace[]
  /** Messages that are held from now on, or held with other facts. */
  readonly held: readonly (MessagePlace & HeldFacts)[]
}

export interface HeldFilter {
  readonly state?: HeldState | undefined
  readonly tenant?: string | undefined
  readonly type?: string | undefined
  readonly key?: string | undefined
}

/**
 * Order: that of the commits, and within a commit that of its messages.
 * Atomicity: a settlement is kept as a whole or not at all; a commit's messages are there with the commit.
 * Concurrency: of several relays the one with the highest token wins; an older one is refused and changes nothing.
 * Durability: a settlement may be lost with the last moments before a power cut; its messages are then sent again.
 * Incarnation: the cursor lies beside the log and goes back with it; a `fork` or `reset` of the log leaves it on or before its end.
 * Errors: `store_*`; a plain `RangeError` for numbers that are none.
 * Reference: docs/reference/outbox.md.
 */
export interface OutboxStore extends Store {
  /** The last commit whose messages were all sent or are held; 0 at first. */
  cursor(): Promise<number>
  /** Messages of the commits after one, whole commits, about `limit` messages (1 to 10,000) and 8 MiB of data, at least one commit's. */
  after(commitNo: number, limit: number): Promise<readonly OutboxMessage[]>
  /** Waiting messages that are due and are the first waiting one of their tenant and key; in order. */
  due(nowUs: number, limit: number): Promise<readonly HeldMessage[]>
  /** Microseconds UTC of the earliest time at which `due` finds something; absent when nothing waits. */
  nextDue(): Promise<number | undefined>
  /** Which of these keys have a waiting message; the answer has the places in the list of those that have one. */
  waitingKeys(keys: readonly { readonly tenant: string; readonly key: string }[]): Promise<ReadonlySet<number>>
  /** Whether it was kept: not under an older token, and not from another cursor than the store's. */
  settle(settlement: Settlement): Promise<boolean>
  /** Held messages, in order. */
  list(filter: HeldFilter, page?: PageRequest): Promise<Page<HeldMessage>>
  /** How many messages the filter finds. */
  total(filter?: HeldFilter): Promise<number>
  /** Dead messages wait again, without attempts, due at once; how many. Places that are not dead are left alone. */
  requeue(places: readonly MessagePlace[] | HeldFilter, nowUs: number): Promise<number>
  /** Dead messages are dropped for good; how many. */
  discard(places: readonly MessagePlace[]): Promise<number>
  /** Messages of commits whose position is in the range, both ends included, and that were sent, wait again; how many. */
  resend(range: { readonly fromPosition: number; readonly toPosition: number }, nowUs: number): Promise<number>
  /** Removes messages that were sent and recorded before a time; held ones stay. At most `limit` (1 to 10,000); how many. */
  prune(recordedBeforeUs: number, limit: number): Promise<number>
}
