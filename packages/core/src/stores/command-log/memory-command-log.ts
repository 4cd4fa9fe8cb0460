// The command log in memory: the headers that the memory event store keeps, command by command, each with its detail.
import { askCommandPage } from '../ask-log.ts'
import type { StoredHeader } from '../commit.ts'
import type { MemoryEventStore } from '../event/memory-event-store.ts'
import { numberedPage } from '../numbered-list.ts'
import { recordOf, redactedDetail, wholeDetail } from './command-detail.ts'
import { checkCommandFilter, commandMatcher, purgeOf } from './command-filter.ts'
import type { CommandFilter, CommandLog } from './command-log.ts'
import type { CommandRecord } from './command-record.ts'

/** The command log of an event store; it lives and closes with it. */
export function createMemoryCommandLog(events: MemoryEventStore): CommandLog {
  /** The record of a header; absent when it was purged. */
  const recorded = (header: StoredHeader): CommandRecord | undefined => {
    const detail = events.details()[header.commitNo - 1]
    return detail === 'purged' ? undefined : recordOf(header, detail && wholeDetail(detail), events.identity)
  }
  const matching = (filter: CommandFilter): readonly StoredHeader[] => {
    checkCommandFilter(filter)
    const matches = commandMatcher(filter)
    const details = events.details()
    return events
      .headers()
      .slice(filter.afterCommitNo ?? 0)
      .filter((header) => details[header.commitNo - 1] !== 'purged' && matches({ ...header, status: header.outcome }))
  }
  return {
    info: async () => {
      const { length: items } = matching({})
      return { store: 'command-log', backend: 'memory', readOnly: false, items, details: {} }
    },
    get: async (tenant, commandId) => {
      const header = await events.header(tenant, commandId)
      return header && recorded(header)
    },
    list: async (filter, page) => {
      const found = matching(filter)
      const asked = askCommandPage(filter, page, events.identity)
      const { items, ...rest } = numberedPage(found, ({ commitNo }) => commitNo, filter.order !== 'oldest', asked)
      return { ...rest, items: items.flatMap((header) => recorded(header) ?? []) }
    },
    total: async (filter = {}) => matching(filter).length,
    redact: async (tenant, commandId) => {
      const header = await events.header(tenant, commandId)
      const details = events.details()
      const detail = header && details[header.commitNo - 1]
      if (header === undefined || detail === 'purged') return false
      if (detail !== undefined) details[header.commitNo - 1] = redactedDetail(wholeDetail(detail))
      return true
    },
    purge: async (request) => {
      const { before, tenant, statuses, limit } = purgeOf(request)
      const old = matching({ tenant, statuses, to: before }).slice(0, limit)
      const details = events.details()
      for (const { commitNo } of old) details[commitNo - 1] = 'purged'
      return old.length
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
