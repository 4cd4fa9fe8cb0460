// The cache store in memory: one least-recently-used list for all tenants, bounded in bytes and entries.
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../time/clock.ts'
import { checkTenant } from '../check-text.ts'
import { storeClosed } from '../event/commit-queue.ts'
import { pageOf } from '../page.ts'
import { compareText } from '../read-model/row-order.ts'
import type { CacheEntry, CacheKey, CacheStore } from './cache-store.ts'
import { askEntries, checkCacheEntry, checkCacheKey } from './check-entry.ts'

export interface CacheBounds {
  /** Bytes of keys and values in memory, where a character has two. */
  readonly bytesMax: number
  readonly entriesMax: number
}
const cacheBoundsDefault: CacheBounds = { bytesMax: 64 * 1024 * 1024, entriesMax: 10_000 }

/** A cache store that lives as long as its process. */
export function createMemoryCacheStore(
  clock: Pick<Clock, 'monotonicUs'>,
  { bytesMax, entriesMax }: CacheBounds = cacheBoundsDefault,
): CacheStore {
  // Keys of tenants are kept apart by NUL, which neither of them can have.
  const entries = new LRUCache<string, string>({
    max: entriesMax,
    maxSize: bytesMax,
    sizeCalculation: (value, id) => (value.length + id.length) * 2,
    // 0: the time is asked at every look, so that the cache sets no timer of its own.
    ttlResolution: 0,
    perf: { now: () => clock.monotonicUs() / 1000 },
  })
  let closed = false
  const open = (): void => {
    if (closed) throw storeClosed()
  }
  const idsOf = (tenant: string | undefined): string[] => {
    open()
    if (tenant !== undefined) checkTenant(tenant)
    entries.purgeStale()
    return [...entries.keys()].filter((id) => tenant === undefined || id.startsWith(`${tenant}\0`))
  }
  const entryOf = (id: string): CacheEntry => {
    const [tenant = '', key = ''] = id.split('\0')
    const leftMs = entries.getRemainingTTL(id)
    const expiresInMs = Number.isFinite(leftMs) ? Math.max(1, Math.ceil(leftMs)) : undefined
    return { tenant, key, value: entries.peek(id) ?? '', expiresInMs }
  }

  return {
    get: async (key) => {
      open()
      checkCacheKey(key)
      return entries.get(idOf(key))
    },
    set: async (key, value, options) => {
      open()
      checkCacheEntry(key, value, options)
      entries.set(idOf(key), value, { ttl: options?.ttlMs ?? 0 })
    },
    list: async (tenant, page) => {
      const asked = askEntries(tenant, page)
      const found = idsOf(tenant)
        .filter((id) => id.startsWith(`${tenant}\0${page?.prefix ?? ''}`))
        .sort(compareText)
      const after = asked.after && idOf({ tenant, key: asked.after[0] })
      const rest = after === undefined ? found.slice(asked.offset) : found.filter((id) => compareText(id, after) > 0)
      const shown = rest.slice(0, asked.limit + 1).map(entryOf)
      return pageOf(asked, shown, ({ key }) => [key], asked.withTotal ? found.length : undefined)
    },
    delete: async (key) => {
      open()
      checkCacheKey(key)
      // What has expired is there until somebody looks, and was none.
      return entries.has(idOf(key)) && entries.delete(idOf(key))
    },
    total: async (tenant) => idsOf(tenant).length,
    flush: async (tenant) => {
      for (const id of idsOf(tenant)) entries.delete(id)
    },
    info: async () => ({
      store: 'cache',
      backend: 'memory',
      readOnly: false,
      items: idsOf(undefined).length,
      details: { bytes: entries.calculatedSize, bytesMax, entriesMax },
    }),
    [Symbol.asyncDispose]: async () => {
      closed = true
      entries.clear()
    },
  }
}

function idOf({ tenant, key }: CacheKey): string {
  return `${tenant}\0${key}`
}
