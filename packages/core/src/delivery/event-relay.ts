// The relay: hands what a source delivers to a broker, batch by batch, so that what was stored in one place goes on to another.
import type { Broker, EventSource } from '../registry/delivery-ports.ts'
import { publishEventsToBroker } from '../registry/destination-sinks.ts'
import type { Envelope, EnvelopeDraft } from '../registry/envelope.ts'
import type { Registry } from '../registry/registry.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import { loopOptionNames, observeSteps, runBatchLoop } from './batch-loop.ts'
import type { LoopOptions } from './batch-loop.ts'
import { checkSource } from './event-worker.ts'

export interface EventRelayOptions extends LoopOptions {
  /** Whose observer is told; default: nobody is told. */
  readonly registry?: Registry | undefined
  /** On whose behalf it publishes; default: nobody in particular. */
  readonly context?: RequestContext | undefined
}
const optionNames = [...loopOptionNames, 'registry', 'context'] as const

/** `app/delivery.ts` says what it does; here clock and randomness are given. */
export async function relayEvents(
  source: EventSource,
  broker: Broker,
  options: EventRelayOptions,
  runtime: BackendRuntime,
): Promise<void> {
  checkOptions(options, optionNames, 'runEventRelay()')
  const { registry, context } = options
  checkSource(source)
  // Sends nothing, and refuses what is no broker.
  await publishEventsToBroker(broker, [])
  const withId = (event: EnvelopeDraft): Envelope =>
    event.id === undefined || event.id === '' ? { ...event, id: runtime.ids.newId() } : { ...event, id: event.id }
  await runBatchLoop(
    source,
    {
      observe: observeSteps(registry, undefined),
      deliver: async (events, signal) => {
        await publishEventsToBroker(broker, events.map(withId), { registry, context, signal })
        return undefined
      },
    },
    options,
    runtime,
  )
}
