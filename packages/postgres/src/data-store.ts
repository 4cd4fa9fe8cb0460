// The data store on PostgreSQL: each object is one row.
import { hash } from 'node:crypto'
import { afterPrefix, askObjects, checkNewObject, checkObjectKey, checkTenant } from '@gesta/core/ports'
import type { AskedPage, Clock, DataStore, DataUsage, ObjectFilter, ObjectHead, ObjectKey } from '@gesta/core/ports'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Cell, Row } from './driver.ts'
import { readPage } from './pages.ts'
import type { StoreAccess } from './store-access.ts'

const headColumns = 'tenant, bucket, object, content_type, is_public, bytes, hash, stored_at'

/** `s`: the schema, quoted. */
function statements(s: string) {
  const isObject = `${s}.index_key(tenant) = ${s}.index_key($1) AND ${s}.index_key(bucket) = ${s}.index_key($2) AND object = $3`
  const ofTenant = `$1::text IS NULL OR ${s}.index_key(tenant) = ${s}.index_key($1)`
  const replace = `ON CONFLICT (${s}.index_key(tenant), ${s}.index_key(bucket), object) DO UPDATE SET
    content_type = excluded.content_type, is_public = excluded.is_public, bytes = excluded.bytes, hash = excluded.hash,
    stored_at = excluded.stored_at, content = excluded.content RETURNING ${headColumns}`
  return {
    get: `SELECT ${headColumns}, content FROM ${s}.objects WHERE ${isObject}`,
    head: `SELECT ${headColumns} FROM ${s}.objects WHERE ${isObject}`,
    set: `INSERT INTO ${s}.objects (${headColumns}, content)
      SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::bytea FROM ${s}.begin_change(true) ${replace}`,
    copy: `INSERT INTO ${s}.objects (${headColumns}, content)
      SELECT tenant, $4, $5, content_type, is_public, bytes, hash, $6, content FROM ${s}.objects, ${s}.begin_change(true)
      WHERE ${isObject} ${replace}`,
    remove: `DELETE FROM ${s}.objects USING ${s}.begin_change(true) WHERE ${isObject} RETURNING true`,
    usage: `SELECT count(DISTINCT (tenant, bucket)), count(*), coalesce(sum(bytes), 0)::bigint FROM ${s}.objects WHERE ${ofTenant}`,
    reset: `DELETE FROM ${s}.objects USING ${s}.begin_change(true) WHERE ${ofTenant}`,
  }
}

export function createPostgresDataStore(access: StoreAccess, clock: Pick<Clock, 'nowUs'>): DataStore {
  const { schema: s, read, write } = access
  const sql = statements(s)
  const usage = async (tenant: string | undefined): Promise<DataUsage> => {
    if (tenant !== undefined) checkTenant(tenant)
    const [[buckets, objects, bytes] = []] = await read(sql.usage, [tenant ?? null])
    return { buckets: Number(buckets), objects: Number(objects), bytes: Number(bytes) }
  }
  return {
    get: async (key) => {
      checkObjectKey(key)
      const [row] = await read(sql.get, cellsOf(key))
      return row && { ...toHead(row), content: bytesOf(row[8]) }
    },
    head: async (key) => {
      checkObjectKey(key)
      const [row] = await read(sql.head, cellsOf(key))
      return row && toHead(row)
    },
    set: async (object) => {
      checkNewObject(object)
      const { contentType, isPublic = false } = object
      // A copy: the caller may go on with its own bytes at once.
      const content = Buffer.from(object.content)
      const facts = [contentType, isPublic, content.byteLength, hash('sha256', content, 'hex'), clock.nowUs()]
      const [row] = await write(sql.set, [...cellsOf(object), ...facts, content])
      return toHead(row as Row)
    },
    copy: async (from, to) => {
      checkObjectKey(from)
      checkObjectKey({ ...to, tenant: from.tenant })
      const [row] = await write(sql.copy, [...cellsOf(from), to.bucket, to.object, clock.nowUs()])
      return row && toHead(row)
    },
    list: async (filter, page) => {
      const asked = askObjects(filter, page)
      const where = matching(s, filter)
      const from = `FROM ${s}.objects`
      const list = {
        columns: headColumns,
        from: filter.bucket === undefined ? fromEachBucket(s, filter.tenant, where, asked) : from,
        countFrom: from,
        order: ['bucket', 'object'],
        isDescending: false,
        bytes: '0',
        toItem: toHead,
        keyOf: ({ bucket, object }: ObjectHead) => [bucket, object] as const,
      }
      return readPage(read, list, where, asked)
    },
    delete: async (key) => {
      checkObjectKey(key)
      return (await write(sql.remove, cellsOf(key))).length === 1
    },
    usage,
    total: async (tenant) => (await usage(tenant)).objects,
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      await write(sql.reset, [tenant ?? null])
    },
    info: async () => {
      const details = { ...(await usage(undefined)) }
      return { store: 'data', backend: 'postgres', readOnly: false, items: details.objects, details }
    },
    [Symbol.asyncDispose]: async () => access.close(),
  }
}

