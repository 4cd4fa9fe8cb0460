// The audit log in memory: the chains that the memory event store keeps.
import type { MemoryEventStore } from '../event/memory-event-store.ts'
import { pageOf } from '../page.ts'
import { compareText } from '../read-model/row-order.ts'
import type { AuditFilter, AuditLog, StoredAuditEntry } from './audit-log.ts'
import { askAuditPage, checkAuditFilter, limitOfAudit, limitOfHeads } from './check-audit.ts'

/** The audit log of an event store; it lives and closes with it. */
export function createMemoryAuditLog(events: MemoryEventStore): AuditLog {
  const matching = (filter: AuditFilter): readonly StoredAuditEntry[] => {
    checkAuditFilter(filter)
    const found = [...events.chains().entries()]
      .toSorted(([a], [b]) => compareText(a, b))
      .flatMap(([, chain]) => chain.filter((entry) => matches(entry, filter)))
    return filter.order === 'oldest' ? found : found.toReversed()
  }
  return {
    info: async () => ({
      store: 'audit',
      backend: 'memory',
      readOnly: false,
      items: matching({}).length,
      details: {},
    }),
    list: async (filter, page) => {
      const found = matching(filter)
      const asked = askAuditPage(filter, page, events.identity)
      const { after } = asked
      const start =
        after === undefined
          ? 0
          : found.findIndex(({ tenant, sequence }) => tenant === after[0] && sequence === after[1]) + 1
      const rest = found.slice(start + asked.offset, start + asked.offset + asked.limit + 1)
      return pageOf(
        asked,
        rest,
        ({ tenant, sequence }) => [tenant, sequence],
        asked.withTotal ? found.length : undefined,
      )
    },
    total: async (filter = {}) => matching(filter).length,
    read: async (asked) => {
      const limit = limitOfAudit(asked)
      return (events.chains().get(asked.tenant) ?? []).slice(asked.after, asked.after + limit)
    },
    heads: async (page = {}) => {
      const limit = limitOfHeads(page)
      const { after } = page
      return [...events.chains().entries()]
        .filter(([tenant]) => after === undefined || compareText(tenant, after) > 0)
        .toSorted(([a], [b]) => compareText(a, b))
        .slice(0, limit)
        .map(([tenant, chain]) => {
          const { sequence, hash } = chain.at(-1) as StoredAuditEntry
          return { tenant, sequence, hash }
        })
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function matches(
  entry: StoredAuditEntry,
  { tenant, action, actor, resource, outcome, from, to }: AuditFilter,
): boolean {
  return (
    (tenant === undefined || entry.tenant === tenant) &&
    (action === undefined || entry.action === action) &&
    (actor === undefined || entry.actor === actor) &&
    (resource === undefined || entry.resource === resource) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (from === undefined || entry.recordedAt >= from) &&
    (to === undefined || entry.recordedAt < to)
  )
}
