// Delivery to the subscribers of this process: in order, one after the other, until the first failure.
import type { Role } from '../contracts/messages.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { ContractError } from './contract-error.ts'
import type { Entry } from './entry.ts'
import type { Envelope } from './envelope.ts'
import { eventOf, observeEvent } from './registry.ts'
import type { Registry } from './registry.ts'
import { allows } from './roles.ts'
import { SubscriberScope } from './run-context.ts'
import { isThenable } from './thenable.ts'

/** Runs the subscribers that the role may run, event by event. An event without subscribers is delivered. Errors: `subscriber_failed`. */
export async function deliver(
  registry: Registry,
  events: readonly Envelope[],
  role: Role | undefined,
  context: RequestContext,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const event of events) {
    observeEvent(registry, observationNames.publishEvent, event, role)
    const subscribers = eventOf(registry, event.category, event.type)?.subscribers ?? []
    for (const entry of subscribers) {
      if (!allows(entry.bits, role)) continue
      try {
        const run = subscriberOf(entry)(event.value, new SubscriberScope(context, signal, event))
        if (isThenable(run)) await run
      } catch (cause) {
        throw failed(event, cause)
      }
    }
  }
}

function subscriberOf({ contract, handler }: Entry): (data: unknown, run: SubscriberScope) => unknown {
  if (typeof handler === 'function') return handler as (data: unknown, run: SubscriberScope) => unknown
  throw new ContractError(
    'nil_handler',
    contract.type,
    `Expected a subscriber of ${contract.type} to be a function, received ${typeof handler}.`,
  )
}

function failed({ id, category, type }: Envelope, cause: unknown): ContractError {
  const message = `A subscriber of the ${category} event ${type} failed, so the event ${id} and what follows in its batch were not delivered further. See the cause.`
  return new ContractError('subscriber_failed', type, message, { cause, facts: { category, eventId: id } })
}
