// What a subscriber runs for: an event of the log, or one that a source delivered; and what follows from it for what is sent.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { Envelope } from '../registry/envelope.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'

export interface Occasion {
  readonly event: RecordedEvent | Envelope
  readonly data: unknown
  /** On whose behalf commands are sent. */
  readonly context: RequestContext
  /** Its place in this app's log; absent for an event from elsewhere. */
  readonly place: { readonly position: number; readonly commandId: string } | undefined
  /** What tells the event apart from all others. */
  readonly key: readonly string[]
}

/** On behalf of whom caused it. */
export function recordedOccasion(event: RecordedEvent): Occasion {
  const { id, tenant, position, commandId, context } = event
  return {
    event,
    data: event.data,
    context: {
      ...context,
      ...(tenantOf(context) === tenant ? undefined : { targetTenant: tenant }),
      causationId: id,
    },
    place: { position, commandId },
    key: ['domain', tenant, id],
  }
}

/** On behalf of nobody in particular: who caused it in another app is nobody here. */
export function deliveredOccasion(event: Envelope): Occasion {
  const { id, tenant = '', traceparent, correlationId } = event
  return {
    event,
    data: event.value,
    context: {
      ...(tenant === '' ? undefined : { targetTenant: tenant }),
      ...(correlationId === undefined ? undefined : { correlationId }),
      causationId: id,
      ...(traceparent === undefined ? undefined : { traceparent }),
    },
    place: undefined,
    key: ['integration', tenant, id],
  }
}

/** Names the `index`th command, from 0, that a subscriber sends for an event: its id is made of this. */
export function senderName(subscriber: string, { key }: Occasion, index: number): readonly (string | number)[] {
  return ['subscriber', subscriber, ...key, index]
}
