// The pump: one per process. It gives every read model the order, from the tail when it is there, else from the store.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { EventStore, StoredEvent } from '../stores/event/event-store.ts'
import { createReadAhead } from '../stores/event/read-ahead.ts'
import type { Alarms } from '../time/alarms.ts'
import type { Timer } from '../time/clock.ts'
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
  /**
   * Whole commits after a position, about `limit` events; waits while there are none. `undefined` once the pump has stopped.
   * A reader that is not `hurried` is given a few commits at once: what it does for each batch is then paid for fewer batches.
   */
  next(after: number, limit: number, hurried?: () => boolean): Promise<readonly RecordedEvent[] | undefined>
  /** The same as it is stored, from the store alone and without waiting; empty at the end of the log. */
  stored(after: number, limit: number): Promise<readonly StoredEvent[]>
  /** Gives waiting readers what there is: somebody waits for them. */
  hurry(): void
  /** Drops the events in memory: readers read them from the store again. */
  forget(): void
  /** The last position that this process knows of; the log may have more. */
  readonly head: number
  /** Called whenever this process has stored something. */
  onGrowth(listener: () => void): Disposable
  /** Ends all waiting. */
  stop(): void
}

/** How long events may wait for more to come with them, and how many do not wait. */
const gatherMs = 2
const gatherEvents = 128

/** Full pages that are kept; each holds about as many events as its reader asked for. */
const pagesKept = 4

interface Waiting {
  readonly after: number
  readonly hurried: () => boolean
  readonly wake: () => void
  /** Rings when nothing else does: after a poll's time, or when the gathering ends. */
  alarm: Timer
  gathering: boolean
}

/** A pump that starts at the end of the log as it is now. */
export async function createPump({ store, decoder, alarms, tailBytesMax, pollMs }: PumpOptions): Promise<Pump> {
  const tail = createTail(store, decoder, await store.head(), tailBytesMax)
  const log = createReadAhead(store)
  const readers = new Set<Waiting>()
  let stopped = false
  // Up to here the store has more than the tail, or probably has: who goes on there looks before it waits for the next poll.
  let ahead = -1
  // What other processes stored is known once it was read.
  let seen = 0

  /** What is being read now. Readers that ask for the same meanwhile share it: most of them stand at the end of the log. */
  const reading = new Map<string, Promise<readonly RecordedEvent[]>>()
  /** The last full pages, for readers that go side by side through the log, as when several views are built at once. */
  let full = new Map<string, readonly RecordedEvent[]>()
  const read = async (after: number, limit: number): Promise<readonly RecordedEvent[]> => {
    const kept = full
    const stored = await log.page(after, limit)
    const last = stored.at(-1)
    if (last === undefined) return []
    const isFull = stored.length >= limit
    seen = Math.max(seen, last.position)
    ahead = Math.max(ahead, isFull ? last.position : last.position - 1)
    const events = await decoder.decodeEach(stored)
    if (isFull) {
      kept.set(`${after} ${limit}`, events)
      const [oldest] = kept.keys()
      if (kept.size > pagesKept && oldest !== undefined) kept.delete(oldest)
    }
    return events
  }
  const page = (after: number, limit: number): Promise<readonly RecordedEvent[]> => {
    const key = `${after} ${limit}`
    const known = full.get(key)
    if (known !== undefined) return Promise.resolve(known)
    const going = reading.get(key)
    if (going !== undefined) return going
    const begun = read(after, limit).finally(() => {
      if (reading.get(key) === begun) reading.delete(key)
    })
    reading.set(key, begun)
    return begun
  }

  const isDue = (after: number, hurried: () => boolean): boolean =>
    stopped || tail.head - after >= gatherEvents || (tail.head > after && hurried())
  const ring = (delayMs: number, wake: () => void): Timer =>
    alarms.set(alarms.clock.monotonicUs() + delayMs * 1000, wake)

  const onGrowth = (): void => {
    for (const reader of readers) {
      if (isDue(reader.after, reader.hurried)) reader.wake()
      else if (!reader.gathering) {
        reader.gathering = true
        reader.alarm.cancel()
        reader.alarm = ring(gatherMs, reader.wake)
      }
    }
  }
  const wakeAll = (): void => {
    // Who is woken wants what is there now: what was begun before may have missed it.
    reading.clear()
    for (const reader of readers) reader.wake()
  }
  /** How often the store has told that there may be more. */
  let told = 0
  const tell = (): void => {
    told++
    log.forget()
    wakeAll()
  }
  const pause = (after: number, hurried: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      // Nothing may slip between the look and the wait.
      if (isDue(after, hurried)) return resolve()
      const wake = (): void => {
        reader.alarm.cancel()
        readers.delete(reader)
        resolve()
      }
      const gathering = tail.head > after
      const reader: Waiting = { after, hurried, wake, alarm: ring(gathering ? gatherMs : pollMs, wake), gathering }
      readers.add(reader)
    })
  const growth = tail.onGrowth(onGrowth)
  const advance = store.onAdvance?.(tell)

  return {
    next: async (after, limit, hurried = always) => {
      let look = after <= ahead
      let waited = false
      let heard = told
      while (!stopped) {
        const live = tail.after(after, limit)
        if (live !== undefined && live.length > 0 && (waited || isDue(after, hurried))) return live
        if (live === undefined || (look && live.length === 0)) {
          const stored = await page(after, limit)
          if (stored.length > 0) return stored
        }
        // Told during the look, which may have missed it: nobody waits then.
        if (heard === told) await pause(after, hurried)
        heard = told
        look = true
        waited = true
      }
      return undefined
    },
    stored: (after, limit) => log.page(after, limit),
    hurry: wakeAll,
    forget: () => {
      tail.forget()
      log.forget()
      reading.clear()
      full = new Map()
    },
    get head() {
      return Math.max(tail.head, seen)
    },
    onGrowth: tail.onGrowth,
    stop: () => {
      stopped = true
      wakeAll()
    },
    [Symbol.dispose]: () => {
      stopped = true
      wakeAll()
      growth[Symbol.dispose]()
      advance?.[Symbol.dispose]()
      tail[Symbol.dispose]()
    },
  }
}

const always = (): boolean => true
