// Sinks that hand events to an outbox, a broker or the browser fanout. They belong beside the engines of delivery; they are here
// because the registry's own functions need them and they stand on nothing but its ports.
import type { Role } from '../contracts/messages.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { ObservationName } from '../observation/observation-names.ts'
import { emptyContext } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { CommandEventSink } from './command-event-sink.ts'
import { ContractError } from './contract-error.ts'
import type { Broker, Fanout, Outbox } from './delivery-ports.ts'
import type { Envelope } from './envelope.ts'
import { observeEvent } from './registry.ts'
import type { Registry } from './registry.ts'
import { RunScope } from './run-context.ts'

export interface SendOptions {
  /** Whose observer is told; default: nobody is told. */
  readonly registry?: Registry | undefined
  readonly role?: Role | undefined
  readonly context?: RequestContext | undefined
  readonly signal?: AbortSignal | undefined
}

/** A sink that stores the whole batch; subscribers are not called. Errors: `nil_handler`. Reference: docs/reference/contracts.md. */
export function outboxSink(outbox: Outbox): CommandEventSink {
  checkDestination(outbox, 'storeEvents', 'an outbox')
  return (events, delivery) => {
    observeAll(observationNames.storeCommandEvents, events, delivery)
    return outbox.storeEvents(events, new RunScope(delivery.context, delivery.signal))
  }
}

/** A sink that publishes the whole batch; subscribers are not called. Errors: `nil_handler`. Reference: docs/reference/contracts.md. */
export function brokerSink(broker: Broker): CommandEventSink {
  checkDestination(broker, 'publishEvents', 'a broker')
  return (events, delivery) => publishEventsToBroker(broker, events, delivery)
}

/** A sink that sends the presentation events of a batch, if it has any. Errors: `nil_handler`. Reference: docs/reference/contracts.md. */
export function fanoutSink(fanout: Fanout): CommandEventSink {
  checkDestination(fanout, 'sendPresentationEvents', 'a fanout')
  return (events, delivery) => sendPresentationEventsToFanout(fanout, events, delivery)
}

/** Publishes events as one ordered batch; an empty one is not sent. Errors: `nil_handler`; the broker's own unchanged. Reference: docs/reference/contracts.md. */
export async function publishEventsToBroker(
  broker: Broker,
  events: readonly Envelope[],
  options: SendOptions = {},
): Promise<void> {
  checkDestination(broker, 'publishEvents', 'a broker')
  if (events.length === 0) return
  observeAll(observationNames.publishBrokerEvents, events, options)
  await broker.publishEvents(events, new RunScope(options.context ?? emptyContext, options.signal))
}

/** Sends the presentation events of a batch, in order; without one nothing is sent. Errors: `nil_handler`; the fanout's own unchanged. Reference: docs/reference/contracts.md. */
export async function sendPresentationEventsToFanout(
  fanout: Fanout,
  events: readonly Envelope[],
  options: SendOptions = {},
): Promise<void> {
  checkDestination(fanout, 'sendPresentationEvents', 'a fanout')
  const shown = events.filter(({ category }) => category === 'presentation')
  if (shown.length === 0) return
  observeAll(observationNames.sendPresentationEvents, shown, options)
  await fanout.sendPresentationEvents(shown, new RunScope(options.context ?? emptyContext, options.signal))
}

function checkDestination<Port>(destination: Port, method: keyof Port & string, what: string): void {
  if (typeof (destination as Port | undefined | null)?.[method] === 'function') return
  throw new ContractError(
    'nil_handler',
    '',
    `Expected ${what} with a method ${method}, received ${destination === undefined || destination === null ? 'none' : 'something else'}.`,
  )
}

function observeAll(name: ObservationName, events: readonly Envelope[], { registry, role }: SendOptions): void {
  if (registry === undefined) return
  for (const event of events) observeEvent(registry, name, event, role)
}
