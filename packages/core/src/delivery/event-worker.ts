// The event worker: dispatches what a source delivers to the subscribers of a registry, and remembers what it has dealt with.
import type { Role } from '../contracts/messages.ts'
import { observationNames } from '../observation/observation-names.ts'
import { ContractError } from '../registry/contract-error.ts'
import type { EventSource } from '../registry/delivery-ports.ts'
import type { EnvelopeDraft } from '../registry/envelope.ts'
import { publishEnvelope } from '../registry/publish-envelopes.ts'
import { heldBy, observeEvent } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'
import { roles } from '../registry/roles.ts'
import { emptyContext } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import { createMemorySeenStore } from '../stores/seen/memory-seen-store.ts'
import type { SeenStore } from '../stores/seen/seen-store.ts'
import type { SingleStore } from '../stores/single-store.ts'
import { loopOptionNames, observeSteps, runBatchLoop } from './batch-loop.ts'
import type { LoopOptions } from './batch-loop.ts'
import { freshEvents } from './fresh-events.ts'

export interface EventWorkerOptions extends LoopOptions {
  /** Whose subscribers run. Default `worker`. */
  readonly role?: Role | undefined
  /** On whose behalf; each event adds its `traceparent`, and its id as `causationId`. Default: nobody in particular. */
  readonly context?: RequestContext | undefined
  /** Where dealt-with ids are kept; a description is opened by the worker and closed at its end. Default: in memory, 10,000. */
  readonly seen?: SeenStore | SingleStore<SeenStore> | undefined
  /** The name under which ids are kept: one per set of subscribers, for good. Needed with `seen`, which others may share. */
  readonly subscription?: string | undefined
}
const optionNames = [...loopOptionNames, 'role', 'context', 'seen', 'subscription'] as const

/** `app/delivery.ts` says what it does; here clock and randomness are given. */
export async function workEvents(
  registry: Registry,
  source: EventSource,
  options: EventWorkerOptions,
  runtime: BackendRuntime,
): Promise<void> {
  checkOptions(options, optionNames, 'runEventWorker()')
  const { role = 'worker', context = emptyContext } = options
  heldBy(registry)
  checkSource(source)
  checkRole(role)
  const { seen, subscription } = seenOf(options)
  await using opened = await openSeen(seen, runtime)
  await runBatchLoop(
    source,
    {
      observe: observeSteps(registry, role),
      deliver: async (batch, signal) => {
        const { events, ids, skipped } = await freshEvents(batch, opened.store, subscription)
        for (const event of skipped) observeEvent(registry, observationNames.workerSkipDuplicate, event, role)
        for (const event of events)
          await publishEnvelope(registry, event, { role, context: contextOf(event, context), signal })
        return ids.length === 0 ? undefined : () => opened.store.mark(subscription, ids)
      },
    },
    options,
    runtime,
  )
}

/** Throws `nil_handler` for what is no event source. */
export function checkSource(source: EventSource | undefined | null): void {
  if (typeof source?.receiveEventBatch === 'function') return
  throw new ContractError('nil_handler', '', 'Expected an event source with a method receiveEventBatch, received none.')
}

function checkRole(role: Role): void {
  if (roles.includes(role)) return
  // A role that opens nothing would acknowledge every event without running a subscriber.
  throw new Error(`Expected an event worker to have a role of ${roles.join(', ')}, received ${JSON.stringify(role)}.`)
}

function contextOf(event: EnvelopeDraft | undefined, context: RequestContext): RequestContext {
  if (event === undefined) return context
  const { id, traceparent } = event
  return {
    ...context,
    ...(traceparent === undefined ? undefined : { traceparent }),
    ...(id === undefined || id === '' ? undefined : { causationId: id }),
  }
}

function seenOf({ seen, subscription }: EventWorkerOptions): {
  readonly seen: SeenStore | SingleStore<SeenStore> | undefined
  readonly subscription: string
} {
  if (seen !== undefined && subscription === undefined) {
    // Under a name that two workers share, one would skip what only the other one has dealt with.
    throw new Error(
      'Expected an event worker that is given a seen store to have a subscription: a name of its own in it.',
    )
  }
  return { seen, subscription: subscription ?? 'worker' }
}

/** The store, and what closes it if it was opened here. */
async function openSeen(
  seen: SeenStore | SingleStore<SeenStore> | undefined,
  runtime: BackendRuntime,
): Promise<{ readonly store: SeenStore } & AsyncDisposable> {
  if (seen !== undefined && 'mark' in seen) return { store: seen, [Symbol.asyncDispose]: async () => undefined }
  const store = seen === undefined ? createMemorySeenStore() : await seen.open(runtime)
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}
