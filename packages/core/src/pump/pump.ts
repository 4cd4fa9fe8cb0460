// The pump: one per process. It gives every read model the order, from the tail when it is there, else from the store.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Alarms } from '../time/alarms.ts'
import { createTail } from './tail.ts'

export interface PumpOptions {
  readonly store: EventStore
  readonly decoder: EventDecoder
  readonly alarms: Alarms
  /** Bytes of events kept in memory. */
  readonly tailBytesMax: number
  /** Milliseconds after which a reader that hears nothing looks into the store: other processes write too. */
  readonly pollMs: number
}
export interface Pump extends Disposable {
  /** Whole commits after a position, about `limit` events; waits while there are none. `undefined` once the pump has stopped. */
  next(after: number, limit: number): Promise<readonly RecordedEvent[] | undefined>
  /** The last position that this process knows of; the log may have more. */
  readonly head: number
  /** Ends all waiting. */
  stop(): void
}

/** A pump that starts at the end of the log as it is now. */
export async function createPump({ store, decoder, alarms, tailBytesMax, pollMs }: PumpOptions): Promise<Pump> {
  const tail = createTail(store, decoder, await store.head(), tailBytesMax)
  const wakes = new Set<() => void>()
  let stopped = false
  // Up to here the store has more than the tail, or probably has: who goes on there looks before it waits for the next poll.
  let ahead = -1
  const wakeAll = (): void => {
    for (const wake of wakes) wake()
    wakes.clear()
  }
  const growth = tail.onGrowth(wakeAll)
  const pause = (after: number): Promise<void> =>
    new Promise((resolve) => {
      // Nothing may slip between the look and the wait.
      if (stopped || tail.head > after) return resolve()
      const alarm = alarms.set(alarms.clock.nowUs() + pollMs * 1000, wake)
      function wake(): void {
        alarm.cancel()
        wakes.delete(wake)
        resolve()
      }
      wakes.add(wake)
    })

  return {
    next: async (after, limit) => {
      let look = after <= ahead
      while (!stopped) {
        const live = tail.after(after, limit)
        if (live !== undefined && live.length > 0) return live
        if (live === undefined || look) {
          const stored = await store.readAll({ after, limit })
          const last = stored.at(-1)
          if (last !== undefined) {
            ahead = Math.max(ahead, stored.length < limit ? last.position - 1 : last.position)
            return stored.map(decoder.decode)
          }
        }
        await pause(after)
        look = true
      }
      return undefined
    },
    get head() {
      return tail.head
    },
    stop: () => {
      stopped = true
      wakeAll()
    },
    [Symbol.dispose]: () => {
      stopped = true
      wakeAll()
      growth[Symbol.dispose]()
      tail[Symbol.dispose]()
    },
  }
}
