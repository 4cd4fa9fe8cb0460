// One receiver of a group. It has one batch at a time; what it gives back waits with it until it is due, and comes before anything else.
// While it has something it gives signs of life; who gives none for long loses it to the others.
import { backoffMs, isGestaError, onAbort, pause, redactError, unlessAborted } from '@gesta/core/ports'
import type { Backoff, BackendRuntime, EventBatch, Subscription, Timer } from '@gesta/core/ports'
import type { GroupMember, Taken } from './group.ts'
import type { NewEntries } from './new-entries.ts'
import { untilDone } from './patience.ts'
import { brokerFailures } from './redis-errors.ts'
import { sortEntries } from './sort-entries.ts'
import type { SortedEntries } from './sort-entries.ts'

export interface ReceiverParts {
  readonly group: string
  readonly member: GroupMember
  readonly newEntries: NewEntries
  readonly runtime: BackendRuntime
  /** How long what was given back waits, by its failed deliveries. */
  readonly backoff: Backoff
  /** Milliseconds after which it looks again although nobody told it to, and between its signs of life. */
  readonly waitMs: number
  /** Whether the receivers of the group share its events, instead of one at a time having some. */
  readonly unordered: boolean
  /** The receivers of the group in this process that wait: they are told when they may get something. */
  readonly waiting: Set<() => void>
  /** Called when it has left. */
  onLeft(): void
}

export function createReceiver(parts: ReceiverParts): Subscription {
  const { group, member, newEntries, runtime, backoff, waitMs, unordered, waiting } = parts
  const { clock, ids: randomness } = runtime
  const leaving = new AbortController()
  /** While somebody receives or has a batch in hand, or something is let go. */
  let busy: Promise<void> | undefined
  let inHand = false
  /** When what was given back is due; before, nothing is taken. */
  let dueUs = 0
  /** When to look after the topic, and for what receivers that have ended had. */
  let lookUs = 0
  let sign: Timer | undefined
  let left: Promise<void> | undefined

  const wakeOthers = (): void => {
    for (const wake of waiting) wake()
  }
  /** All that it has is free for others. */
  const letGo = async (): Promise<void> => {
    // Who leaves lets everything go anyway; and what cannot be let go, others take after a while.
    await untilDone(() => member.leave(), leaving.signal, runtime).catch(() => undefined)
    dueUs = 0
    wakeOthers()
  }

  const occupy = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    busy = promise
    return () => {
      if (busy === promise) busy = undefined
      resolve()
    }
  }
  /** Begins when something is in hand, and goes on until nothing is. Who does not come back for what is due loses it. */
  const giveSigns = (): void => {
    if (leaving.signal.aborted) return
    sign ??= clock.after(waitMs, () => {
      sign = undefined
      if (inHand || clock.monotonicUs() < dueUs) void member.renew().then(giveSigns, giveSigns)
      else if (busy === undefined) void letGo().then(occupy())
    })
  }

  const hand = ({ ids, events, deliveries }: SortedEntries, signal: AbortSignal, done: () => void): EventBatch => {
    let isOver = false
    let settling: Promise<void> | undefined
    let abandoning: Promise<void> | undefined
    inHand = true
    const over = (): void => {
      isOver = true
      inHand = false
      place.leave()
      done()
      if (!unordered) wakeOthers()
    }
    /** Nobody waits for it any more. What is being settled is left to that; if it fails, the batch is let go afterwards. */
    const abandon = (): void => {
      if (!isOver && settling === undefined) abandoning ??= letGo().then(over)
    }
    const place = onAbort(signal, abandon)
    /** Once: whoever comes first decides. */
    const settle = (work: () => Promise<void>, stop: AbortSignal): Promise<void> => {
      if (isOver) return Promise.resolve()
      settling ??= untilDone(work, AbortSignal.any([stop, leaving.signal]), runtime)
        .then(() => (abandoning === undefined ? over() : undefined))
        .finally(() => {
          settling = undefined
          if (signal.aborted) abandon()
        })
      return settling
    }
    giveSigns()
    return {
      events,
      ack: (options) => settle(() => member.ack(ids), options.signal),
      nack: (cause, options) =>
        settle(async () => {
          // Whoever could not be reached has not refused the event.
          const counts = !isGestaError(cause, 'broker_unavailable') && !isGestaError(cause, 'store_unavailable')
          await member.fail(ids, counts ? redactError(cause) : undefined)
          dueUs = clock.monotonicUs() + backoffMs(backoff, deliveries, randomness.random) * 1000
        }, options.signal),
    }
  }

  const next = async (stop: AbortSignal): Promise<Taken> => {
    const waitUs = dueUs - clock.monotonicUs()
    if (waitUs > 0) await pause(clock, waitUs / 1000, stop)
    const looks = clock.monotonicUs() >= lookUs
    if (looks) {
      await untilDone(() => member.tidy(), stop, runtime)
      lookUs = clock.monotonicUs() + waitMs * 1000
    }
    return untilDone(() => member.take(looks), stop, runtime)
  }
  const waitFor = async (change: (stop: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> => {
    const woken = Promise.withResolvers<void>()
    const over = new AbortController()
    waiting.add(woken.resolve)
    try {
      const changed = change(AbortSignal.any([stop, over.signal]))
      await unlessAborted(stop, Promise.race([changed, woken.promise]))
    } finally {
      waiting.delete(woken.resolve)
      over.abort()
    }
  }
  const pauseBetween = (stop: AbortSignal): Promise<void> => pause(clock, waitMs, stop)

  const receive = async (signal: AbortSignal, stop: AbortSignal, done: () => void): Promise<EventBatch | undefined> => {
    for (;;) {
      const taken = await next(stop)
      if (taken.found === 'removed') {
        done()
        return undefined
      }
      if (taken.found === 'standby') await waitFor(pauseBetween, stop)
      // The server has lost the group together with the stream: what comes from now on is all there is.
      if (taken.found === 'missing') await untilDone(() => member.join('oldest'), stop, runtime)
      if (taken.found === 'empty') {
        const { last } = taken
        // What is wrong with its connection, the next question will tell.
        await waitFor((over) => newEntries.after(last).catch(() => pauseBetween(over)), stop)
      }
      if (taken.found === 'entries') {
        const sorted = sortEntries(taken.entries, group)
        const { ids, passed, unreadable } = sorted
        if (passed.length > 0) await untilDone(() => member.ack(passed), stop, runtime)
        if (unreadable.length > 0) await untilDone(() => member.bury(unreadable, 'event_unreadable'), stop, runtime)
        stop.throwIfAborted()
        if (ids.length > 0) return hand(sorted, signal, done)
      }
    }
  }
  const leave = async (): Promise<void> => {
    leaving.abort(brokerFailures.closed())
    sign?.cancel()
    await Promise.all([member.leave().catch(() => undefined), newEntries[Symbol.asyncDispose]()])
    wakeOthers()
    parts.onLeft()
  }

  return {
    receiveEventBatch: async ({ signal }) => {
      const stop = AbortSignal.any([signal, leaving.signal])
      try {
        while (busy !== undefined) await unlessAborted(stop, busy)
        stop.throwIfAborted()
        const done = occupy()
        const receiving = receive(signal, stop, done).catch(async (error: unknown) => {
          // An answer that came too late, or never, may have brought something.
          await letGo()
          done()
          throw error
        })
        return await unlessAborted(stop, receiving)
      } catch (error) {
        if (leaving.signal.aborted && !signal.aborted) return undefined
        throw error
      }
    },
    [Symbol.asyncDispose]: () => (left ??= leave()),
  }
}
