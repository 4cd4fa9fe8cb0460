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

/**
 * In the order in which they came, those that are not yet `ready`; they are then. Errors: `config_refused`, after all of them have been told
 * that nothing comes.
 */
export async function prepareAll(
  subscribers: ReadonlySet<ConfigSubscriber<unknown>>,
  ready: Set<ConfigSubscriber<unknown>>,
  next: unknown,
  change: ConfigChange,
  limits: SubscriberLimits,
): Promise<void> {
  for (const subscriber of subscribers) {
    if (ready.has(subscriber)) continue
    ready.add(subscriber)
    try {
      await limited(limits, async (signal) => subscriber.prepare?.(next, change, signal))
    } catch (cause) {
      // The one that failed may have got half-way, so it is told too.
      for (const one of [...ready].reverse()) await told(limits, async () => one.abandoned?.(next))
      throw refused(cause, change)
    }
  }
}

/**
 * Tells those that are ready: that it came, or, when one has left since, that nothing comes. Returns what the last of those that failed
 * threw, as codes and names.
 */
export async function tellAll(
  ready: ReadonlySet<ConfigSubscriber<unknown>>,
  subscribers: ReadonlySet<ConfigSubscriber<unknown>>,
  current: unknown,
  change: ConfigChange,
  limits: SubscriberLimits,
): Promise<string | undefined> {
  let failure: string | undefined
  for (const one of ready) {
    const tell = async (): Promise<unknown> =>
      subscribers.has(one) ? one.changed?.(current, change) : one.abandoned?.(current)
    failure = (await told(limits, tell)) ?? failure
  }
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
