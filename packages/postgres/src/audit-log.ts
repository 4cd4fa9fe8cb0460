// The audit log on PostgreSQL: the chains that appends store (src/migrations/log/0007-audit-log.ts), read back.
import {
  askAuditPage,
  auditPageDefault,
  checkAuditFilter,
  checkedLimit,
  checkTenant,
  limitOfAudit,
} from '@gesta/core/ports'
import type { AuditFilter, AuditLog, LogIdentity, StoredAuditEntry } from '@gesta/core/ports'
import { createWhere } from './conditions.ts'
import type { Where } from './conditions.ts'
import type { Row } from './driver.ts'
import { readPage } from './pages.ts'
import type { StoreAccess } from './store-access.ts'

const columns =
  'a.tenant, a.sequence, a.command_id, a.idx, a.recorded_at, a.action, a.actor, a.resource, a.outcome, a.data, a.hash'
/** Chains begin at 1: what somebody put before that belongs to none, and is no entry. */
const isEntry = 'a.sequence > 0'
/** Bytes of data after which a page of a chain ends. */
const pageBytes = 8_388_608

/** `s`: the schema, quoted. */
function statements(s: string) {
  /** The heads, from tenant to tenant over the index: as many looks as there are tenants, however long their chains are. */
  const heads = (first: string, goOn: string, asked: string): string => `WITH RECURSIVE tenants (tenant, n) AS (
      (SELECT a.tenant, 1 FROM ${s}.audit_log a WHERE ${first} AND ${isEntry} ORDER BY a.tenant, a.sequence LIMIT 1)
      UNION ALL
      SELECT n.tenant, t.n + 1 FROM tenants t CROSS JOIN LATERAL (
        SELECT a.tenant FROM ${s}.audit_log a WHERE a.tenant > t.tenant AND ${isEntry} ORDER BY a.tenant, a.sequence LIMIT 1
      ) n WHERE ${goOn}
    ) SELECT ${asked} FROM tenants t CROSS JOIN LATERAL (
      SELECT a.sequence, a.hash FROM ${s}.audit_log a WHERE a.tenant = t.tenant ORDER BY a.sequence DESC LIMIT 1
    ) h`
  const inOrder = 't.tenant, h.sequence, h.hash'
  return {
    headsFromStart: `${heads('true', 't.n < $1', inOrder)} ORDER BY t.tenant`,
    headsAfter: `${heads('a.tenant > $2', 't.n < $1', inOrder)} ORDER BY t.tenant`,
    // Numbers have no gaps.
    count: heads('true', 'true', 'coalesce(sum(h.sequence), 0)::bigint'),
    // Who reads on asks for what comes after a sequence: a second entry of the same one must not hide between two pages.
    read: `SELECT ${columns} FROM (
      SELECT a.*, sum(octet_length(a.data)) OVER (ORDER BY a.sequence GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
      FROM ${s}.audit_log a WHERE a.tenant = $1 AND a.sequence > $2 ORDER BY a.sequence FETCH FIRST $3 ROWS WITH TIES
    ) a WHERE a.bytes_before IS NULL OR a.bytes_before < ${pageBytes} ORDER BY a.sequence`,
  }
}

/** `identity` of the log now: cursors of another one are refused. */
export function createPostgresAuditLog(access: StoreAccess, identity: () => LogIdentity): AuditLog {
  const { schema: s, read } = access
  const sql = statements(s)
  const total = async (filter: AuditFilter): Promise<number> => {
    checkAuditFilter(filter)
    const { sql: asked, values } = matching(filter)
    const counting = asked === isEntry ? sql.count : `SELECT count(*) FROM ${s}.audit_log a WHERE ${asked}`
    return Number((await read(counting, values))[0]?.[0])
  }
  return {
    info: async () => ({ store: 'audit', backend: 'postgres', readOnly: false, items: await total({}), details: {} }),
    list: async (filter, page) => {
      checkAuditFilter(filter)
      const asked = askAuditPage(filter, page, identity())
      const where = matching(filter)
      const list = {
        ...(where.sql === isEntry && { count: sql.count }),
        columns,
        from: `FROM ${s}.audit_log a`,
        order: ['a.tenant', 'a.sequence'],
        isDescending: filter.order !== 'oldest',
        bytes: 'octet_length(a.data)',
        toItem: toEntry,
        keyOf: ({ tenant, sequence }: StoredAuditEntry) => [tenant, sequence] as const,
      }
      return readPage(read, list, where, asked)
    },
    total: async (filter = {}) => total(filter),
    read: async (asked) => {
      const limit = limitOfAudit(asked)
      return (await read(sql.read, [asked.tenant, asked.after, limit])).map(toEntry)
    },
    heads: async ({ after, limit = auditPageDefault } = {}) => {
      checkedLimit(limit)
      if (after !== undefined) checkTenant(after)
      const rows = await (after === undefined
        ? read(sql.headsFromStart, [limit])
        : read(sql.headsAfter, [limit, after]))
      return rows.map(([tenant, sequence, hash]) => ({
        tenant: String(tenant),
        sequence: Number(sequence),
        hash: String(hash),
      }))
    },
    [Symbol.asyncDispose]: async () => access.close(),
  }
}

function matching({ tenant, action, actor, resource, outcome, from, to }: AuditFilter): Where {
  const where = createWhere()
  const { and, bind } = where
  and(isEntry, (sql) => sql)
  and(tenant, (text) => `a.tenant = ${bind(text)}`)
  for (const [column, value] of Object.entries({ action, actor, resource }))
    and(value, (text) => {
      const given = `${bind(text)}::text COLLATE "C"`
      // As a second equality the planner would take the text for a second reason why rows are few, and sort them itself.
      return `hashtextextended(a.${column}, 0) = hashtextextended(${given}, 0) AND CASE WHEN a.${column} = ${given} THEN true END`
    })
  // In the text of the statement, so that the planner sees whether the index of the rarer outcomes has it; one of four, as was checked.
  and(outcome, (text) => `a.outcome = '${text}'`)
  and(from, (us) => `a.recorded_at >= ${bind(us)}`)
  and(to, (us) => `a.recorded_at < ${bind(us)}`)
  return where
}

/** In the order of `columns`. */
function toEntry(row: Row): StoredAuditEntry {
  const [tenant, sequence, commandId, index, recordedAt, action, actor, resource, outcome, data, hash] = row
  const entry = { tenant, sequence, commandId, index, recordedAt, action, actor, resource, outcome, data, hash }
  return entry as StoredAuditEntry
}
