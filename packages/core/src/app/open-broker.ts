// The broker of an app: one that somebody else closes, or one that is opened when the first events go to it, and closed with the app.
import { GestaError } from '../errors/gesta-error.ts'
import type { Broker } from '../registry/delivery-ports.ts'
import type { BackendRuntime } from '../stores/backend.ts'

/** Where integration events go: a broker that somebody else closes, or the description of one that the app opens and closes. */
export type AppBroker = Broker | { open(runtime: BackendRuntime): Promise<Broker & AsyncDisposable> }

/**
 * The broker, which is opened when it is first needed: an app starts and works also while its broker is away. Opening is tried again
 * with every batch until it succeeds. Errors of publishing: as `Broker`; whatever opening fails with is the cause of `broker_unavailable`.
 */
export function openBroker(given: AppBroker, runtime: BackendRuntime): Broker & AsyncDisposable {
  if (!('open' in given)) {
    return {
      publishEvents: (events, run) => given.publishEvents(events, run),
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
  let opening: Promise<Broker & AsyncDisposable> | undefined
  let opened: (Broker & AsyncDisposable) | undefined
  let closed = false
  const open = async (): Promise<Broker & AsyncDisposable> => {
    try {
      const broker = await given.open(runtime)
      checkBroker(broker)
      // Nobody waited for it: it came too late.
      if (closed) await broker[Symbol.asyncDispose]()
      else opened = broker
      return broker
    } catch (cause) {
      opening = undefined
      throw notOpened(cause)
    }
  }
  return {
    publishEvents: async (events, run) => {
      const broker = opened ?? (await (opening ??= open()))
      await broker.publishEvents(events, run)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await opened?.[Symbol.asyncDispose]()
    },
  }
}

/** Errors: a plain one for what neither publishes nor opens. */
export function checkBroker(given: AppBroker | undefined): void {
  if (given === undefined) return
  if (typeof ('open' in given ? given.open : given.publishEvents) === 'function') return
  throw new Error('Expected broker to have publishEvents, or open, which gives such a one; it has neither.')
}

function notOpened(cause: unknown): GestaError {
  return new GestaError(
    'broker_unavailable',
    'Expected to open the broker that start() was given, but that failed. See the cause; it is tried again.',
    { cause },
  )
}
