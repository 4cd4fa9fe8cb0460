// Subscribers of a configuration: all of them get ready, or nothing changes; then all are told.
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { Clock } from '../time/clock.ts'
import { limitedTo } from './candidate.ts'
import type { ConfigChange, ConfigSubscriber } from './config.ts'

/** In the order in which they came. Errors: `config_refused`, after those that were ready have been told that nothing comes. */
export async function prepareAll(
  subscribers: readonly ConfigSubscriber<unknown>[],
  next: unknown,
  change: ConfigChange,
  limits: { readonly clock: Pick<Clock, 'after'>; readonly prepareTimeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const ready: ConfigSubscriber<unknown>[] = []
  for (const subscriber of subscribers) {
    ready.unshift(subscriber)
    try {
      await limitedTo(limits.clock, limits.prepareTimeoutMs, limits.signal, async (signal) => {
        await subscriber.prepare?.(next, change, signal)
      })
    } catch (cause) {
      // The one that failed may have got half-way, so it is told too.
      for (const one of ready) await told(() => one.abandoned?.(next))
      throw refused(cause, change)
    }
  }
}

/** What the last of those that failed threw, as codes and names. */
export async function tellAll(
  subscribers: readonly ConfigSubscriber<unknown>[],
  current: unknown,
  change: ConfigChange,
): Promise<string | undefined> {
  let failure: string | undefined
  for (const subscriber of subscribers) failure = (await told(() => subscriber.changed?.(current, change))) ?? failure
  return failure
}

async function told(tell: () => unknown): Promise<string | undefined> {
  try {
    await tell()
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
