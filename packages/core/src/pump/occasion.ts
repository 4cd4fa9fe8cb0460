// What a subscriber runs for: an event of the log, or one that a source delivered; and what follows from it for what is sent.
import { hash } from 'node:crypto'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { Envelope } from '../registry/envelope.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { LogIdentity } from '../stores/event/event-store.ts'

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

/**
 * The id of the command that a subscriber sends as its `index`th for an event, from 0: the same in every process and every run. `round`
 * counts the attempts of it that are recorded and decided nothing. Keyed, so that no caller who may choose an id can take it before.
 */
export function sentCommandId(
  { secret }: LogIdentity,
  subscriber: string,
  { key }: Occasion,
  index: number,
  round: number,
): string {
  const rounds = round === 0 ? [] : [round]
  return `sent-${hash('sha256', JSON.stringify([secret, 'subscriber', subscriber, ...key, index, ...rounds]), 'base64url')}`
}
