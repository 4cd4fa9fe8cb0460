// Reads of the audit log over one connection, in a reader thread: chains as they are stored, and lists by what entries say.
import type { AskedPage, AuditFilter, AuditHead, ReadAudit } from '@gesta/core/ports'
import { auditCells, auditColumns, auditData, readChain, readHeads } from './audit-rows.ts'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { eachRow, firstRow } from './database.ts'
import type { Cell, Database, Row, Statement } from './database.ts'
import { compare, equal, everyTenant } from './list-conditions.ts'
import { flattenRows } from './row-cells.ts'
import type { SentCells } from './row-cells.ts'
import { shortPage } from './short-page.ts'

/** What the reader thread is asked; `given` are the arguments. */
export type AuditQuestion = {
  readonly [Name in keyof AuditReader]: { readonly ask: Name; readonly given: Parameters<AuditReader[Name]> }
}[keyof AuditReader]
interface ListedAudit {
  readonly cells: SentCells
  readonly limit: number
  readonly total: number | undefined
}
export interface AuditReader {
  list(filter: AuditFilter, asked: AskedPage<readonly [string, number]>): ListedAudit
  total(filter: AuditFilter): number
  /** Cells of entries. */
  chain(read: ReadAudit & { readonly limit: number }): SentCells
  heads(after: string | undefined, limit: number): readonly AuditHead[]
}

/** How rows are reached: each way is an index. All but the one by time lie in the order of lists. */
type Way = 'resource' | 'actor' | 'action' | 'time' | 'chain'
const indexOf: { readonly [Name in Way]: string } = {
  resource: 'audit_log_resource',
  actor: 'audit_log_actor',
  action: 'audit_log_action',
  time: 'audit_log_time',
  chain: 'audit_log_chain',
}
/** Characters of data after which a page of a chain ends. */
const pageCharacters = 8_388_608

/** `fewMax`: rows that are counted, to learn which way is short, and that are sorted rather than met. */
export function createAuditReader(db: Database, fewMax = 10_000): AuditReader {
  const statement = createStatements(db)
  const count = (from: string, { sql, values }: Condition): number =>
    Number(firstRow(statement(`SELECT count(*) FROM ${from} WHERE ${sql}`), ...values)?.[0])
  const rowsOf = (way: Way, filter: AuditFilter): number => {
    const { sql, values } = allOf(narrowing(way, filter))
    const some = `(SELECT 1 FROM audit_log INDEXED BY ${indexOf[way]} WHERE ${sql} LIMIT ${fewMax + 1})`
    return count(some, { sql: 'true', values })
  }
  /** The shortest way; of long ones the first that lies in the order of the list. */
  const wayTo = (filter: AuditFilter): Way => {
    const { resource, actor, action, from, to } = filter
    const ways: Way[] = []
    if (resource !== undefined) ways.push('resource')
    if (actor !== undefined) ways.push('actor')
    if (action !== undefined) ways.push('action')
    const [inOrder = 'chain'] = ways
    if (from !== undefined || to !== undefined) ways.push('time')
    if (ways.length === 0 || (ways.length === 1 && inOrder !== 'chain')) return inOrder
    const [shortest] = ways.map((way) => ({ way, rows: rowsOf(way, filter) })).toSorted((a, b) => a.rows - b.rows)
    return shortest !== undefined && shortest.rows <= fewMax ? shortest.way : inOrder
  }
  const total = (filter: AuditFilter, way: Way = wayTo(filter)): number =>
    count(`audit_log INDEXED BY ${indexOf[way]}`, matching(filter, way))
  /** One transaction, so that page and total are of one moment. */
  const atOnce = <Result>(read: () => Result): Result => {
    db.exec('BEGIN')
    try {
      return read()
    } finally {
      db.exec('COMMIT')
    }
  }

  return {
    list: (filter, { after, offset, limit, withTotal }) =>
      atOnce(() => {
        const [down, beyond] = filter.order === 'oldest' ? ['', '>'] : [' DESC', '<']
        const way = wayTo(filter)
        const where = allOf([
          matching(filter, way),
          after && { sql: `(tenant, sequence) ${beyond} (?, ?)`, values: after },
        ])
        const page = statement(
          `SELECT ${auditColumns} FROM audit_log INDEXED BY ${indexOf[way]} WHERE ${where.sql} ORDER BY tenant${down}, sequence${down} LIMIT ? OFFSET ?`,
        )
        const found = shortPage(eachWhole(page, ...where.values, limit + 1, offset), limit, (row) => row, charactersOf)
        const cells = flattenRows(found.items, auditCells)
        return { cells, limit: found.limit, total: withTotal ? total(filter, way) : undefined }
      }),
    total,
    chain: ({ tenant, after, limit }) => {
      const rows: Row[] = []
      let characters = 0
      for (const row of eachWhole(statement(readChain), tenant, after)) {
        // Who reads on asks for what comes after a sequence: a second entry of the same one must not hide between two pages.
        const isFull = rows.length >= limit || characters >= pageCharacters
        if (isFull && row[1] !== rows.at(-1)?.[1]) break
        rows.push(row)
        characters += charactersOf(row)
      }
      return flattenRows(rows, auditCells)
    },
    heads: (after, limit) =>
      [...eachWhole(statement(readHeads(after !== undefined)), ...(after === undefined ? [] : [after]), limit)].map(
        ([tenant, sequence, hash]) => ({ tenant: String(tenant), sequence: Number(sequence), hash: String(hash) }),
      ),
  }
}

function charactersOf(row: Row): number {
  return String(row[auditData]).length
}

/** What a way's index is asked for. */
function narrowing(way: Way, { tenant, resource, actor, action, from, to }: AuditFilter): (Condition | undefined)[] {
  const ofTenant = equal('tenant', tenant)
  if (way === 'resource') return [equal('resource', resource), ofTenant]
  if (way === 'actor') return [equal('actor', actor), ofTenant]
  if (way === 'action') return [equal('action', action), ofTenant]
  if (way === 'chain') return [ofTenant]
  return [
    ofTenant ?? { sql: `tenant IN (${everyTenant('audit_log')})`, values: [] },
    compare('recorded_at >= ?', from),
    compare('recorded_at < ?', to),
  ]
}

/** Chains begin at 1: what somebody put before that belongs to none, and is no entry. */
function matching(filter: AuditFilter, way: Way): Condition {
  const { resource, actor, action, outcome, from, to } = filter
  return allOf([
    ...narrowing(way, filter),
    way === 'resource' ? undefined : equal('resource', resource),
    way === 'actor' ? undefined : equal('actor', actor),
    way === 'action' ? undefined : equal('action', action),
    equal('outcome', outcome),
    way === 'time' ? undefined : compare('recorded_at >= ?', from),
    way === 'time' ? undefined : compare('recorded_at < ?', to),
    { sql: 'sequence > 0', values: [] },
  ])
}

/** Rows with whole numbers of any size, which SQLite keeps and somebody may have written: too large ones are rounded, not refused. */
function* eachWhole(statement: Statement, ...values: readonly Cell[]): Generator<Row> {
  statement.setReadBigInts(true)
  for (const row of eachRow(statement, ...values) as Iterable<readonly (Cell | bigint)[]>)
    yield row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell))
}