function matching(s: string, { tenant, bucket, prefix = '' }: ObjectFilter): Where {
  const where = createWhere()
  const { and, bind } = where
  and(tenant, (text) => `${s}.index_key(tenant) = ${s}.index_key(${bind(text)})`)
  // Said twice: found by the index, and known to be one bucket, so that the index has the list's order.
  and(bucket, (text) => `${s}.index_key(bucket) = ${s}.index_key(${bind(text)}) AND bucket = ${bind(text)}`)
  and(prefix, (text) => `object >= ${bind(text)}`)
  and(afterPrefix(prefix), (text) => `object < ${bind(text)}`)
  return where
}

/**
 * From each bucket of a tenant what a page could need of it, bucket by bucket: the index has the buckets in another order than the
 * list, and all objects of a tenant are too many to sort. The buckets are found by one look each.
 */
function fromEachBucket(
  s: string,
  tenant: string,
  { sql, bind }: Where,
  { after, limit, offset }: AskedPage<readonly [string, string]>,
): string {
  const isTenant = `${s}.index_key(tenant) = ${s}.index_key(${bind(tenant)})`
  const next = (behind: string): string => `SELECT ${s}.index_key(bucket) AS name, bucket FROM ${s}.objects
      WHERE ${isTenant} AND ${behind} ORDER BY ${s}.index_key(bucket) LIMIT 1`
  const [first, last] = after === undefined ? [] : [bind(after[0]), bind(after[1])]
  const [isAhead, isBehind] =
    first === undefined
      ? ['true', 'true']
      : [`bucket >= ${first}`, `object > CASE WHEN b.bucket = ${first} THEN ${last} ELSE '' END`]
  return `FROM (
      WITH RECURSIVE buckets (name, bucket) AS (
        (${next('true')}) UNION ALL
        SELECT n.name, n.bucket FROM buckets l CROSS JOIN LATERAL (${next(`${s}.index_key(bucket) > l.name`)}) n
      )
      SELECT o.* FROM (SELECT name, bucket FROM buckets WHERE ${isAhead} ORDER BY bucket) b CROSS JOIN LATERAL (
        SELECT ${headColumns} FROM ${s}.objects
        WHERE ${sql} AND ${s}.index_key(objects.bucket) = b.name AND ${isBehind}
        ORDER BY object LIMIT ${bind(limit + 1 + offset)}
      ) o
    ) objects`
}

function cellsOf({ tenant, bucket, object }: ObjectKey): readonly [string, string, string] {
  return [tenant, bucket, object]
}

/** `\x` and hexadecimal digits. */
function bytesOf(cell: Cell | undefined): Uint8Array {
  return Buffer.from(String(cell).slice(2), 'hex')
}

/** In the order of `headColumns`. */
function toHead([tenant, bucket, object, contentType, isPublic, bytes, digest, storedAt]: Row): ObjectHead {
  return {
    tenant: String(tenant),
    bucket: String(bucket),
    object: String(object),
    contentType: String(contentType),
    isPublic: isPublic === true,
    bytes: Number(bytes),
    hash: String(digest),
    storedAt: Number(storedAt),
  }
}
