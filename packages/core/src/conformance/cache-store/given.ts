// What the cases of this suite are written with: a cache store, and the few words that they share.
import assert from 'node:assert/strict'
import type { CacheEntry, CacheKey, CacheStore } from '../../stores/cache/cache-store.ts'
import type { GivenStore } from '../store-place.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: entries are found again when the store is opened again.
 * `shared`: the same cache can be opened several times at once, by one process or by many.
 * `endless`: an entry without a time to live stays until it is evicted.
 */
export type CacheStoreCapability = 'durable' | 'shared' | 'endless'
export type GivenCacheStore = GivenStore<CacheStore>
export type CacheStoreCase = Case<GivenCacheStore, CacheStoreCapability>

export const tenant = 'tenant-1'
export const hourMs = 3_600_000

export function at(key: string, of: string = tenant): CacheKey {
  return { tenant: of, key }
}
/** The whole list, read by cursor in pages of `limit`. */
export async function everyPage(store: CacheStore, of: string, limit: number, prefix?: string): Promise<CacheEntry[]> {
  const all: CacheEntry[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(of, { limit, cursor, prefix })
    assert.ok(page.items.length <= limit)
    all.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}
/** Key and value of each entry of a tenant. */
export async function entriesOf(
  store: CacheStore,
  of: string = tenant,
): Promise<readonly (readonly [string, string])[]> {
  return (await everyPage(store, of, 1000)).map(({ key, value }) => [key, value] as const)
}
