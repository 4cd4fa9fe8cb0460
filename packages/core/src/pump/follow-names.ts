// Follows the log for the names of its events alone: which stream has grown, and where. It trips over no event: one that cannot be read
// must not hide what lies behind it.
import type { Ids } from '../ids/ids.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import type { Pump } from './pump.ts'

interface EventName {
  readonly tenant: string
  readonly aggregateType: string
  readonly aggregateId: string
  readonly position: number
}
export interface FollowingParts {
  readonly pump: Pump
  readonly store: Pick<EventStore, 'readAll'>
  readonly clock: Clock
  readonly ids: Pick<Ids, 'random'>
  /** Told batch by batch, in order. What it throws has the batch told again. */
  readonly onEvents: (events: readonly EventName[], position: number) => void | Promise<void>
  /** Called when the log cannot be read, before it is tried again. */
  readonly onTrouble?: (() => void) | undefined
}
interface Batch {
  readonly position: number
  readonly events: readonly EventName[]
}

const batchEvents = 1_000
const retryDelay = { firstMs: 50, maxMs: 2_000 }

/** Follows from a position on, until the pump stops. Never rejects. */
export async function followNames(parts: FollowingParts, from: number): Promise<void> {
  const { clock, ids, onEvents, onTrouble } = parts
  let position = from
  for (let failures = 0; ;) {
    try {
      const batch = await next(parts, position)
      if (batch === undefined) return
      await onEvents(batch.events, batch.position)
      position = batch.position
      failures = 0
    } catch {
      failures++
      onTrouble?.()
      await new Promise<void>((resolve) => clock.after(backoffMs(retryDelay, failures, ids.random), resolve))
    }
  }
}

async function next({ pump, store }: FollowingParts, position: number): Promise<Batch | undefined> {
  try {
    const events = await pump.next(position, batchEvents)
    if (events === undefined) return undefined
    return {
      position: events.at(-1)?.position ?? position,
      events: events.map(({ tenant, aggregate, position: at }) => ({
        tenant,
        aggregateType: aggregate.type,
        aggregateId: aggregate.id,
        position: at,
      })),
    }
  } catch (error) {
    // As it is stored, nothing has to be read of it.
    const events = await store.readAll({ after: position, limit: batchEvents })
    const last = events.at(-1)
    if (last === undefined) throw error
    return { position: last.position, events }
  }
}
