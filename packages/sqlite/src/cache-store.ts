// The cache store on SQLite: a file beside the log's, behind a side thread.
import { askEntries, checkCacheEntry, checkCacheKey, checkTenant, pageOf } from '@gesta/core/ports'
import type { CacheStore, Clock } from '@gesta/core/ports'
import type { CacheOperations } from './cache-file.ts'
import type { SideStore } from './side-stores.ts'

/** `bytesMax` bounds what all entries have together, in bytes of keys and values. */
export function createSqliteCacheStore(
  side: SideStore<CacheOperations>,
  clock: Pick<Clock, 'nowUs'>,
  bytesMax: number,
): CacheStore {
  return {
    get: async ({ tenant, key }) => {
      checkCacheKey({ tenant, key })
      return side.call('get', { tenant, key }, clock.nowUs())
    },
    set: async ({ tenant, key }, value, options) => {
      checkCacheEntry({ tenant, key }, value, options)
      return side.call('set', { tenant, key, value, ttlMs: options?.ttlMs }, bytesMax, clock.nowUs())
    },
    list: async (tenant, page) => {
      const asked = askEntries(tenant, page)
      const { offset, withTotal } = asked
      const question = {
        tenant,
        prefix: page?.prefix ?? '',
        after: asked.after?.[0],
        offset,
        limit: asked.limit,
        withTotal,
      }
      const { items, limit, total } = await side.call('list', question, clock.nowUs())
      return pageOf({ ...asked, limit }, items, ({ key }) => [key], total)
    },
    delete: async ({ tenant, key }) => {
      checkCacheKey({ tenant, key })
      return side.callOnce('delete', { tenant, key }, clock.nowUs())
    },
    total: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('total', tenant, clock.nowUs())
    },
    flush: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('flush', tenant)
    },
    info: async () => {
      const items = await side.call('total', undefined, clock.nowUs())
      const details = { ...(await side.call('details')), bytesMax }
      return { store: 'cache', backend: 'sqlite', readOnly: false, items, details }
    },
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
