// The file of the logger's lines, `<path>.log`. Appending never waits for the disk: a power cut takes the last lines, never the file.
// What was removed is overwritten.
import { levelRank, logLevels, tooOldBefore } from '@gesta/core/ports'
import type { LogEntry, LogFilter, NewLogEntry } from '@gesta/core/ports'
import { allOf, createStatements } from './conditions.ts'
import type { Condition } from './conditions.ts'
import { eachRow, firstRow } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { lines } from './migrations/lines/0001-lines.ts'
import { shortPage } from './short-page.ts'
import type { ShortPage } from './short-page.ts'
import { emptyWriteAheadLog, fileBytes, transaction } from './side-file.ts'
import type { SideFile } from './side-file.ts'

const columns = 'id, level, at, tenant, text, trace_id, fields'
const writeLine = 'INSERT INTO lines (level, at, tenant, text, trace_id, fields) VALUES (?, ?, ?, ?, ?, ?)'
const readLine = `SELECT ${columns} FROM lines WHERE id = ?`
const deleteBefore = 'DELETE FROM lines WHERE at < ?'
const deleteBeforeOfTenant = `${deleteBefore} AND tenant = ?`
const deleteTenant = 'DELETE FROM lines WHERE tenant = ?'
const deleteAll = 'DELETE FROM lines'
const readRetention = 'SELECT kept_ms FROM retention'
const writeRetention = 'UPDATE retention SET kept_ms = ?'

interface AskedLines {
  readonly filter: LogFilter
  readonly after: number | undefined
  readonly offset: number
  readonly limit: number
  readonly withTotal: boolean
}
export interface LogOperations {
  append(entries: readonly NewLogEntry[], nowUs: number): void
  get(id: number): LogEntry | undefined
  list(asked: AskedLines): ShortPage<LogEntry> & { readonly total: number | undefined }
  total(filter: LogFilter): number
  purge(before: number, tenant: string | undefined): number
  retention(): number | undefined
  setRetention(keptMs: number | undefined, nowUs: number): void
  reset(tenant: string | undefined): void
  fileBytes(): number
}

export const logFile: SideFile<LogOperations> = {
  kind: {
    applicationId: 0x6765736f,
    what: "a file of an application's log lines of gesta",
    next: 'Move it away: a new one is made.',
  },
  modules: [{ name: 'lines', migrations: [lines] }],
  settings: 'PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON',
  operations: prepareOperations,
}

function prepareOperations(db: Database): LogOperations {
  const statement = createStatements(db)
  const write = statement(writeLine)
  const run = (sql: string, ...values: readonly Cell[]): number => Number(statement(sql).run(...values).changes)
  const remove = (sql: string, ...values: readonly Cell[]): number => {
    const removed = run(sql, ...values)
    if (removed > 0) emptyWriteAheadLog(db)
    return removed
  }
  const retention = (): number | undefined => {
    const keptMs = firstRow(statement(readRetention))?.[0]
    return typeof keptMs === 'number' ? keptMs : undefined
  }
  const removeOld = (nowUs: number): void => {
    const before = tooOldBefore(retention(), nowUs)
    if (before !== undefined) run(deleteBefore, before)
  }
  const total = (filter: LogFilter): number => {
    const { sql, values } = matching(filter)
    return Number(firstRow(statement(`SELECT count(*) FROM lines WHERE ${sql}`), ...values)?.[0])
  }

  return {
    append: (entries, nowUs) =>
      transaction(db, () => {
        for (const { level, at, tenant, text, traceId = null, fields = null } of entries)
          write.run(levelRank(level), at, tenant, text, traceId, fields)
        removeOld(nowUs)
      }),
    get: (id) => {
      const row = firstRow(statement(readLine), id)
      return row && toLine(row)
    },
    list: ({ filter, after, offset, limit, withTotal }) => {
      const oldest = filter.order === 'oldest'
      const behind = after === undefined ? undefined : { sql: oldest ? 'id > ?' : 'id < ?', values: [after] }
      const { sql, values } = allOf([matching(filter), behind])
      const query = `SELECT ${columns} FROM lines WHERE ${sql} ORDER BY id ${oldest ? 'ASC' : 'DESC'} LIMIT ? OFFSET ?`
      const rows = eachRow(statement(query), ...values, limit + 1, offset)
      const page = shortPage(rows, limit, toLine, ({ text, fields = '' }) => text.length + fields.length)
      return { ...page, total: withTotal ? total(filter) : undefined }
    },
    total,
    purge: (before, tenant) =>
      tenant === undefined ? remove(deleteBefore, before) : remove(deleteBeforeOfTenant, before, tenant),
    retention,
    setRetention: (keptMs, nowUs) =>
      transaction(db, () => {
        run(writeRetention, keptMs ?? null)
        removeOld(nowUs)
      }),
    reset: (tenant) => void (tenant === undefined ? remove(deleteAll) : remove(deleteTenant, tenant)),
    fileBytes: () => fileBytes(db),
  }
}

/** `lower` of SQLite knows ASCII letters only, as the port says. */
function matching({ level, from, to, tenant, text, traceId }: LogFilter): Condition {
  return allOf([
    level === undefined ? undefined : { sql: 'level >= ?', values: [levelRank(level)] },
    from === undefined ? undefined : { sql: 'at >= ?', values: [from] },
    to === undefined ? undefined : { sql: 'at < ?', values: [to] },
    tenant === undefined ? undefined : { sql: 'tenant = ?', values: [tenant] },
    traceId === undefined ? undefined : { sql: 'trace_id = ?', values: [traceId] },
    text === undefined ? undefined : { sql: 'instr(lower(text), lower(?)) > 0', values: [text] },
  ])
}

/** In the order of `columns`. */
function toLine([id, level, at, tenant, text, traceId, fields]: Row): LogEntry {
  return {
    id: Number(id),
    level: logLevels[Number(level)] ?? 'info',
    at: Number(at),
    tenant: String(tenant),
    text: String(text),
    ...(traceId !== null && { traceId: String(traceId) }),
    ...(fields !== null && { fields: String(fields) }),
  }
}
