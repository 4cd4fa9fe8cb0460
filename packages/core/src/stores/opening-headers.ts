// Stores whose headers and records come back opened: callers and repetitions see what was asked and answered, however it is stored.
import type { CommandLog } from './command-log/command-log.ts'
import type { CommandRecord } from './command-log/command-record.ts'
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

/** The same command log, with payloads opened. Errors beside its own: as above. */
export function openingCommandLog(log: CommandLog, sealing: Sealing): CommandLog {
  const openedRecord = async (record: CommandRecord): Promise<CommandRecord> => {
    const { tenant, commandId, payload } = record
    if (payload === undefined) return record
    return { ...record, payload: await sealing.openPayload(tenant, commandId, payload) }
  }
  return {
    ...log,
    get: async (tenant, commandId) => {
      const record = await log.get(tenant, commandId)
      return record && openedRecord(record)
    },
    list: async (filter, page) => {
      const { items, ...rest } = await log.list(filter, page)
      return { ...rest, items: await Promise.all(items.map(openedRecord)) }
    },
  }
}

async function opened(header: StoredHeader, sealing: Sealing): Promise<StoredHeader> {
  if (header.answer === undefined) return header
  return { ...header, answer: await sealing.openAnswer(header.tenant, header.commandId, header.answer) }
}
