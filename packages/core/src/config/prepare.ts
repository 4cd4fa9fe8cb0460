// Subscribers of a configuration: all of them get ready, or nothing changes; then all are told.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { Clock } from '../time/clock.ts'
import { limitedTo } from './candidate.ts'
import type { ConfigChange, ConfigSubscriber } from './config.ts'

export interface SubscriberLimits {
  readonly clock: Pick<Clock, 'after'>
  /** Of each call of each subscriber: one that never ends would keep every later reload waiting. */
  readonly prepareTimeoutMs: number
  readonly signal: AbortSignal
}

/** In the order in which they came. Errors: `config_refused`, after those that were ready have been told that nothing comes. */
export async function prepareAll(
  subscribers: readonly ConfigSubscriber<unknown>[],
  next: unknown,
  change: ConfigChange,
  limits: SubscriberLimits,
): Promise<void> {
  const ready: ConfigSubscriber<unknown>[] = []
  for (const subscriber of subscribers) {
    ready.unshift(subscriber)
    try {
      await limited(limits, async (signal) => subscriber.prepare?.(next, change, signal))
    } catch (cause) {
      // The one that failed may have got half-way, so it is told too.
      for (const one of ready) await told(limits, async () => one.abandoned?.(next))
      throw refused(cause, change)
    }
  }
}

/** What the last of those that failed threw, as codes and names. */
export async function tellAll(
  subscribers: readonly ConfigSubscriber<unknown>[],
  current: unknown,
  change: ConfigChange,
  limits: SubscriberLimits,
): Promise<string | undefined> {
  let failure: string | undefined
  for (const subscriber of subscribers)
    failure = (await told(limits, async () => subscriber.changed?.(current, change))) ?? failure
  return failure
}

function limited<T>(
  { clock, prepareTimeoutMs, signal }: SubscriberLimits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return limitedTo(clock, prepareTimeoutMs, signal, work)
}

async function told(limits: SubscriberLimits, tell: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await limited(limits, tell)
    return undefined
  } catch (cause) {
    return redactError(cause)
  }
}

function refused(cause: unknown, { changed }: ConfigChange): GestaError {
  const reason = findGestaError(cause)?.message ?? redactError(cause)
  return new GestaError(
    'config_refused',
    `Expected every subscriber to get ready for a change of ${changed.join(', ')}, but one refused: ${reason}. The values of before stay in force.`,
    { facts: { keys: changed }, cause },
  )
}
