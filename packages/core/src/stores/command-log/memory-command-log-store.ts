// The command log in memory: the headers that the memory event store keeps, command by command.
import type { StoredHeader } from '../commit.ts'
import type { MemoryEventStore } from '../event/memory-event-store.ts'
import { askCommandPage } from '../ask-log.ts'
import { numberedPage } from '../numbered-list.ts'
import { checkCommandFilter, commandMatcher } from './command-filter.ts'
import type { CommandFilter, CommandLogStore } from './command-log-store.ts'

/** The command log of an event store; it lives and closes with it. */
export function createMemoryCommandLogStore(events: MemoryEventStore): CommandLogStore {
  const matching = (filter: CommandFilter): readonly StoredHeader[] => {
    checkCommandFilter(filter)
    return events.headers().filter(commandMatcher(filter))
  }
  return {
    info: async () => {
      const { length: items } = events.headers()
      return { store: 'command-log', backend: 'memory', readOnly: false, items, details: {} }
    },
    get: events.header,
    list: async (filter, page) => {
      const found = matching(filter)
      const asked = askCommandPage(filter, page, events.identity)
      return numberedPage(found, ({ commitNo }) => commitNo, filter.order !== 'oldest', asked)
    },
    total: async (filter = {}) => matching(filter).length,
    [Symbol.asyncDispose]: async () => undefined,
  }
}
