// A command log of its own on PostgreSQL: told by a bus without an event store, or by an app that copies its log.
import {
  askCommandPage,
  checkCommandFilter,
  checkCommandKey,
  checkRecords,
  purgeOf,
  redactedDetail,
} from '@gesta/core/ports'
import type { CommandFilter, CommandLogStore, CommandRecord, LogIdentity } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Row } from './driver.ts'
import { waysOfCorrelation } from './list-conditions.ts'
import { readPage } from './pages.ts'
import { firstOutcomes, recordRowColumns } from './record-rows.ts'
import type { RecordRows } from './record-rows.ts'
import type { StoreAccess } from './store-access.ts'

/** `identity` is the log's. */
export function createPostgresCommandLogStore(
  access: StoreAccess,
  rows: RecordRows,
  identity: Pick<LogIdentity, 'incarnation' | 'secret'>,
): CommandLogStore {
  const { schema: s, read, write } = access
  const isCommand = `l.command_id = $2 AND ${s}.index_key(l.tenant) = ${s}.index_key($1)`
  const find = `SELECT ${recordRowColumns} FROM ${s}.command_log l WHERE ${isCommand}`
  const record = `SELECT ${s}.record_commands($1, $2, $3, $4)`
  const rowOf = async (tenant: string, commandId: string): Promise<Row | undefined> => {
    checkCommandKey(tenant, commandId)
    return (await read(find, [tenant, commandId]))[0]
  }
  const total = async (filter: CommandFilter): Promise<number> => {
    const { sql, values } = matching(s, filter)
    return Number((await read(`SELECT count(*) FROM ${s}.command_log l WHERE ${sql}`, values))[0]?.[0])
  }
  const list = {
    columns: recordRowColumns,
    from: `FROM ${s}.command_log l`,
    order: ['l.seq'],
    bytes: 'octet_length(l.record)',
    toItem: (row: Row) => ({ seq: Number(row[0]), record: rows.toRecord(row) }),
    keyOf: ({ seq }: { readonly seq: number; readonly record: CommandRecord }) => [seq] as const,
  }
  return {
    info: async () => ({
      store: 'command-log',
      backend: 'postgres',
      readOnly: false,
      items: await total({}),
      details: {},
    }),
    record: async (records) => {
      checkRecords(records)
      for (const call of rows.calls(firstOutcomes(records))) await write(record, call)
    },
    get: async (tenant, commandId) => {
      const row = await rowOf(tenant, commandId)
      return row && rows.toRecord(row)
    },
    list: async (filter, page) => {
      checkCommandFilter(filter)
      const asked = askCommandPage(filter, page, identity)
      const isDescending = filter.order !== 'oldest'
      const { items, ...rest } = await readPage(read, { ...list, isDescending }, matching(s, filter), asked)
      return { ...rest, items: items.map((item) => item.record) }
    },
    total: async (filter = {}) => {
      checkCommandFilter(filter)
      return total(filter)
    },
    redact: async (tenant, commandId) => {
      // The outcome of a command that was started can come in between.
      for (;;) {
        const row = await rowOf(tenant, commandId)
        if (row === undefined) return false
        const bytes = Buffer.from(rows.bytesOf(redactedDetail(rows.toRecord(row))))
        const redacted = `UPDATE ${s}.command_log l SET codec = $3, record = $4, payload = NULL, metadata = NULL
          FROM ${s}.begin_change(true) WHERE l.seq = $1 AND l.status = $2 RETURNING 1`
        if ((await write(redacted, [row[0] as number, row[1] as string, rows.codec, bytes])).length > 0) return true
      }
    },
    purge: async (request) => {
      const { before, tenant, statuses, limit } = purgeOf(request)
      const where = matching(s, { to: before, tenant, statuses })
      // What was started may have come to an end since it was looked for: the statement looks again when it has waited for a row.
      const purged = `WITH old AS MATERIALIZED (
          SELECT l.seq FROM ${s}.command_log l WHERE ${where.sql} ORDER BY l.recorded_at, l.seq LIMIT ${where.bind(limit)}
        ), gone AS (DELETE FROM ${s}.command_log l USING old, ${s}.begin_change(true) WHERE l.seq = old.seq AND ${where.sql} RETURNING 1)
        SELECT count(*) FROM gone`
      return Number((await write(purged, where.values))[0]?.[0])
    },
    [Symbol.asyncDispose]: async () => access.close(),
  }
}

/** Conditions on records, as `l`. */
function matching(s: string, filter: CommandFilter): Where {
  const { tenant, statuses, commandType, correlationId, sender, from, to, afterCommitNo } = filter
  const where = createWhere()
  const { and, bind } = where
  and(tenant, (text) => `${s}.index_key(l.tenant) = ${s}.index_key(${bind(text)})`)
  and(statuses, (texts) => `l.status = ANY (${bind(textArray(texts))}::text[])`)
  and(commandType, (text) => `l.command_type = ${bind(text)}`)
  and(sender, (text) => `l.sender = ${bind(text)}`)
  and(from, (us) => `l.recorded_at >= ${bind(us)}`)
  and(to, (us) => `l.recorded_at < ${bind(us)}`)
  and(afterCommitNo, () => 'false')
  if (correlationId !== undefined) where.either(waysOfCorrelation('l', bind(correlationId)))
  return where
}
