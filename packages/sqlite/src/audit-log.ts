// The audit log on SQLite: the chains that commits left in the log's file, read back. Nothing here writes.
import {
  askAuditPage,
  auditPageDefault,
  checkAuditFilter,
  checkedLimit,
  checkTenant,
  limitOfAudit,
  pageOf,
  storeClosed,
} from '@gesta/core/ports'
import type { AuditFilter, AuditLog } from '@gesta/core/ports'
import type { AuditQuestion, AuditReader } from './audit-reader.ts'
import { auditAt, auditCells } from './audit-rows.ts'
import type { SqliteEventStore } from './event-store.ts'
import type { ReadingThreads } from './reader.ts'
import { unflattenRows } from './row-cells.ts'

export interface SqliteAuditLogParts {
  readonly path: string
  /** Of the same file. */
  readonly events: SqliteEventStore
  /** The event store's, which ends with that one. */
  readonly reader: ReadingThreads
}

export function createSqliteAuditLog({ path, events, reader }: SqliteAuditLogParts): AuditLog {
  let closed = false
  const ask = async <Name extends keyof AuditReader>(
    name: Name,
    ...given: Parameters<AuditReader[Name]>
  ): Promise<ReturnType<AuditReader[Name]>> => {
    if (closed) throw storeClosed()
    const question = { ask: name, given } as unknown as AuditQuestion
    return (await reader.call({ do: isBounded[name] ? 'audit' : 'auditScan', path, ofAudit: question })) as never
  }
  const total = async (filter: AuditFilter = {}): Promise<number> => {
    checkAuditFilter(filter)
    return ask('total', filter)
  }
  return {
    info: async () => ({ store: 'audit', backend: 'sqlite', readOnly: false, items: await total(), details: {} }),
    list: async (filter, page) => {
      checkAuditFilter(filter)
      const asked = askAuditPage(filter, page, events.identity)
      const listed = await ask('list', filter, asked)
      const entries = unflattenRows(listed.cells, auditCells, auditAt)
      const paged = { ...asked, limit: listed.limit }
      return pageOf(paged, entries, ({ tenant, sequence }) => [tenant, sequence], listed.total)
    },
    total,
    read: async (read) => {
      const { tenant, after } = read
      const cells = await ask('chain', { tenant, after, limit: limitOfAudit(read) })
      return unflattenRows(cells, auditCells, auditAt)
    },
    heads: async ({ after, limit = auditPageDefault } = {}) => {
      if (after !== undefined) checkTenant(after)
      return ask('heads', after, checkedLimit(limit))
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

/** Whether a read costs no more than what it answers with. */
const isBounded: { readonly [Name in keyof AuditReader]: boolean } = {
  list: false,
  total: false,
  chain: true,
  heads: true,
}
