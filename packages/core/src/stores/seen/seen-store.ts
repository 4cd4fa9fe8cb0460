// The seen store: which events a subscription has dealt with, for as long as a redelivery is likely. It absorbs repetitions and does
// not prevent them: what must happen once is a commit whose id comes from subscription, event id and index.
import type { Store } from '../store.ts'

/** Ids that are kept for each subscription, unless a store is made with another bound. */
export const seenIdsMaxDefault = 10_000

/**
 * Bounds: a store forgets. It keeps at least the last ids of each subscription up to its bound in number, or those of its bound in
 * time; subscriptions do not push out each other's ids.
 * Atomicity: the ids of one `mark` are kept together or not at all. A mark may be lost with the last moments before a power cut.
 * Concurrency: marks of several callers add up.
 * Errors: `store_*`, `invalid_key` for a subscription or id.
 * Reference: docs/reference/delivery.md.
 */
export interface SeenStore extends Store {
  /** Which of these ids are marked under the subscription. */
  seen(subscription: string, ids: readonly string[]): Promise<ReadonlySet<string>>
  /** Marks ids; the last one is forgotten last. One that is marked already counts as marked now. */
  mark(subscription: string, ids: readonly string[]): Promise<void>
  /** How many ids are marked, under one subscription or all. */
  total(subscription?: string): Promise<number>
  /** Forgets the ids of one subscription, or all. */
  reset(subscription?: string): Promise<void>
}
