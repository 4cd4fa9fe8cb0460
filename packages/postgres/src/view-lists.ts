// Rows of a view in pages: by key, by content in the order that all backends share, and all there are. Each page is one statement, so
// page and total are of one moment.
import { pageLimit, pageOffset } from '@gesta/core/ports'
import type { KeyedRow, RowFilter, RowKey, RowPath, RowRange } from '@gesta/core/ports'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Value } from './driver.ts'
import { comparable } from './json-content.ts'
import type { Pool } from './pool.ts'

interface RowsAndTotal {
  readonly rows: readonly string[]
  readonly total: number
}
export interface ViewLists {
  list(tenant: string, range: RowRange): Promise<RowsAndTotal>
  find(tenant: string, filter: RowFilter): Promise<RowsAndTotal>
  /** Rows of all tenants after this one. */
  scan(after: RowKey | undefined, limit: number | undefined): Promise<readonly KeyedRow[]>
}

/** With what `index_key` begins for tenants that are indexed by a digest, and what lies behind all of those. */
const longTenants = { from: '*'.repeat(241), to: `${'*'.repeat(240)}+` }

/** `s`: the schema, quoted; `id`: the view's. */
export function createViewLists(pool: Pick<Pool, 'read' | 'readLong'>, s: string, id: number): ViewLists {
  const isTenant = ({ bind }: Where, tenant: string): string =>
    `${s}.index_key(v.tenant) = ${s}.index_key(${bind(tenant)})`
  const page = async (
    from: string,
    where: Where,
    order: string,
    limit: number,
    offset: number,
  ): Promise<RowsAndTotal> => {
    const rows = `FROM ${from} WHERE ${where.sql}`
    const found = await pool.readLong(
      `SELECT t.total, p.value FROM (SELECT count(*) AS total ${rows}) t LEFT JOIN (
        SELECT f.value, row_number() OVER () AS number FROM (
          SELECT v.value ${rows} ORDER BY ${order} LIMIT ${where.bind(limit)} OFFSET ${where.bind(offset)}
        ) f
      ) p ON true ORDER BY p.number`,
      where.values,
    )
    // An empty page is one row that has the total only.
    return { rows: found.flatMap(([, value]) => (value === null ? [] : [String(value)])), total: Number(found[0]?.[0]) }
  }

  return {
    list: (tenant, { from, to, limit, offset }) => {
      const where = createWhere()
      where.and(tenant, (text) => isTenant(where, text))
      where.and(from, (text) => `v.key >= ${where.bind(text)}`)
      where.and(to, (text) => `v.key <= ${where.bind(text)}`)
      return page(`${s}.view_${id} v`, where, 'v.key', pageLimit(limit, 100), pageOffset(offset))
    },
    find: (tenant, { equals, orderBy, limit, offset }) => {
      const where = createWhere()
      // OFFSET keeps the planner from parsing a row once per question.
      const from = `(SELECT v.key, v.value, coalesce(v.content, v.value::jsonb) AS content FROM ${s}.view_${id} v
        WHERE ${isTenant(where, tenant)} OFFSET 0) v`
      for (const { path, value } of equals) where.and(value, () => isEqual(where.bind, path, value))
      const order = orderBy === undefined ? 'v.key' : `${orderOf(where.bind, orderBy)}, v.key`
      return page(from, where, order, pageLimit(limit, 100), pageOffset(offset))
    },
    scan: async (after, limit) => {
      const { bind, values } = createWhere()
      const [from, to] = [bind(longTenants.from), bind(longTenants.to)]
      const [tenant, key, count] = [bind(after?.tenant ?? ''), bind(after?.key ?? ''), bind(pageLimit(limit, 1000))]
      const place = `${s}.index_key(v.tenant)`
      const isLong = `${place} >= ${from} AND ${place} < ${to}`
      // The index has its order for all tenants but very long ones, which are few if any: those are looked through for each page.
      const rows = await pool.read(
        `SELECT f.tenant, f.key, f.value FROM (
          (SELECT v.tenant, v.key, v.value FROM ${s}.view_${id} v WHERE (${place}, v.key) > (${tenant}, ${key})
            AND NOT (${isLong}) ORDER BY ${place}, v.key LIMIT ${count})
          UNION ALL
          (SELECT v.tenant, v.key, v.value FROM ${s}.view_${id} v WHERE ${isLong} AND (v.tenant, v.key) > (${tenant}, ${key})
            ORDER BY v.tenant, v.key LIMIT ${count})
        ) f ORDER BY f.tenant, f.key LIMIT ${count}`,
        values,
      )
      return rows.map(([ofTenant, ofKey, value]) => ({
        tenant: String(ofTenant),
        key: String(ofKey),
        value: String(value),
      }))
    },
  }
}

type Bind = (value: Value) => string

/** What lies at a path; NULL when there is nothing. A field's name as text goes through objects only, not through arrays. */
function at(bind: Bind, path: RowPath): string {
  return `(v.content${path.map((step) => ` -> ${bind(comparable(step))}::text`).join('')})`
}

function isEqual(bind: Bind, path: RowPath, value: string | number | boolean | null): string {
  const found = at(bind, path)
  if (value === null) return `coalesce(jsonb_typeof(${found}), 'null') = 'null'`
  if (typeof value === 'boolean') return `${found} = '${value}'::jsonb`
  // Both sides are doubles, as in JSON.parse.
  if (typeof value === 'number') return `${numberOf(found)} = ${bind(value)}::float8`
  return `${found} = to_jsonb(${bind(comparable(value))}::text)`
}

/** Absent and null first, then false, true, numbers, texts by code point, arrays and objects. */
function orderOf(bind: Bind, path: RowPath): string {
  const found = at(bind, path)
  const rank = `CASE jsonb_typeof(${found}) WHEN 'boolean' THEN CASE WHEN ${found} = 'true'::jsonb THEN 2 ELSE 1 END
    WHEN 'number' THEN 3 WHEN 'string' THEN 4 WHEN 'array' THEN 5 WHEN 'object' THEN 5 ELSE 0 END`
  const text = `CASE jsonb_typeof(${found}) WHEN 'string' THEN ${found} #>> '{}' END COLLATE "C"`
  return `${rank}, ${numberOf(found)}, ${text}`
}

function numberOf(found: string): string {
  return `CASE jsonb_typeof(${found}) WHEN 'number' THEN (${found} #>> '{}')::float8 END`
}
