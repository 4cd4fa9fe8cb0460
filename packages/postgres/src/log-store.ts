// The log store on PostgreSQL: lines of the logger, which never wait for the server's disk.
import {
  askLines,
  checkLogEntries,
  checkLogFilter,
  checkRetention,
  checkTenant,
  checkWhole,
  levelRank,
  logLevels,
} from '@gesta/core/ports'
import type { Clock, LogEntry, LogFilter, LogStore } from '@gesta/core/ports'
import { bigintArray, textArray } from './binary-arrays.ts'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Row } from './driver.ts'
import { readPage } from './pages.ts'
import type { StoreAccess } from './store-access.ts'

const columns = 'id, level, at, tenant, text, trace_id, fields'

export function createPostgresLogStore(access: StoreAccess, clock: Pick<Clock, 'nowUs'>): LogStore {
  const { schema: s, read, write } = access
  const total = async (filter: LogFilter): Promise<number> => {
    const { sql, values } = matching(s, filter)
    return Number((await read(`SELECT count(*) FROM ${s}.lines WHERE ${sql}`, values))[0]?.[0])
  }
  return {
    append: async (entries) => {
      checkLogEntries(entries)
      const texts = entries.flatMap(({ tenant, text, traceId, fields }) => [tenant, text, traceId, fields])
      const numbers = entries.flatMap(({ level, at }) => [levelRank(level), at])
      await write(`SELECT ${s}.append_lines($1, $2, $3)`, [textArray(texts), bigintArray(numbers), clock.nowUs()])
    },
    get: async (id) => {
      checkWhole(id, 'id of a line', 1)
      const [row] = await read(`SELECT ${columns} FROM ${s}.lines WHERE id = $1`, [id])
      return row && toLine(row)
    },
    list: async (filter, page) => {
      const asked = askLines(filter, page)
      const list = {
        columns,
        from: `FROM ${s}.lines`,
        order: ['id'],
        isDescending: filter.order !== 'oldest',
        bytes: 'octet_length(text) + coalesce(octet_length(fields), 0)',
        toItem: toLine,
        keyOf: ({ id }: LogEntry) => [id] as const,
      }
      return readPage(read, list, matching(s, filter), asked)
    },
    total: async (filter = {}) => {
      checkLogFilter(filter)
      return total(filter)
    },
    purge: async (before, tenant) => {
      checkWhole(before, 'time before which lines are removed, in microseconds,', 0)
      if (tenant !== undefined) checkTenant(tenant)
      const { sql, values } = matching(s, { to: before, tenant })
      const purged = `WITH gone AS (DELETE FROM ${s}.lines WHERE ${sql} RETURNING 1) SELECT count(*) FROM gone`
      return Number((await write(purged, values))[0]?.[0])
    },
    retention: async () => {
      const keptMs = (await read(`SELECT kept_ms FROM ${s}.retention`))[0]?.[0]
      return typeof keptMs === 'number' ? keptMs : undefined
    },
    setRetention: async (keptMs) => {
      checkRetention(keptMs)
      await write(`UPDATE ${s}.retention SET kept_ms = $1`, [keptMs ?? null])
      await write(`SELECT ${s}.remove_old_lines($1)`, [clock.nowUs()])
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      const { sql, values } = matching(s, { tenant })
      await write(`DELETE FROM ${s}.lines WHERE ${sql}`, values)
    },
    info: async () => ({ store: 'log', backend: 'postgres', readOnly: false, items: await total({}), details: {} }),
    [Symbol.asyncDispose]: async () => access.close(),
  }
}

/** Case is that of ASCII letters only, which is what `lower` knows in the collation "C". */
function matching(s: string, { level, from, to, tenant, text, traceId }: LogFilter): Where {
  const where = createWhere()
  const { and, bind } = where
  and(level, (least) => `level >= ${bind(levelRank(least))}`)
  and(from, (us) => `at >= ${bind(us)}`)
  and(to, (us) => `at < ${bind(us)}`)
  and(tenant, (name) => `${s}.index_key(tenant) = ${s}.index_key(${bind(name)})`)
  and(traceId, (id) => `trace_id = ${bind(id)}`)
  and(text, (part) => `strpos(lower(text COLLATE "C"), lower(${bind(part)}::text COLLATE "C")) > 0`)
  return where
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
