// A command log of its own in memory: the last records, in the order in which they were told, and the illustration of the port.
import { checkOptions } from '../../schema/options.ts'
import { askCommandPage } from '../ask-log.ts'
import { checkWhole } from '../check-text.ts'
import { checkCommandKey } from '../event/check-read.ts'
import { storeClosed } from '../event/commit-queue.ts'
import { newLogIdentity } from '../event/log-identity.ts'
import type { LogIdentity } from '../event/event-store.ts'
import { numberedPage } from '../numbered-list.ts'
import { checkRecords } from './check-record.ts'
import { redactedDetail } from './command-detail.ts'
import { checkCommandFilter, commandMatcher, purgeOf } from './command-filter.ts'
import type { CommandFilter } from './command-log.ts'
import type { CommandLogBackend, CommandLogStore } from './command-log-store.ts'
import type { CommandRecord } from './command-record.ts'

export interface MemoryCommandLogOptions {
  /** Records that are kept, all tenants together; beyond it the oldest are forgotten, and counted. Default 100,000. */
  readonly recordsMax?: number | undefined
}

/** A log of its own that lives as long as its process: for tests and a first look. Reference: docs/reference/command-log.md. */
export function memoryCommandLog(options: MemoryCommandLogOptions = {}): CommandLogBackend {
  checkOptions(options, ['recordsMax'], 'memoryCommandLog()')
  const { recordsMax = 100_000 } = options
  checkWhole(recordsMax, 'recordsMax', 1)
  return { backend: 'memory', open: async ({ ids }) => createStore(newLogIdentity(ids), recordsMax) }
}

interface Kept {
  readonly number: number
  readonly record: CommandRecord
}

function createStore(identity: LogIdentity, recordsMax: number): CommandLogStore {
  /** In the order of recording: a key keeps its place when its value is replaced. */
  const records = new Map<string, Kept>()
  let lastNumber = 0
  let forgotten = 0
  let closed = false
  const opened = (): typeof records => {
    if (closed) throw storeClosed()
    return records
  }
  const keep = (record: CommandRecord): void => {
    const key = keyOf(record.tenant, record.commandId)
    const before = records.get(key)
    const open = before === undefined || (before.record.status === 'started' && record.status !== 'started')
    if (!open) return
    records.set(key, { number: before?.number ?? (lastNumber += 1), record: { ...record, commitNo: undefined } })
  }
  // One walk for ever: who begins anew each time passes over the places of all that were forgotten before.
  const oldest = records.keys()
  const forgetOldest = (): void => {
    while (records.size > recordsMax) {
      const { value } = oldest.next()
      if (value !== undefined && records.delete(value)) forgotten += 1
    }
  }
  const matching = (filter: CommandFilter): readonly Kept[] => {
    checkCommandFilter(filter)
    const matches = commandMatcher(filter)
    return [...opened().values()].filter(({ record }) => matches(record))
  }

  return {
    info: async () => {
      const { size: items } = opened()
      return { store: 'command-log', backend: 'memory', readOnly: false, items, details: { recordsMax, forgotten } }
    },
    record: async (told) => {
      opened()
      checkRecords(told)
      for (const record of told) keep(record)
      forgetOldest()
    },
    get: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      return opened().get(keyOf(tenant, commandId))?.record
    },
    list: async (filter, page) => {
      const found = matching(filter)
      const asked = askCommandPage(filter, page, identity)
      const { items, ...rest } = numberedPage(found, ({ number }) => number, filter.order !== 'oldest', asked)
      return { ...rest, items: items.map(({ record }) => record) }
    },
    total: async (filter = {}) => matching(filter).length,
    redact: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      const key = keyOf(tenant, commandId)
      const kept = opened().get(key)
      if (kept !== undefined) records.set(key, { ...kept, record: redactedDetail(kept.record) })
      return kept !== undefined
    },
    purge: async (request) => {
      const { before, tenant, statuses, limit } = purgeOf(request)
      const old = matching({ tenant, statuses, to: before }).slice(0, limit)
      for (const { record } of old) records.delete(keyOf(record.tenant, record.commandId))
      return old.length
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      records.clear()
    },
  }
}

/** Keys hold no NUL. */
function keyOf(tenant: string, commandId: string): string {
  return `${tenant}\0${commandId}`
}
