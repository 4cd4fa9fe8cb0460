// Lists and counts over the log, on a connection of the reader thread. How a list is read depends on how many rows its tenant (or
// stream) has: few are found by their index and sorted, many are met soon enough in the order of the table.
import { pageLimit } from '@gesta/core/ports'
import type { AskedPage, CommandFilter, EventField, EventFilter, ValuesPage } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { allRows, eachRow, firstRow } from './database.ts'
import type { Database, Row } from './database.ts'
import * as ask from './list-conditions.ts'
import type { Way } from './list-conditions.ts'
import { eventColumns, fromEvents, headerCells, readHead, readLastCommit, recordColumns } from './log-rows.ts'
import { shortPage } from './short-page.ts'

/** The rows of a page, one more when there is one, and what `pageOf` has to know of them. */
export interface ListedRows {
  readonly items: readonly Row[]
  readonly limit: number
  readonly total: number | undefined
}
export interface LogLists {
  events(filter: EventFilter, asked: AskedPage<readonly [number]>): ListedRows
  totalEvents(filter: EventFilter): number
  values(field: EventField, filter: EventFilter, page: ValuesPage): readonly string[]
  commands(filter: CommandFilter, asked: AskedPage<readonly [number]>): ListedRows
  totalCommands(filter: CommandFilter): number
}

/** Rows that are sorted rather than met. */
const fewMax = 10_000
/** The columns of long texts. */
const [eventTexts, recordTexts] = [
  [10, 11],
  [4, 11, headerCells, headerCells + 1],
]
/** From each commit the events that it stored, by their positions and no other way. */
const fromCommits =
  'FROM commits c CROSS JOIN events e NOT INDEXED ON e.position > c.position - c.event_count AND e.position <= c.position'

export function createLogLists(db: Database): LogLists {
  const statement = createStatements(db)
  const count = (from: string, { sql, values }: Condition): number =>
    Number(firstRow(statement(`SELECT count(*) ${from} WHERE ${sql}`), ...values)?.[0])
  const wayTo = (table: string, { sql, values }: Condition): Way => {
    if (values.length === 0) return 'table'
    const some = `FROM (SELECT 1 FROM ${table} WHERE ${sql} LIMIT ${fewMax + 1})`
    return count(some, { sql: 'true', values }) <= fewMax ? 'index' : 'table'
  }
  /** One transaction, so that page and total are of one moment. */
  const atOnce = <Result>(read: () => Result): Result => {
    db.exec('BEGIN')
    try {
      return read()
    } finally {
      db.exec('COMMIT')
    }
  }
  const page = (
    select: string,
    where: Condition,
    order: string,
    { limit, offset }: AskedPage<readonly [number]>,
    texts: readonly number[],
  ) => {
    const rows = statement(`SELECT ${select} WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?`)
    const charactersOf = (row: Row): number => texts.reduce((sum, at) => sum + String(row[at] ?? '').length, 0)
    return shortPage(eachRow(rows, ...where.values, limit + 1, offset), limit, (row) => row, charactersOf)
  }

  const totalEvents = (filter: EventFilter): number => {
    const where = allOf([...ask.eventConditions(filter, 'index'), ...ask.commitConditions(filter)])
    // The log has no gaps, so its last position is their number.
    return where.values.length === 0 ? Number(firstRow(statement(readHead))?.[0]) : count(tablesOf(filter), where)
  }
  const totalCommands = (filter: CommandFilter): number => {
    const where = allOf(ask.commandConditions(filter, 'index'))
    const ofTenant = allOf([ask.equal('c.tenant', filter.tenant)])
    if (where.sql !== ofTenant.sql) return count('FROM commits c', allOf([where, ask.isRecorded]))
    // Whether a record was purged stands in its row. Here both numbers are read from indexes, and commits have no gaps.
    const all = filter.tenant === undefined ? readLastCommit : `SELECT count(*) FROM commits c WHERE ${where.sql}`
    const purged = `SELECT count(*) FROM commits c INDEXED BY commits_purged WHERE c.detail = '' AND ${where.sql}`
    return Number(firstRow(statement(`SELECT (${all}) - (${purged})`), ...where.values, ...where.values)?.[0])
  }

  return {
    events: (filter, asked) =>
      atOnce(() => {
        const newest = filter.order === 'newest'
        const way = filter.correlationId === undefined ? wayTo('events', allOf(ask.streamOf(filter))) : 'index'
        const position = ask.orderColumn('e.position', way)
        const where = allOf([
          ...ask.eventConditions(filter, way),
          ...ask.commitConditions(filter),
          asked.after && { sql: `${position} ${newest ? '<' : '>'} ?`, values: asked.after },
        ])
        const total = asked.withTotal ? totalEvents(filter) : undefined
        const select = `${eventColumns} ${filter.correlationId === undefined ? fromEvents : fromCommits}`
        return { ...page(select, where, `${position}${newest ? ' DESC' : ''}`, asked, eventTexts), total }
      }),
    totalEvents,
    values: (field, filter, { after, limit }) => {
      const value = ask.eventValue[field]
      const where = allOf([
        ...ask.eventConditions(filter, 'index'),
        ...ask.commitConditions(filter),
        { sql: `${value} IS NOT NULL`, values: [] },
        after === undefined ? undefined : { sql: `${value} > ?`, values: [after] },
      ])
      const sql = `SELECT DISTINCT ${value} ${tablesOf(filter, field)} WHERE ${where.sql} ORDER BY 1 LIMIT ?`
      return allRows(statement(sql), ...where.values, pageLimit(limit, 100)).map(([found]) => String(found))
    },
    commands: (filter, asked) =>
      atOnce(() => {
        const oldest = filter.order === 'oldest'
        const way =
          filter.correlationId === undefined ? wayTo('commits', allOf([ask.equal('tenant', filter.tenant)])) : 'index'
        const commitNo = ask.orderColumn('c.commit_no', way)
        const where = allOf([
          ...ask.commandConditions(filter, way),
          ask.isRecorded,
          asked.after && { sql: `${commitNo} ${oldest ? '>' : '<'} ?`, values: asked.after },
        ])
        const total = asked.withTotal ? totalCommands(filter) : undefined
        const select = `${recordColumns} FROM commits c`
        return { ...page(select, where, `${commitNo}${oldest ? '' : ' DESC'}`, asked, recordTexts), total }
      }),
    totalCommands,
  }
}

/** The tables that a filter needs, and the one of commits only if it does. */
function tablesOf(filter: EventFilter, field?: EventField): string {
  if (filter.correlationId !== undefined) return fromCommits
  const asksCommit = field === 'workspace' || allOf(ask.commitConditions(filter)).values.length > 0
  return asksCommit ? fromEvents : 'FROM events e'
}
