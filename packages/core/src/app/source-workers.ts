// The event workers of an app: one per source, whose deliveries go to the app's subscribers. One that stops with an error begins again.
import type { Role } from '../contracts/messages.ts'
import type { BatchFailure } from '../delivery/batch-loop.ts'
import { workEvents } from '../delivery/event-worker.ts'
import { redactError } from '../errors/redact-error.ts'
import type { EventSource } from '../registry/delivery-ports.ts'
import type { Registry } from '../registry/registry.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { SeenStore } from '../stores/seen/seen-store.ts'
import { backoffMs } from '../time/backoff.ts'
import { pause, unlessAborted } from '../time/unless-aborted.ts'

/** Where integration events come from: a source that somebody else closes, or the description of one that the app opens and closes. */
export type AppSource = EventSource | { open(runtime: BackendRuntime): Promise<EventSource & AsyncDisposable> }

/** `live`: it waits for events or works. `retrying`: something failed, and it tries again. `closed`: the source has ended. */
export interface SourceStatus {
  readonly state: 'live' | 'retrying' | 'closed' | 'stopped'
  /** What went wrong last, as codes and names: nothing of what an error said. */
  readonly lastError: string | undefined
}
export interface SourceWorker {
  readonly status: SourceStatus
  /** Works until the source is closed or `stop` aborts. Never rejects. */
  run(): Promise<void>
}
export interface SourceWorkerParts {
  readonly registry: Registry
  /** Whose subscribers run. */
  readonly role: Role
  /** Under this name the app remembers what it has dealt with, whichever source it came from. */
  readonly subscription: string
  readonly seen: SeenStore
  /** Takes no further batch. */
  readonly stop: AbortSignal
  /** Waits no longer for a batch. */
  readonly cancel: AbortSignal
  readonly runtime: BackendRuntime
}

const retryDelay = { firstMs: 100, maxMs: 30_000 }

/** Errors: a plain one for what is neither a source nor the description of one. */
export function checkSources(sources: readonly (AppSource | undefined)[]): void {
  sources.forEach((source, at) => {
    const isOne =
      source !== undefined && typeof ('open' in source ? source.open : source.receiveEventBatch) === 'function'
    if (!isOne)
      throw new Error(
        `Expected sources[${at}] to have receiveEventBatch, or open, which gives such a one; it has neither.`,
      )
  })
}

/** Workers that do not run yet, in the order of their sources. */
export function createSourceWorkers(sources: readonly AppSource[], parts: SourceWorkerParts): readonly SourceWorker[] {
  return sources.map((source) => createSourceWorker(source, parts))
}

function createSourceWorker(given: AppSource, parts: SourceWorkerParts): SourceWorker {
  const { registry, role, subscription, seen, stop, cancel, runtime } = parts
  let state: SourceStatus['state'] = 'stopped'
  let lastError: string | undefined
  /** Ends in succession; a batch that is settled begins anew. */
  let failures = 0
  const fail = (cause: unknown): void => {
    state = 'retrying'
    lastError = redactError(cause)
  }
  /** A batch that is settled says that the source and its subscribers are well; one that is left is free for the next receiver. */
  const watched = (source: EventSource): EventSource => ({
    receiveEventBatch: async ({ signal }) => {
      const batch = await source.receiveEventBatch({ signal: AbortSignal.any([signal, cancel]) })
      if (batch === undefined) return undefined
      // Spelled out: a batch may be an instance of a class, whose methods a copy would not have.
      return {
        events: batch.events,
        ack: async (acking) => {
          await batch.ack?.(acking)
          state = 'live'
          failures = 0
        },
        nack: batch.nack && (async (cause, nacking) => batch.nack?.(cause, nacking)),
      }
    },
  })
  const work = async (): Promise<void> => {
    await using opened = new AsyncDisposableStack()
    const source = 'open' in given ? opened.use(await openInTime(given.open(runtime), cancel)) : given
    state = 'live'
    const onFailure = ({ step, cause }: BatchFailure): void => {
      // What was delivered is not tried again because its ids could not be kept.
      if (step === 'mark') lastError = redactError(cause)
      else fail(cause)
    }
    const options = { role, seen, subscription, signal: cancel, drain: stop, onFailure }
    // A subscriber that does not look at its signal must not keep the app from stopping.
    await unlessAborted(cancel, workEvents(registry, watched(source), options, runtime))
  }
  return {
    get status() {
      return { state, lastError }
    },
    run: async () => {
      while (!stop.aborted) {
        try {
          await work()
          if (stop.aborted) break
          state = 'closed'
          return
        } catch (cause) {
          if (stop.aborted) break
          fail(cause)
          const delayMs = backoffMs(retryDelay, ++failures, runtime.ids.random)
          await pause(runtime.clock, delayMs, stop).catch(() => undefined)
        }
      }
      state = 'stopped'
    },
  }
}

/** The source, unless `cancel` aborts before; one that comes too late is closed. */
async function openInTime<Source extends AsyncDisposable>(
  opening: Promise<Source>,
  cancel: AbortSignal,
): Promise<Source> {
  try {
    return await unlessAborted(cancel, opening)
  } catch (error) {
    void opening.then((late) => late[Symbol.asyncDispose]()).catch(() => undefined)
    throw error
  }
}
