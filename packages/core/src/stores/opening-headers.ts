// Stores whose headers come back with their answers opened: callers and repetitions see what was answered, however it is stored.
import type { CommandLogStore } from './command-log/command-log-store.ts'
import type { StoredHeader } from './commit.ts'
import type { EventStore } from './event/event-store.ts'
import type { Sealing } from './event/sealing.ts'

/** The same event store. Errors beside its own: `payload_unreadable` for an answer that cannot be opened. */
export function openingEventStore(store: EventStore, sealing: Sealing): EventStore {
  return {
    ...store,
    get identity() {
      return store.identity
    },
    commit: async (commit, options) => {
      const verdict = await store.commit(commit, options)
      return verdict.verdict === 'duplicate' ? { ...verdict, header: await opened(verdict.header, sealing) } : verdict
    },
    header: async (tenant, commandId) => {
      const header = await store.header(tenant, commandId)
      return header && opened(header, sealing)
    },
    headerByKey: async (key) => {
      const found = await store.headerByKey(key)
      return found && { ...found, header: await opened(found.header, sealing) }
    },
  }
}

/** The same command log. Errors beside its own: as above. */
export function openingCommandLog(store: CommandLogStore, sealing: Sealing): CommandLogStore {
  return {
    ...store,
    get: async (tenant, commandId) => {
      const header = await store.get(tenant, commandId)
      return header && opened(header, sealing)
    },
    list: async (filter, page) => {
      const { items, ...rest } = await store.list(filter, page)
      return { ...rest, items: await Promise.all(items.map((header) => opened(header, sealing))) }
    },
  }
}

async function opened(header: StoredHeader, sealing: Sealing): Promise<StoredHeader> {
  if (header.answer === undefined) return header
  return { ...header, answer: await sealing.openAnswer(header.tenant, header.commandId, header.answer) }
}
