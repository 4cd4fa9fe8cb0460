// Traces an id: finds its correlation, reads what belongs to that, list by list, and hangs it together by what caused it.
import type { CommandLog } from '../stores/command-log/command-log.ts'
import type { EventStore, StoredEvent } from '../stores/event/event-store.ts'
import { pageLimit } from '../stores/page.ts'
import type { AppCommandLog } from './app-command-log.ts'
import { whatIs } from './trace-ids.ts'
import { sentBy } from './trace-parts.ts'
import type { SentParts } from './trace-parts.ts'
import { treeOf } from './trace-tree.ts'
import type { GrowingCommand } from './trace-tree.ts'
import type { EventRange, ViewsOf } from './trace-views.ts'
import type { TracedRecord } from './trace.ts'

export interface TracerParts extends SentParts {
  readonly events: Pick<EventStore, 'identity' | 'parts' | 'list'>
  readonly commandLog: Pick<CommandLog, 'get' | 'list'>
  /** How far the views of the running read models are: `viewsOf`. */
  readonly views: (range: EventRange) => Promise<ViewsOf>
}

const limitByDefault = 1_000
/** Items of one page; stores bound pages by their size too. */
const pageMax = 1_000

/** What `running.commandLog.trace` does. Errors: `store_*`, `invalid_key`; a `RangeError` for the limit. */
export function createTracer(parts: TracerParts): AppCommandLog['trace'] {
  return async (id, { tenant = '', limit } = {}) => {
    const max = pageLimit(limit, limitByDefault)
    const named = await whatIs(parts, tenant, id)
    if (named === undefined) return undefined
    const { kind, correlationId } = named
    const { records, truncated } = await commandsOf(parts, tenant, correlationId, max)
    if (records.length === 0) return undefined
    const sent = await sentBy(parts, tenant, records)
    const stored = await eventsOf(parts, tenant, correlationId, records)
    const range = { tenant, first: stored.at(0)?.position ?? 0, last: stored.at(-1)?.position ?? 0 }
    const seenBy = stored.length === 0 ? () => [] : await parts.views(range)
    const events = Map.groupBy(stored, ({ commandId }) => commandId)
    const commands = records.map((record): GrowingCommand => ({
      record,
      events: (events.get(record.commandId) ?? []).map((event) => traced(event, seenBy)),
      ...sent(record),
      followed: [],
    }))
    return { kind, tenant, correlationId, commands: treeOf(commands), truncated }
  }
}

/** The oldest commands of a correlation, without their payloads. */
async function commandsOf(
  { commandLog }: TracerParts,
  tenant: string,
  correlationId: string,
  max: number,
): Promise<{ readonly records: readonly TracedRecord[]; readonly truncated: boolean }> {
  const records: TracedRecord[] = []
  let cursor: string | undefined
  do {
    const limit = Math.min(pageMax, max - records.length)
    const page = await commandLog.list({ tenant, correlationId, order: 'oldest' }, { cursor, limit })
    for (const { payload: _, ...record } of page.items) records.push(record)
    cursor = page.cursor
  } while (cursor !== undefined && records.length < max)
  return { records, truncated: cursor !== undefined }
}

type EventFacts = Omit<StoredEvent, 'data' | 'context'>

/** The events of these commands, in the order of the log, without their data. */
async function eventsOf(
  { events }: TracerParts,
  tenant: string,
  correlationId: string,
  records: readonly TracedRecord[],
): Promise<readonly EventFacts[]> {
  const last = records.findLast((record) => record.events.length > 0)?.events.at(-1)?.position
  if (last === undefined) return []
  const found: EventFacts[] = []
  let cursor: string | undefined
  do {
    const page = await events.list({ tenant, correlationId, before: last + 1 }, { cursor, limit: pageMax })
    for (const { data: _, context: __, ...event } of page.items) found.push(event)
    cursor = page.cursor
  } while (cursor !== undefined)
  return found
}

function traced(event: EventFacts, seenBy: ViewsOf): GrowingCommand['events'][number] {
  const { commandId, index, type, position, aggregateType, aggregateId, version, recordedAt } = event
  return {
    id: `${commandId}.${index}`,
    type,
    position,
    aggregateType,
    aggregateId,
    version,
    recordedAt,
    readModels: seenBy(event),
    followed: [],
  }
}
