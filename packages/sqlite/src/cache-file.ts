// The file of cache entries, `<path>.cache`. It never waits for the disk: a power cut takes the last entries, never the file. It is
// bounded: what is expired goes first, then what was written the longest ago.
import { afterPrefix } from '@gesta/core/ports'
import type { CacheEntry, CacheKey } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import { allRows, eachRow, firstRow } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { entries } from './migrations/cache/0001-entries.ts'
import { shortPage } from './short-page.ts'
import type { ShortPage } from './short-page.ts'
import { fileBytes, transaction } from './side-file.ts'
import type { SideFile } from './side-file.ts'

const isAlive = '(expires_at IS NULL OR expires_at > ?)'
const readEntry = `SELECT value FROM entries WHERE tenant = ? AND key = ? AND ${isAlive}`
const writeEntry = 'INSERT INTO entries (tenant, key, bytes, expires_at, value) VALUES (?, ?, ?, ?, ?)'
const deleteEntry = 'DELETE FROM entries WHERE tenant = ? AND key = ? RETURNING bytes, expires_at'
const deleteExpired = 'DELETE FROM entries WHERE expires_at <= ? RETURNING bytes'
const deleteOldest = 'DELETE FROM entries WHERE id IN (SELECT id FROM entries ORDER BY id LIMIT 100) RETURNING bytes'
const deleteTenant = 'DELETE FROM entries WHERE tenant = ? RETURNING bytes'
const deleteAll = 'DELETE FROM entries'
const sumBytes = 'SELECT coalesce(sum(bytes), 0) FROM entries'
const countAlive = `SELECT count(*) FROM entries WHERE ${isAlive}`
/** What an entry costs in the file beside its texts. */
const entryBytes = 64

interface AskedEntries {
  readonly tenant: string
  readonly prefix: string
  readonly after: string | undefined
  readonly offset: number
  readonly limit: number
  readonly withTotal: boolean
}
interface NewEntry extends CacheKey {
  readonly value: string
  readonly ttlMs: number | undefined
}
export interface CacheOperations {
  get(key: CacheKey, nowUs: number): string | undefined
  set(entry: NewEntry, bytesMax: number, nowUs: number): void
  list(asked: AskedEntries, nowUs: number): ShortPage<CacheEntry> & { readonly total: number | undefined }
  delete(key: CacheKey, nowUs: number): boolean
  total(tenant: string | undefined, nowUs: number): number
  flush(tenant: string | undefined): void
  details(): { readonly bytes: number; readonly fileBytes: number }
}

export const cacheFile: SideFile<CacheOperations> = {
  kind: {
    applicationId: 0x67657363,
    what: 'a file of cache entries of gesta',
    next: 'Remove the file: nothing depends on it.',
  },
  modules: [{ name: 'cache', migrations: [entries] }],
  settings: 'PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON',
  operations: prepareOperations,
}

function prepareOperations(db: Database): CacheOperations {
  const statement = createStatements(db)
  const first = (sql: string, ...values: readonly Cell[]): Row | undefined => firstRow(statement(sql), ...values)
  /** Bytes of all entries, kept beside them, because counting them for every write would read them all. */
  let bytes = Number(first(sumBytes)?.[0])
  /** Runs a deletion that returns the bytes of what it removed; returns the rows. */
  const remove = (sql: string, ...values: readonly Cell[]): readonly Row[] => {
    const removed = allRows(statement(sql), ...values)
    for (const [removedBytes] of removed) bytes -= Number(removedBytes)
    return removed
  }
  const makeRoom = (needed: number, bytesMax: number, nowUs: number): void => {
    if (bytes + needed > bytesMax) remove(deleteExpired, nowUs)
    while (bytes + needed > bytesMax && remove(deleteOldest).length > 0);
  }
  /** Counts are taken back with what they count. */
  const changing = <Result>(run: () => Result): Result => {
    const before = bytes
    try {
      return transaction(db, run)
    } catch (error) {
      bytes = before
      throw error
    }
  }

  return {
    get: ({ tenant, key }, nowUs) => first(readEntry, tenant, key, nowUs)?.[0] as string | undefined,
    set: ({ tenant, key, value, ttlMs }, bytesMax, nowUs) =>
      changing(() => {
        remove(deleteEntry, tenant, key)
        const needed = entryBytes + Buffer.byteLength(tenant + key + value)
        if (needed > bytesMax) return
        makeRoom(needed, bytesMax, nowUs)
        statement(writeEntry).run(tenant, key, needed, ttlMs === undefined ? null : nowUs + ttlMs * 1000, value)
        bytes += needed
      }),
    list: ({ tenant, prefix, after, offset, limit, withTotal }, nowUs) => {
      const end = afterPrefix(prefix)
      const all = allOf([
        { sql: 'tenant = ?', values: [tenant] },
        { sql: isAlive, values: [nowUs] },
        prefix === '' ? undefined : { sql: 'key >= ?', values: [prefix] },
        end === undefined ? undefined : { sql: 'key < ?', values: [end] },
      ])
      const rest = allOf([all, after === undefined ? undefined : { sql: 'key > ?', values: [after] }])
      const rows = eachRow(
        statement(`SELECT key, value, expires_at FROM entries WHERE ${rest.sql} ORDER BY key LIMIT ? OFFSET ?`),
        ...rest.values,
        limit + 1,
        offset,
      )
      const page = shortPage(
        rows,
        limit,
        (row) => toEntry(tenant, row, nowUs),
        ({ value }) => value.length,
      )
      const count = `SELECT count(*) FROM entries WHERE ${all.sql}`
      return { ...page, total: withTotal ? Number(first(count, ...all.values)?.[0]) : undefined }
    },
    delete: (key, nowUs) =>
      changing(() => {
        const [removed] = remove(deleteEntry, key.tenant, key.key)
        return removed !== undefined && (removed[1] === null || Number(removed[1]) > nowUs)
      }),
    total: (tenant, nowUs) =>
      tenant === undefined
        ? Number(first(countAlive, nowUs)?.[0])
        : Number(first(`${countAlive} AND tenant = ?`, nowUs, tenant)?.[0]),
    flush: (tenant) =>
      changing(() => {
        if (tenant !== undefined) return void remove(deleteTenant, tenant)
        statement(deleteAll).run()
        bytes = 0
      }),
    details: () => ({ bytes, fileBytes: fileBytes(db) }),
  }
}

function toEntry(tenant: string, [key, value, expiresAt]: Row, nowUs: number): CacheEntry {
  const leftMs = expiresAt === null ? undefined : Math.max(1, Math.ceil((Number(expiresAt) - nowUs) / 1000))
  return { tenant, key: String(key), value: String(value), expiresInMs: leftMs }
}
