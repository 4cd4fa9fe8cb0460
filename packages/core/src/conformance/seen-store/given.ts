// What the cases of this suite are written with: a seen store with a small bound, and ids that count.
import assert from 'node:assert/strict'
import type { SeenStore } from '../../stores/seen/seen-store.ts'
import type { GivenStore, StorePlace } from '../store-place.ts'
import type { Case } from '../suite.ts'

/**
 * `counted`: exactly the last `idsMax` ids of a subscription are kept; without it a store is bounded by time, and keeps more.
 * `durable`: what was marked is found again when the store is closed and opened again.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type SeenStoreCapability = 'counted' | 'durable' | 'shared'
/** A place whose store is made with a bound of its own, from 4 to 1,000: the cases fill it. */
export interface SeenStorePlace extends StorePlace<SeenStore> {
  readonly idsMax: number
}
export interface GivenSeenStore extends GivenStore<SeenStore> {
  readonly idsMax: number
}
export type SeenStoreCase = Case<GivenSeenStore, SeenStoreCapability>

/** `count` ids from `first` on. */
export function idsFrom(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `event-${first + index}`)
}
/** Insists on which of the ids are seen, in their order. */
export async function seenAre(
  store: SeenStore,
  subscription: string,
  ids: readonly string[],
  expected: readonly string[],
): Promise<void> {
  const seen = await store.seen(subscription, ids)
  assert.deepEqual(
    ids.filter((id) => seen.has(id)),
    expected,
  )
  assert.equal(seen.size, new Set(expected).size)
}
