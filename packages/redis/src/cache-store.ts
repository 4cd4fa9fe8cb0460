// The cache store on Redis. How entries, epochs and indexes lie in it: cache-scripts.ts.
import { afterPrefix, askEntries, checkCacheEntry, checkCacheKey, checkTenant, pageOf } from '@gesta/core/ports'
import type { CacheEntry, CacheStore, Ids } from '@gesta/core/ports'
import { countAll, countEntries, deleteEntry, listEntries, setEntry } from './cache-scripts.ts'
import type { Connection } from './connection.ts'
import { runScript } from './script.ts'
import type { Script } from './script.ts'

export interface CacheSettings {
  /** What all keys in Redis begin with. */
  readonly prefix: string
  /** Milliseconds after which every entry vanishes, if not before. */
  readonly ttlMsMax: number
}
/** Bytes of values after which a page ends early. */
const pageBytesMax = 4 * 1024 * 1024

export function createRedisCacheStore(
  connection: Connection,
  { prefix, ttlMsMax }: CacheSettings,
  ids: Pick<Ids, 'newId'>,
): CacheStore {
  const epoch = `${prefix}epoch`
  const epochOf = (tenant: string): string => `${epoch}:${tenant}`
  const run = (script: Script, tenant: string, ...values: string[]): Promise<unknown> =>
    connection.call((client) => runScript(client, script, [epoch, epochOf(tenant)], [prefix, tenant, ...values]))
  const count = async (tenant: string, range: readonly [string, string]): Promise<number> =>
    Number(await run(countEntries, tenant, ...range))
  const total = async (tenant: string | undefined): Promise<number> =>
    tenant === undefined ? Number(await run(countAll, '')) : count(tenant, rangeOf('', undefined))

  return {
    get: async (key) => {
      checkCacheKey(key)
      const { tenant } = key
      const keys = [epoch, epochOf(tenant), `${prefix}value:${Buffer.byteLength(tenant)}:${tenant}:${key.key}`]
      const [all, own, value] = await connection.call((client) => client.mGet(keys))
      const mark = `${all}.${own}:`
      return value?.startsWith(mark) === true ? value.slice(mark.length) : undefined
    },
    set: async (key, value, options) => {
      checkCacheEntry(key, value, options)
      const ttlMs = Math.min(options?.ttlMs ?? ttlMsMax, ttlMsMax)
      await run(setEntry, key.tenant, key.key, value, String(ttlMs), String(ttlMsMax), ids.newId())
    },
    list: async (tenant, page) => {
      const asked = askEntries(tenant, page)
      const { limit, offset, withTotal } = asked
      const range = rangeOf(page?.prefix ?? '', asked.after?.[0])
      const bounds = [offset, limit + 1, pageBytesMax].map(String)
      const [endedEarly, ...cells] = (await run(listEntries, tenant, ...range, ...bounds)) as readonly unknown[]
      const entries = entriesOf(tenant, cells)
      const shown = endedEarly === 1 ? Math.min(limit, entries.length - 1) : limit
      const counted = withTotal ? await count(tenant, rangeOf(page?.prefix ?? '', undefined)) : undefined
      return pageOf({ ...asked, limit: shown }, entries, ({ key }) => [key], counted)
    },
    delete: async (key) => {
      checkCacheKey(key)
      return (await run(deleteEntry, key.tenant, key.key)) === 1
    },
    total: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return total(tenant)
    },
    flush: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      const key = tenant === undefined ? epoch : epochOf(tenant)
      await connection.call((client) => client.set(key, ids.newId(), { expiration: { type: 'PX', value: ttlMsMax } }))
    },
    info: async () => ({
      store: 'cache',
      backend: 'redis',
      readOnly: false,
      items: await total(undefined),
      details: { address: connection.address, prefix },
    }),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  }
}

/** Keys that begin with a prefix, or come after one of them, in the form of ZRANGEBYLEX. */
function rangeOf(prefix: string, after: string | undefined): readonly [string, string] {
  const end = afterPrefix(prefix)
  return [after === undefined ? `[${prefix}` : `(${after}`, end === undefined ? '+' : `(${end}`]
}

/** Cells are key, value and milliseconds left of each entry in turn. */
function entriesOf(tenant: string, cells: readonly unknown[]): readonly CacheEntry[] {
  const entries: CacheEntry[] = []
  for (let at = 0; at < cells.length; at += 3) {
    const [key, value, leftMs] = cells.slice(at, at + 3)
    entries.push({ tenant, key: String(key), value: String(value), expiresInMs: Math.max(1, Number(leftMs)) })
  }
  return entries
}
