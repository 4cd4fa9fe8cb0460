// The cache store on PostgreSQL: one table for all tenants, shared by all processes and bounded in bytes. Times are the server's.
import { afterPrefix, askEntries, checkCacheEntry, checkCacheKey, checkTenant } from '@gesta/core/ports'
import type { CacheEntry, CacheStore, Ids } from '@gesta/core/ports'
import { createWhere } from './conditions.ts'
import { readPage } from './pages.ts'
import type { StoreAccess } from './store-access.ts'

/** What an entry costs beside its texts. */
const entryBytes = 64
/** Counting all entries reads them all, so a process looks whether there is room when it has written this part of the bound. */
const looksPerBound = 64

/** `s`: the schema, quoted. */
function statements(s: string) {
  const isEntry = `${s}.index_key(tenant) = ${s}.index_key($1) AND key = $2`
  const isAlive = '(expires_at IS NULL OR expires_at > clock_timestamp())'
  const ofTenant = `($1::text IS NULL OR ${s}.index_key(tenant) = ${s}.index_key($1))`
  return {
    isAlive,
    get: `SELECT value FROM ${s}.entries WHERE ${isEntry} AND ${isAlive}`,
    set: `INSERT INTO ${s}.entries AS e (tenant, key, value, bytes, expires_at)
      SELECT $1, $2, $3, $4, clock_timestamp() + $5::bigint * interval '1 millisecond'
      FROM (SELECT set_config('synchronous_commit', 'off', true)) pinned
      ON CONFLICT (${s}.index_key(tenant), key) DO UPDATE SET
        id = DEFAULT, value = excluded.value, bytes = excluded.bytes, expires_at = excluded.expires_at`,
    makeRoom: `SELECT ${s}.make_room($1)`,
    remove: `DELETE FROM ${s}.entries WHERE ${isEntry} RETURNING ${isAlive}`,
    total: `SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM ${s}.entries WHERE ${ofTenant} AND ${isAlive}`,
    flush: `DELETE FROM ${s}.entries WHERE ${ofTenant}`,
  }
}

/** `bytesMax` bounds what all entries have together, in bytes of keys and values; each process may be a 64th of it beyond. */
export function createPostgresCacheStore(access: StoreAccess, ids: Pick<Ids, 'random'>, bytesMax: number): CacheStore {
  const { schema: s, read, write } = access
  const sql = statements(s)
  // Processes that end soon look now and then, too.
  let bytesToLook = (ids.random() * bytesMax) / looksPerBound
  const extent = async (tenant?: string): Promise<{ readonly items: number; readonly bytes: number }> => {
    if (tenant !== undefined) checkTenant(tenant)
    const [[items, bytes] = []] = await read(sql.total, [tenant ?? null])
    return { items: Number(items), bytes: Number(bytes) }
  }
  return {
    get: async (key) => {
      checkCacheKey(key)
      const [row] = await read(sql.get, [key.tenant, key.key])
      return row && String(row[0])
    },
    set: async (key, value, options) => {
      checkCacheEntry(key, value, options)
      const bytes = entryBytes + Buffer.byteLength(key.tenant + key.key + value)
      if (bytes > bytesMax) return void (await write(sql.remove, [key.tenant, key.key]))
      await write(sql.set, [key.tenant, key.key, value, bytes, options?.ttlMs ?? null])
      bytesToLook -= bytes
      if (bytesToLook > 0) return
      bytesToLook = bytesMax / looksPerBound
      await write(sql.makeRoom, [bytesMax])
    },
    list: async (tenant, page) => {
      const asked = askEntries(tenant, page)
      const prefix = page?.prefix ?? ''
      const where = createWhere()
      where.and(tenant, (text) => `${s}.index_key(tenant) = ${s}.index_key(${where.bind(text)})`)
      where.and(prefix, (text) => `key >= ${where.bind(text)}`)
      where.and(afterPrefix(prefix), (text) => `key < ${where.bind(text)}`)
      where.and(sql.isAlive, (alive) => alive)
      const list = {
        columns: 'key, value, ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::float8',
        from: `FROM ${s}.entries`,
        order: ['key'],
        isDescending: false,
        bytes: 'bytes',
        toItem: ([key, value, leftMs]: readonly unknown[]): CacheEntry => ({
          tenant,
          key: String(key),
          value: String(value),
          expiresInMs: leftMs === null ? undefined : Math.max(1, Number(leftMs)),
        }),
        keyOf: ({ key }: CacheEntry) => [key] as const,
      }
      return readPage(read, list, where, asked)
    },
    delete: async (key) => {
      checkCacheKey(key)
      return (await write(sql.remove, [key.tenant, key.key]))[0]?.[0] === true
    },
    total: async (tenant) => (await extent(tenant)).items,
    flush: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      await write(sql.flush, [tenant ?? null])
    },
    info: async () => {
      const { items, bytes } = await extent()
      return { store: 'cache', backend: 'postgres', readOnly: false, items, details: { bytes, bytesMax } }
    },
    [Symbol.asyncDispose]: async () => access.close(),
  }
}
