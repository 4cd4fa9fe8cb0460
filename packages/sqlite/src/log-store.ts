// The log store on SQLite: a file beside the log of events, behind a side thread.
import {
  askLines,
  checkLogEntries,
  checkLogFilter,
  checkRetention,
  checkTenant,
  checkWhole,
  pageOf,
} from '@gesta/core/ports'
import type { Clock, LogStore } from '@gesta/core/ports'
import type { LogOperations } from './log-file.ts'
import type { SideStore } from './side-stores.ts'

export function createSqliteLogStore(side: SideStore<LogOperations>, clock: Pick<Clock, 'nowUs'>): LogStore {
  return {
    append: async (entries) => {
      checkLogEntries(entries)
      return side.callOnce('append', entries, clock.nowUs())
    },
    get: async (id) => {
      checkWhole(id, 'id of a line', 1)
      return side.call('get', id)
    },
    list: async (filter, page) => {
      const asked = askLines(filter, page)
      const { offset, withTotal } = asked
      const question = { filter, after: asked.after?.[0], offset, limit: asked.limit, withTotal }
      const { items, limit, total } = await side.call('list', question)
      return pageOf({ ...asked, limit }, items, ({ id }) => [id], total)
    },
    total: async (filter = {}) => {
      checkLogFilter(filter)
      return side.call('total', filter)
    },
    purge: async (before, tenant) => {
      checkWhole(before, 'time before which lines are removed, in microseconds,', 0)
      if (tenant !== undefined) checkTenant(tenant)
      return side.callOnce('purge', before, tenant)
    },
    retention: async () => side.call('retention'),
    setRetention: async (keptMs) => {
      checkRetention(keptMs)
      return side.call('setRetention', keptMs, clock.nowUs())
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return side.call('reset', tenant)
    },
    info: async () => ({
      store: 'log',
      backend: 'sqlite',
      readOnly: false,
      items: await side.call('total', {}),
      details: { fileBytes: await side.call('fileBytes') },
    }),
    [Symbol.asyncDispose]: () => side[Symbol.asyncDispose](),
  }
}
