// Sends messages, one batch at a time and in order: what is published while one is on its way goes with the next one. So a message that
// fails is never overtaken by what was published after it.
import type { BackendRuntime } from '@gesta/core/ports'
import { brokerClosed, kafkaError } from './kafka-errors.ts'
import { bytesOf } from './messages.ts'
import type { Message } from './messages.ts'
import { createPlainRoute } from './plain-route.ts'
import { createTransactionRoute } from './transaction-route.ts'
import type { Settings } from './options.ts'

export interface Sender extends AsyncDisposable {
  /**
   * Resolves when all replicas in sync have the messages; rejects within twice `timeoutMs`, when a part of them may have arrived
   * (without transactions). Errors: `broker_unavailable`, `broker_closed`, `payload_too_large`, and the signal's reason.
   */
  send(messages: readonly Message[], signal: AbortSignal): Promise<void>
}

interface Waiting extends PromiseWithResolvers<void> {
  readonly messages: readonly Message[]
  readonly signal: AbortSignal
  readonly untilUs: number
}

/** Under a transactional id it takes the place of whoever has it now. Errors: as `send`. */
export async function openSender(
  settings: Settings,
  runtime: BackendRuntime,
  transactionalId?: string,
): Promise<Sender> {
  const { clock } = runtime
  const route =
    transactionalId === undefined
      ? createPlainRoute(settings, runtime)
      : await createTransactionRoute(settings, runtime, transactionalId)
  const waiting: Waiting[] = []
  let isWorking = false
  let working: Promise<void> = Promise.resolve()
  let closed = false

  /** What goes together now: everything that waits, as far as one message may be large, and at least one batch. */
  const next = (): readonly Waiting[] => {
    const chosen: Waiting[] = []
    let bytes = 0
    for (const entry of waiting.splice(0)) {
      if (entry.signal.aborted) entry.reject(entry.signal.reason)
      else if (closed) entry.reject(brokerClosed())
      else if (entry.untilUs < clock.monotonicUs()) entry.reject(kafkaError(undefined, settings.brokers))
      else {
        bytes += entry.messages.reduce((sum, message) => sum + bytesOf(message), 0)
        if (chosen.length === 0 || bytes <= settings.messageBytesMax) chosen.push(entry)
        else {
          waiting.push(entry)
          bytes = Infinity
        }
      }
    }
    return chosen
  }
  const work = async (): Promise<void> => {
    isWorking = true
    for (let chosen = next(); chosen.length > 0; chosen = next()) {
      const messages = chosen.flatMap((entry) => entry.messages)
      try {
        await route.carry(portionsOf(messages, settings.messageBytesMax))
        for (const { resolve } of chosen) resolve()
      } catch (error) {
        const told = kafkaError(error, settings.brokers)
        for (const { reject } of chosen) reject(told)
      }
    }
    // At once: what is published from now on finds nobody at work.
    isWorking = false
  }

  return {
    send: async (messages, signal) => {
      if (closed) throw brokerClosed()
      signal.throwIfAborted()
      if (messages.length === 0) return
      const entry: Waiting = {
        ...Promise.withResolvers<void>(),
        messages,
        signal,
        untilUs: clock.monotonicUs() + settings.timeoutMs * 1000,
      }
      waiting.push(entry)
      if (!isWorking) working = work()
      await entry.promise
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await working
      await route[Symbol.asyncDispose]()
    },
  }
}

/** In order, each small enough: a broker refuses a batch for one partition as it does a message. */
function portionsOf(messages: readonly Message[], bytesMax: number): readonly (readonly Message[])[] {
  const portions: Message[][] = []
  let left = 0
  for (const message of messages) {
    const bytes = bytesOf(message)
    left -= bytes
    const portion = portions.at(-1)
    if (portion !== undefined && left >= 0) portion.push(message)
    else {
      portions.push([message])
      left = bytesMax - bytes
    }
  }
  return portions
}
