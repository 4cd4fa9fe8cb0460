// The watch: follows the log for erasures alone, so that what other processes erased is forgotten here too. It trips over no event:
// one that cannot be read must not hide an erasure that lies behind it.
import { erasureStream } from '../contracts/subject-erased.ts'
import type { Ids } from '../ids/ids.ts'
import type { Pump } from '../pump/pump.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { KeyScope } from '../stores/key/key-store.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'

export interface WatchParts {
  readonly pump: Pump
  readonly store: EventStore
  readonly clock: Clock
  readonly ids: Ids
  /** Harmless to repeat. */
  readonly evict: (scope: KeyScope) => Promise<void>
  /** Told how far the watch is: what was erased up to there is forgotten. */
  readonly onSeen: (position: number) => void
}
interface Seen {
  readonly position: number
  readonly erased: readonly KeyScope[]
}

const batchEvents = 1_000
const retryDelay = { firstMs: 50, maxMs: 2_000 }

/** Watches from a position on, until the pump stops. Never rejects. */
export async function watchErasures(parts: WatchParts, from: number): Promise<void> {
  const { clock, ids, evict, onSeen } = parts
  let position = from
  for (let failures = 0; ;) {
    try {
      const seen = await next(parts, position)
      if (seen === undefined) return
      for (const scope of seen.erased) await evict(scope)
      position = seen.position
      onSeen(position)
      failures = 0
    } catch {
      failures++
      await new Promise<void>((resolve) => clock.after(backoffMs(retryDelay, failures, ids.random), resolve))
    }
  }
}

async function next({ pump, store }: WatchParts, position: number): Promise<Seen | undefined> {
  try {
    const events = await pump.next(position, batchEvents)
    if (events === undefined) return undefined
    return {
      position: events.at(-1)?.position ?? position,
      erased: events
        .filter(({ aggregate }) => aggregate.type === erasureStream)
        .map(({ tenant, aggregate }) => ({ tenant, subject: aggregate.id })),
    }
  } catch (error) {
    // As it is stored, nothing has to be read of it.
    const events = await store.readAll({ after: position, limit: batchEvents })
    const last = events.at(-1)
    if (last === undefined) throw error
    return {
      position: last.position,
      erased: events
        .filter(({ aggregateType }) => aggregateType === erasureStream)
        .map(({ tenant, aggregateId }) => ({ tenant, subject: aggregateId })),
    }
  }
}
