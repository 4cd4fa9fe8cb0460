// Reads of one view over one connection: the main thread uses the short ones, the reader thread lists and searches.
import { pageLimit, pageOffset } from '@gesta/core/ports'
import type {
  Checkpoint,
  KeyedRow,
  RowFilter,
  RowKey,
  RowPath,
  RowRange,
  SqlStatement,
  SqlValue,
  View,
} from '@gesta/core/ports'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Cell, Database } from './database.ts'
import { keptStatements } from './kept-statements.ts'
import { createOwnSql } from './own-sql.ts'
import { createParkedReader } from './view-parked.ts'
import type { ParkedReader } from './view-parked.ts'

interface RowsAndTotal {
  readonly rows: readonly string[]
  readonly total: number
}
export interface ViewReader extends ParkedReader {
  checkpoint(): Checkpoint | undefined
  load(keys: readonly RowKey[]): readonly (string | undefined)[]
  list(tenant: string, range: RowRange): RowsAndTotal
  find(tenant: string, filter: RowFilter): RowsAndTotal
  scan(page: NonNullable<Parameters<View['scan']>[0]>): readonly KeyedRow[]
  /** Errors: `StatementRefused`. */
  select(statement: SqlStatement): readonly { readonly [column: string]: SqlValue }[]
  close(): void
}

const readCheckpoint = 'SELECT incarnation, position, event_id FROM checkpoint WHERE id = 1'
const readRow = 'SELECT value FROM rows WHERE tenant = ? AND key = ?'
/** No row lies before the empty texts: a key is never empty. */
const scanRows = 'SELECT tenant, key, value FROM rows WHERE (tenant, key) > (?, ?) ORDER BY tenant, key LIMIT ?'

/** A question to a view that a reader thread answers. */
export type ViewQuestion = {
  readonly [Name in Exclude<keyof ViewReader, 'close'>]: {
    readonly ask: Name
    readonly given: Parameters<ViewReader[Name]>
  }
}[Exclude<keyof ViewReader, 'close'>]

export function createViewReader(db: Database): ViewReader {
  const checkpoint = prepareRows(db, readCheckpoint)
  const row = prepareRows(db, readRow)
  const own = createOwnSql(db, 'read')
  const statement = keptStatements((sql) => prepareRows(db, sql))
  /** A page and the number of all rows, both of one moment. */
  const page = (where: Condition, order: Condition, limit: number, offset: number): RowsAndTotal => {
    db.exec('BEGIN')
    try {
      const total = Number(firstRow(statement(`SELECT count(*) FROM rows WHERE ${where.sql}`), ...where.values)?.[0])
      const rows = allRows(
        statement(`SELECT value FROM rows WHERE ${where.sql} ORDER BY ${order.sql} LIMIT ? OFFSET ?`),
        ...where.values,
        ...order.values,
        limit,
        offset,
      )
      return { rows: rows.map(([value]) => String(value)), total }
    } finally {
      db.exec('COMMIT')
    }
  }
  return {
    checkpoint: () => {
      const found = firstRow(checkpoint)
      return found && { incarnation: String(found[0]), position: Number(found[1]), eventId: String(found[2]) }
    },
    load: (keys) => keys.map(({ tenant, key }) => firstRow(row, tenant, key)?.[0] as string | undefined),
    list: (tenant, { from, to, limit, offset }) => {
      const where = [{ sql: 'tenant = ?', values: [tenant] }]
      if (from !== undefined) where.push({ sql: 'key >= ?', values: [from] })
      if (to !== undefined) where.push({ sql: 'key <= ?', values: [to] })
      return page(all(where), byKey, pageLimit(limit, 100), pageOffset(offset))
    },
    find: (tenant, { equals, orderBy, limit, offset }) => {
      const where = [
        { sql: 'tenant = ?', values: [tenant] as Cell[] },
        ...equals.map(({ path, value }) => equalsSql(path, value)),
      ]
      return page(
        all(where),
        orderBy === undefined ? byKey : orderSql(orderBy),
        pageLimit(limit, 100),
        pageOffset(offset),
      )
    },
    scan: ({ after = { tenant: '', key: '' }, limit }) =>
      allRows(statement(scanRows), after.tenant, after.key, pageLimit(limit, 1_000)).map(([tenant, key, value]) => ({
        tenant: String(tenant),
        key: String(key),
        value: String(value),
      })),
    select: own.rows,
    ...createParkedReader(db),
    close: () => db.close(),
  }
}

interface Condition {
  readonly sql: string
  readonly values: readonly Cell[]
}
const byKey: Condition = { sql: 'key', values: [] }

function all(conditions: readonly Condition[]): Condition {
  return { sql: conditions.map(({ sql }) => sql).join(' AND '), values: conditions.flatMap(({ values }) => values) }
}

/** A JSON path; each step is a field name, quoted as JSON. */
function jsonPath(path: RowPath): string {
  return `$${path.map((step) => `.${JSON.stringify(step)}`).join('')}`
}

function equalsSql(path: RowPath, value: string | number | boolean | null): Condition {
  const at = jsonPath(path)
  if (value === null) return { sql: `coalesce(json_type(value, ?), 'null') = 'null'`, values: [at] }
  if (typeof value === 'boolean') return { sql: `json_type(value, ?) = ?`, values: [at, String(value)] }
  // Both sides are doubles, as in JSON.parse; SQLite alone would compare long integers digit by digit.
  if (typeof value === 'number')
    return {
      sql: `json_type(value, ?) IN ('integer', 'real') AND CAST(json_extract(value, ?) AS REAL) = CAST(? AS REAL)`,
      values: [at, at, value],
    }
  // The text goes through JSON on both sides, so that what UTF-8 cannot say compares equal too.
  return {
    sql: `json_type(value, ?) = 'text' AND json_extract(value, ?) = json_extract(?, '$')`,
    values: [at, at, JSON.stringify(value)],
  }
}

/** Absent and null first, then false, true, numbers, texts by code point (the order of UTF-8 bytes), arrays and objects; then by key. */
function orderSql(path: RowPath): Condition {
  const at = jsonPath(path)
  const rank = `CASE coalesce(json_type(value, ?), 'null') WHEN 'null' THEN 0 WHEN 'false' THEN 1 WHEN 'true' THEN 2 WHEN 'integer' THEN 3 WHEN 'real' THEN 3 WHEN 'text' THEN 4 ELSE 5 END`
  const within = `CASE json_type(value, ?) WHEN 'integer' THEN CAST(json_extract(value, ?) AS REAL) WHEN 'real' THEN json_extract(value, ?) WHEN 'text' THEN json_extract(value, ?) END`
  return { sql: `${rank}, ${within}, key`, values: [at, at, at, at, at] }
}
