// The loop of a subscriber: event after event, each one done before the next, and its place moved behind each. It fails alone: neither
// the process nor other subscribers stop with it, and no event is passed over because it failed.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import { isAway } from '../dispatch/away.ts'
import type { Engine } from '../dispatch/engine.ts'
import { isGestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import { unreadableBecause } from '../stores/event/event-decoder.ts'
import type { Checkpoint } from '../stores/read-model/read-model-store.ts'
import { backoffMs } from '../time/backoff.ts'
import { pause, unlessAborted } from '../time/unless-aborted.ts'
import { recordedOccasion } from './occasion.ts'
import type { Held, Ownership } from './ownership.ts'
import type { Progress } from './progress.ts'
import type { Pump } from './pump.ts'
import { runSubscriber } from './subscriber-run.ts'
import type { SubscriberState, SubscriberStatus } from './subscriber-status.ts'
import { runsFor } from './subscriber.ts'
import type { SubscriberParts } from './subscriber.ts'

export interface SubscriberLoop {
  readonly status: SubscriberStatus
  /** Notes what went wrong beside the loop. */
  note(cause: unknown): void
  /** Runs until `stop` aborts or the subscriber fails. Never rejects. */
  run(): Promise<void>
}
export interface SubscriberLoopParts {
  readonly subscriber: SubscriberParts
  readonly engine: Engine
  readonly pump: Pump
  readonly ownership: Ownership
  readonly progress: Progress
  /** Takes no further event. */
  readonly stop: AbortSignal
  /** Waits no longer for a run. */
  readonly cancel: AbortSignal
}
/** Why a loop left what it held: it was told to, or it cannot go on. */
type Ending = 'left' | 'failed' | 'diverged'
/** What was read of the log and is not done. */
interface Batch {
  readonly events: readonly RecordedEvent[]
  /** The last event that was read, whether it is for the subscriber or not. */
  readonly last: RecordedEvent
  /** How many of the events are done. */
  at: number
  /** Microseconds of the monotonic clock after which it is read again. */
  readonly staleUs: number
}

const batchEvents = 1_000
/** Runs may take long, and what was read before an erasure must not be acted on long after it. */
const batchAgeMs = 1_000
/** Events that may be passed over before the place is moved for them alone. */
const passedMax = 1_000
const retryDelay = { firstMs: 100, maxMs: 60_000 }

/** A loop that does not run yet. */
export function createSubscriberLoop(parts: SubscriberLoopParts): SubscriberLoop {
  const { subscriber, engine, pump, ownership, progress, stop, cancel } = parts
  const { name, durable, attemptsMax } = subscriber
  const { incarnation } = engine.store.identity
  let state: SubscriberState = 'stopped'
  let lastError: string | undefined
  let seen: number | undefined

  const follow = async (held: Held): Promise<Ending> => {
    const leaving = AbortSignal.any([stop, held.lost])
    const ending = AbortSignal.any([cancel, held.lost])
    let place: Checkpoint | undefined
    /** Where the place is to be moved: what lies before it is done. */
    let done: Checkpoint | undefined
    let batch: Batch | undefined
    /** The event that was begun and is not done, and how often. */
    let tried: { readonly position: number; readonly times: number } | undefined

    /** Failures in succession that time does not mend; only they count towards the end. */
    let finals = 0

    const move = async (to: Checkpoint): Promise<void> => {
      place = (await progress.move(to)) ? to : undefined
      done = undefined
    }
    const begin = async (): Promise<void> => {
      batch = undefined
      tried = undefined
      place = await progress.read()
      seen = place.position
    }
    const read = async (after: number): Promise<void> => {
      const events = await unlessAborted(leaving, pump.next(after, batchEvents, unhurried))
      const last = events?.at(-1)
      if (events === undefined || last === undefined) throw new Error('the pump has stopped')
      // Commits come whole, and a place may lie inside of one.
      const own = events.filter((event) => event.position > after && runsFor(subscriber, event).length > 0)
      batch = { events: own, last, at: 0, staleUs: engine.clock.monotonicUs() + batchAgeMs * 1000 }
    }
    const pass = ({ position, id }: RecordedEvent, isDone: boolean): void => {
      seen = position
      tried = undefined
      // What was passed over costs a write now and then only: reading it again costs no more.
      if (isDone || position - (place?.position ?? 0) >= passedMax) done = { incarnation, position, eventId: id }
    }
    /** The next thing to do; every one of them may fail, and is then tried again. */
    const step = async (): Promise<void> => {
      if (done !== undefined) return move(done)
      if (place === undefined) return begin()
      if (batch === undefined || engine.clock.monotonicUs() > batch.staleUs) return read(seen ?? place.position)
      const event = batch.events[batch.at]
      if (event === undefined) {
        pass(batch.last, false)
        batch = undefined
        return
      }
      const { position } = event
      if (tried?.position !== position) finals = 0
      tried = { position, times: tried?.position === position ? tried.times + 1 : 1 }
      const run = { engine, name, occasion: recordedOccasion(event), attempt: tried.times, signal: ending }
      try {
        const unreadable = unreadableBecause(event)
        if (unreadable !== undefined) throw unreadable
        await unlessAborted(cancel, runSubscriber(run, runsFor(subscriber, event)))
      } catch (cause) {
        throw new RunFailed(cause)
      }
      pass(event, true)
      batch.at++
    }

    for (let failures = 0; ;) {
      // What is done is noted before it leaves.
      if (cancel.aborted || (stop.aborted && done === undefined) || !held.isHeld()) return 'left'
      try {
        await step()
        // Another look at the log is no proof that the event at which it failed will do.
        if (tried !== undefined) continue
        failures = 0
        finals = 0
        state = 'live'
      } catch (thrown) {
        // What cannot be noted in time is done again by the next owner.
        if (stop.aborted || !held.isHeld()) return 'left'
        const cause = thrown instanceof RunFailed ? thrown.cause : thrown
        state = 'retrying'
        lastError = redactError(cause)
        if (isGestaError(thrown, 'diverged') && !(thrown instanceof RunFailed)) return 'diverged'
        if (isFinal(thrown)) finals++
        if (finals >= attemptsMax) return 'failed'
        // It is read again: it may have been erased or rewritten meanwhile.
        batch = undefined
        const delayMs = backoffMs(retryDelay, ++failures, engine.ids.random)
        await pause(engine.clock, delayMs, leaving).catch(() => undefined)
      }
    }
  }

  return {
    get status() {
      const position = state === 'standby' ? undefined : seen
      const lag = position === undefined ? undefined : Math.max(0, pump.head - position)
      return { name, durable, state, position, lag, lastError }
    },
    note: (cause) => void (lastError = redactError(cause)),
    run: async () => {
      while (!stop.aborted) {
        state = 'standby'
        const held = await ownership.take(stop).catch(() => undefined)
        if (held === undefined) break
        const ending = await follow(held)
        // A run that was not waited for may still be going on: the lease ends by itself then.
        if (cancel.aborted) held.abandon()
        else await held.release()
        if (ending === 'left') continue
        state = ending
        return
      }
      state = 'stopped'
    },
  }
}

/** What a subscriber's function threw, apart from what reading and noting fail with. */
class RunFailed extends Error {
  constructor(cause: unknown) {
    super('A subscriber failed.', { cause })
  }
}

function isFinal(thrown: unknown): boolean {
  return thrown instanceof RunFailed && !isAway(thrown.cause)
}

// Nobody waits for a subscriber, so events come to it in batches.
const unhurried = (): boolean => false
