// The command log on PostgreSQL: the headers that commits left in the log, read back.
import { checkCommandFilter } from '@gesta/core/ports'
import type { CommandLogStore, EventStore } from '@gesta/core/ports'
import { createLogLists } from './log-lists.ts'
import type { Pool } from './pool.ts'

/** `events` is that of the same log; single headers are read through it. `schema` is quoted. */
export function createPostgresCommandLogStore(events: EventStore, pool: Pool, schema: string): CommandLogStore {
  const lists = createLogLists(pool, schema)
  return {
    info: async () => {
      const { readOnly, details } = await events.info()
      return { store: 'command-log', backend: 'postgres', readOnly, items: Number(details['commits']), details: {} }
    },
    get: events.header,
    list: async (filter, page) => {
      checkCommandFilter(filter)
      return lists.commands(filter, page, events.identity)
    },
    total: async (filter = {}) => {
      checkCommandFilter(filter)
      return lists.totalCommands(filter)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
