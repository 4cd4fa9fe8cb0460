// One receiver of a group. It asks the server when somebody waits, gives out one batch at a time (unless the group is unordered), keeps
// what was given back and gives it out again before anything else, and leaves everything to the other receivers when it goes.
import { backoffMs, isGestaError, onAbort, redactError, unlessAborted } from '@gesta/core/ports'
import type {
  BackendRuntime,
  EnvelopeDraft,
  ErrorCode,
  EventBatch,
  GestaError,
  Subscription,
  Timer,
} from '@gesta/core/ports'
import type { Msg } from '@nats-io/transport-node'
import { createClaims } from './claims.ts'
import { inTime } from './connection.ts'
import type { Connection } from './connection.ts'
import { deliveryOf } from './delivery.ts'
import type { Delivery } from './delivery.ts'
import { createInHand } from './in-hand.ts'
import type { Batch, Held } from './in-hand.ts'
import { decodeMessage } from './message.ts'
import { unavailable } from './nats-errors.ts'
import { createPulling } from './pulling.ts'
import type { GroupSettings } from './stream-options.ts'
import type { GroupState } from './streams.ts'

export interface Group {
  readonly name: string
  readonly stream: string
  readonly consumer: string
  /** Errors: `broker_unavailable`. */
  state(): Promise<GroupState>
  /** Puts a message to the dead letters; once, however often. Errors: `broker_unavailable`. */
  bury(delivery: Delivery, reason: string): Promise<void>
}
export interface GroupReceiver extends Subscription {
  /** Says that the group was removed: who waits is told that it is closed. */
  removed(): void
}
/** Names the one group for which a message was put back; all others pass over it. */
export const onlyGroupHeader = 'Gesta-Group'

/** Acknowledged messages that are remembered: if the server has not heard it, they are acknowledged again and not given out. */
const acknowledgedMax = 10_000
/** Whoever could not be reached has not refused the event. */
const notReached: readonly ErrorCode[] = ['broker_unavailable', 'store_unavailable']
/** Milliseconds between attempts while the server refuses. */
const pause = { firstMs: 50, maxMs: 2000 }
/** Milliseconds that what was asked for waits for the one who asked, when he has gone. */
const graceMs = 2000
/** Milliseconds after which a worker without a connection looks again; it is woken when there is one. */
const lookAgainMs = 60_000

