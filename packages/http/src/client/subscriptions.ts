// Who listens to which presentation events, and what they are told.
import type { ClientError } from './client-error.ts'

export interface SubscribeOptions {
  /** Called when events were missed, or may have been: read again what is shown. */
  readonly onResync?: (() => void) | undefined
  /** Called with the `ClientError` that ended the stream for good, and with what a listener throws. */
  readonly onError?: ((error: unknown) => void) | undefined
}
/** A listener that listens until it is disposed of. */
export interface EventSubscription extends Disposable {
  /** Resolves when the server knows of the listener: it hears everything from then on. Rejects when the stream fails for good. */
  readonly opened: Promise<void>
}

interface Entry extends SubscribeOptions {
  readonly listener: (data: never) => void
  readonly opened: PromiseWithResolvers<void>
}
export interface Subscriptions {
  /** The types that somebody listens to. */
  readonly types: readonly string[]
  add(type: string, listener: (data: never) => void, options: SubscribeOptions): Entry
  remove(type: string, entry: Entry): void
  show(type: string, data: unknown): void
  resync(): void
  /** The server knows of these types. */
  opened(types: readonly string[]): void
  failed(error: ClientError): void
}

export function createSubscriptions(): Subscriptions {
  const byType = new Map<string, Set<Entry>>()
  const all = (): readonly Entry[] => [...byType.values()].flatMap((entries) => [...entries])
  const tell = (entry: Entry, told: () => void): void => {
    try {
      told()
    } catch (error) {
      try {
        entry.onError?.(error)
      } catch {
        // One listener must not keep the others from hearing.
      }
    }
  }
  return {
    get types() {
      return [...byType.keys()].toSorted()
    },
    add: (type, listener, options) => {
      const entry: Entry = { ...options, listener, opened: Promise.withResolvers() }
      // Nobody has to look at it.
      entry.opened.promise.catch(() => undefined)
      const entries = byType.get(type)
      if (entries === undefined) byType.set(type, new Set([entry]))
      else entries.add(entry)
      return entry
    },
    remove: (type, entry) => {
      const entries = byType.get(type)
      entries?.delete(entry)
      if (entries?.size === 0) byType.delete(type)
    },
    show: (type, data) => {
      for (const entry of byType.get(type) ?? []) tell(entry, () => entry.listener(data as never))
    },
    resync: () => {
      for (const entry of all()) tell(entry, () => entry.onResync?.())
    },
    opened: (types) => {
      for (const type of types) for (const entry of byType.get(type) ?? []) entry.opened.resolve()
    },
    failed: (error) => {
      for (const entry of all()) {
        entry.opened.reject(error)
        tell(entry, () => entry.onError?.(error))
      }
    },
  }
}
