// What is delivered next, and what becomes of it. A record whose delivery failed is delivered alone from then on, so that one that
// always fails uses up its own attempts and not those of its neighbours; the order stays.
import { isGestaError, redactError } from '@gesta/core/ports'
import type { BatchSupply, EnvelopeDraft, TakenBatch } from '@gesta/core/ports'
import type { DeadLetters } from './dead-letters.ts'
import type { Turns } from './in-turn.ts'
import { damaged } from './line-file.ts'
import type { OutboxLog } from './outbox-log.ts'
import type { Entry } from './outbox-reading.ts'
import { markedLine, readLine } from './outbox-record.ts'

export interface OutboxParts {
  readonly path: string
  readonly log: OutboxLog
  readonly dead: DeadLetters
  readonly inTurn: Turns
  /** Failed deliveries after which a record becomes a dead letter. */
  readonly attemptsMax: number
  /** RFC 3339. */
  readonly now: () => string
  /** Nothing is stored any more: what is there is the rest. */
  readonly isEnded: () => boolean
}

const batchEventsMax = 100
/** Bytes of lines after which a batch is full, because all of it is in memory. */
const batchBytesMax = 16 * 1024 * 1024

/** The supply of an event source; every call takes its turn. */
export function outboxBatches(parts: OutboxParts): BatchSupply {
  return { take: () => parts.inTurn(() => take(parts)) }
}

async function take(parts: OutboxParts): Promise<TakenBatch | undefined | 'drained'> {
  const { path, log, inTurn, isEnded } = parts
  const { next, passed } = choose(log.entries.values())
  if (passed.length > 0) await mark(parts, passed, 'event_unreadable')
  if (next.length === 0) return isEnded() ? 'drained' : undefined
  const ids = next.map(({ id }) => id)
  const events: EnvelopeDraft[] = []
  // Looked up again, because marking may have moved them.
  for (const entry of entriesOf(log, ids)) {
    const found = readLine(await log.read(entry))
    if (found.kind !== 'record') throw damaged(path)
    events.push(found.event)
  }
  return {
    events,
    ack: () => inTurn(() => log.change({ removed: ids, updated: new Map() })),
    nack: (cause) => inTurn(() => failed(parts, ids, cause)),
  }
}

/** The records of the next batch, and those that were passed on the way because they cannot be read. */
function choose(entries: Iterable<Entry>): { readonly next: readonly Entry[]; readonly passed: readonly Entry[] } {
  const next: Entry[] = []
  const passed: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    if (!entry.isReadable) {
      passed.push(entry)
      continue
    }
    bytes += entry.bytes
    if (next.length > 0 && (entry.attempts > 0 || bytes > batchBytesMax)) break
    next.push(entry)
    if (entry.attempts > 0 || next.length === batchEventsMax) break
  }
  return { next, passed }
}

async function failed(parts: OutboxParts, ids: readonly string[], cause: unknown): Promise<void> {
  // Whoever could not be reached has not refused the event.
  if (isGestaError(cause, 'broker_unavailable') || isGestaError(cause, 'store_unavailable')) return
  await mark(parts, entriesOf(parts.log, ids), redactError(cause))
}

/** Records that are still there. */
function entriesOf({ entries }: OutboxLog, ids: readonly string[]): readonly Entry[] {
  return ids.flatMap((id) => entries.get(id) ?? [])
}

/** Counts a failed delivery of each record; those that had enough become dead letters. */
async function mark(
  { log, dead, attemptsMax, now }: OutboxParts,
  entries: readonly Entry[],
  lastError: string,
): Promise<void> {
  const lastAttemptAt = now()
  const updated = new Map<string, { readonly line: Buffer; readonly attempts: number }>()
  const givenUp: Buffer[] = []
  const removed: string[] = []
  for (const entry of entries) {
    const attempts = entry.attempts + 1
    const line = markedLine(await log.read(entry), entry.id, { attempts, lastAttemptAt, lastError })
    if (attempts < attemptsMax) updated.set(entry.id, { line, attempts })
    else {
      givenUp.push(line)
      removed.push(entry.id)
    }
  }
  if (givenUp.length > 0) await dead.add(givenUp)
  try {
    await log.change({ removed, updated })
  } finally {
    // They are safe elsewhere, so they are not delivered again, also when the file could not be changed.
    log.forget(removed)
  }
}