export function createGroupReceiver(
  connection: Connection,
  group: Group,
  { unordered, batchEventsMax, ackWaitMs, attemptsMax, backoff }: GroupSettings,
  { clock, ids }: Pick<BackendRuntime, 'clock' | 'ids'>,
): GroupReceiver {
  /** The server hands out the next event of an ordered group when the last one is done. */
  const askedMax = unordered ? batchEventsMax : 1
  const hand = createInHand()
  const acknowledged = new Set<string>()
  let change = Promise.withResolvers<void>()
  let receivers = 0
  let idleSinceUs = 0
  /** Whoever asked went away while the server was asked. */
  let abandoned = false
  /** Until what comes although nobody waits is left to others. */
  let returning: Timer | undefined
  let working = false
  let left = false
  let ended: { readonly error?: GestaError } | undefined
  /** What comes again is taken one by one: should one of them end the process, the others are not counted with it. */
  let careful = true
  let retryAtUs = 0
  /** Whether the group may be gone: the server sends no word of it. */
  let unsure = false
  let missingSinceUs: number | undefined
  const claims = createClaims(connection, hand, ackWaitMs, clock, {
    idleSinceUs: () => (receivers > 0 ? undefined : idleSinceUs),
  })

  const wake = (): void => {
    const { resolve } = change
    change = Promise.withResolvers<void>()
    resolve()
  }
  const changeWithin = async (delayMs: number): Promise<void> => {
    const timer = clock.after(delayMs, wake)
    await change.promise
    timer.cancel()
  }
  const endWatch = connection.watch(() => {
    unsure = true
    // What was on its way is lost, and a server that crashed may count anew.
    wake()
  })

  const giveUp = (): void => {
    returning = undefined
    if (abandoned && hand.out.size === 0) claims.release(hand.drop(() => true))
  }
  const take = (message: Msg): void => {
    const delivery = deliveryOf(message)
    if (delivery === undefined) return
    const onlyGroup = message.headers?.get(onlyGroupHeader) ?? ''
    if (acknowledged.has(delivery.identity) || (onlyGroup !== '' && onlyGroup !== group.consumer))
      return claims.say(delivery, '+ACK')
    careful = delivery.deliveries > 1
    const held = heldOf(delivery, { alone: careful || attemptsMax === 1, arrivedUs: clock.monotonicUs() })
    if (delivery.deliveries > attemptsMax) held.reason ??= 'deliveries'
    if (left) return claims.release([held])
    hand.add(held)
    claims.keep()
    // Whoever asked may ask again at once; if not, others may have it.
    if (abandoned) returning ??= clock.after(Math.min(graceMs, ackWaitMs / 3), giveUp)
  }
  const pulling = createPulling(connection, group, clock, take)

  const isFree = (): boolean => unordered || hand.out.size === 0
  const isReady = (): boolean => {
    const [first] = hand.waiting
    return first !== undefined && first.reason === undefined && isFree() && clock.monotonicUs() >= retryAtUs
  }
  const bury = async (held: Held, reason: string): Promise<void> => {
    await group.bury(held.delivery, reason)
    claims.say(held.delivery, '+TERM')
    hand.drop((each) => each === held)
  }
  /** A server that has just begun may not know all its streams yet, so it is asked for a while. */
  const makeSure = async (): Promise<void> => {
    const state = await group.state()
    if (state === 'there') {
      unsure = false
      missingSinceUs = undefined
      return
    }
    const nowUs = clock.monotonicUs()
    missingSinceUs ??= nowUs
    if (nowUs - missingSinceUs >= connection.timeoutMs * 1000)
      ended = state === 'removed' ? {} : { error: groupLost(connection.address, group.name) }
    throw unavailable(connection.address, 'the group is not there.')
  }
  /** Does the one thing that brings the next batch nearer. Throws when the server cannot. */
  const step = async (): Promise<void> => {
    const [first] = hand.waiting
    if (connection.client === undefined) return changeWithin(lookAgainMs)
    if (first?.reason !== undefined) return bury(first, first.reason)
    if (first !== undefined) return changeWithin(Math.max(0, retryAtUs - clock.monotonicUs()) / 1000)
    await claims.released()
    if (unsure) await makeSure()
    const wasCareful = careful
    let how = await pulling.pull(careful ? 1 : askedMax, 'wait')
    // It did not come again, so the batch is filled.
    if (wasCareful && !careful && how === 'answered' && hand.waiting.length < askedMax)
      how = await pulling.pull(askedMax - hand.waiting.length, 'now')
    if (how === 'deleted') ended = {}
    unsure = how !== 'answered'
    if (how === 'refused' || how === 'busy') throw unavailable(connection.address, 'the group cannot be asked now.')
  }
  /** Works as long as somebody waits and there is nothing to give out. */
  const work = async (): Promise<void> => {
    for (let failures = 0; receivers > 0 && !left && ended === undefined && isFree() && !isReady();) {
      try {
        await step()
        failures = 0
      } catch {
        failures += 1
        await changeWithin(backoffMs(pause, failures, ids.random))
      }
    }
    working = false
    wake()
  }

  const give = (batch: Batch, signal: AbortSignal): EventBatch => {
    const place = onAbort(signal, () => {
      abandoned = receivers === 0
      hand.settle(batch)
      claims.release([...batch, ...(abandoned || !unordered ? hand.drop(() => true) : [])])
      wake()
    })
    /** Whether the batch is out still; it is not, after this. */
    const settles = (): boolean => {
      const isOut = hand.out.has(batch)
      place.leave()
      hand.settle(batch)
      return isOut
    }
    return {
      events: batch.map(({ event }) => event as EnvelopeDraft),
      ack: async () => {
        if (!settles()) return
        for (const { delivery } of batch) {
          claims.say(delivery, '+ACK')
          remember(acknowledged, delivery.identity)
        }
        wake()
      },
      nack: async (cause) => {
        if (!settles()) return
        const waitMs = giveBack(batch, cause)
        if (!unordered) retryAtUs = clock.monotonicUs() + waitMs * 1000
        wake()
      },
    }
  }
  /** Notes the failure, and returns how long to wait. */
  const giveBack = (batch: Batch, cause: unknown): number => {
    const isAttempt = !notReached.some((code) => isGestaError(cause, code))
    const given: Held[] = []
    let waitMs = 0
    for (const held of batch) {
      const { deliveries } = held.delivery
      if (isAttempt) held.failures += 1
      // The server counts as well: a delivery here is the first of those that it knows.
      const attempts = unordered ? deliveries : deliveries - 1 + held.failures
      if (attempts >= attemptsMax && batch.length === 1) held.reason = redactError(cause).slice(0, 200)
      else waitMs = Math.max(waitMs, backoffMs(backoff, Math.max(1, attempts), ids.random))
      given.push(held)
    }
    if (unordered && batch[0]?.reason === undefined) {
      // A wait of no time would be none for the server.
      for (const { delivery } of given) claims.say(delivery, '-NAK', Math.max(1, waitMs))
    } else hand.putBack(given)
    claims.keep()
    return waitMs
  }

  return {
    receiveEventBatch: async ({ signal }) => {
      receivers += 1
      abandoned = false
      try {
        for (;;) {
          signal.throwIfAborted()
          if (left) return undefined
          if (ended?.error !== undefined) throw ended.error
          if (ended !== undefined) return undefined
          if (isReady()) return give(hand.take(askedMax), signal)
          if (!working && isFree()) {
            working = true
            void work()
          }
          await unlessAborted(signal, change.promise)
        }
      } finally {
        receivers -= 1
        idleSinceUs = clock.monotonicUs()
        if (signal.aborted && receivers === 0 && hand.out.size === 0) {
          abandoned = true
          claims.release(hand.drop(() => true))
        }
      }
    },
    removed: () => {
      ended = {}
      wake()
    },
    [Symbol.asyncDispose]: async () => {
      if (left) return
      left = true
      endWatch()
      wake()
      await inTime(clock, connection.timeoutMs, pulling.stop()).catch(() => undefined)
      const out = [...hand.out]
      for (const batch of out) hand.settle(batch)
      claims.release([...out.flat(), ...hand.drop(() => true)])
      claims.stop()
      returning?.cancel()
      await claims.released()
    },
  }
}

function heldOf(delivery: Delivery, facts: Pick<Held, 'alone' | 'arrivedUs'>): Held {
  const held = { ...facts, delivery, event: undefined, failures: 0, reason: undefined, renewedUs: facts.arrivedUs }
  try {
    return { ...held, event: decodeMessage(delivery.message) }
  } catch (error) {
    return { ...held, reason: redactError(error) }
  }
}

function remember(acknowledged: Set<string>, identity: string): void {
  acknowledged.add(identity)
  const [oldest] = acknowledged
  if (acknowledged.size > acknowledgedMax && oldest !== undefined) acknowledged.delete(oldest)
}

function groupLost(address: string, name: string): GestaError {
  return unavailable(
    address,
    `the group ${name} is not there any more, and nobody removed it here. Look whether its stream was lost; subscribing makes the group anew.`,
  )
}
