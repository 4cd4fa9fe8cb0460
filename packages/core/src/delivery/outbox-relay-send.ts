// One batch to the broker: what it comes to, and how long to leave a broker alone that is away.
import { GestaError, isGestaError } from '../errors/gesta-error.ts'
import type { Broker } from '../registry/delivery-ports.ts'
import { publishEventsToBroker } from '../registry/destination-sinks.ts'
import type { Registry } from '../registry/registry.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { contextOf } from '../stores/stored-context.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import { envelopesOf, failed } from './outbox-relay-batch.ts'
import type { OutboxBatch } from './outbox-relay-batch.ts'
import type { OutboxSettings } from './outbox-relay-options.ts'

export interface SendParts {
  readonly broker: Broker
  /** Whose messages they are. */
  readonly events: Pick<EventStore, 'identity'>
  /** Whose observer is told. */
  readonly registry: Registry
  readonly runtime: BackendRuntime
  readonly alarms: Alarms
  readonly settings: OutboxSettings
}

/** The broker could not be reached, was closed or did not answer. */
export interface Away {
  readonly away: unknown
}

/** Publishes the batch as one. `undefined`: `signal` aborted. Never rejects. */
export async function sendBatch(
  { broker, events, registry, runtime, alarms, settings }: SendParts,
  batch: OutboxBatch,
  signal: AbortSignal,
): Promise<OutboxBatch['outcome'] | Away> {
  const limit = deadline(alarms, settings.publishTimeoutMs, signal)
  try {
    const context = contextOf(batch.messages[0]?.context ?? '{}')
    const envelopes = envelopesOf(batch, settings.source, events.identity)
    const publishing = publishEventsToBroker(broker, envelopes, { registry, context, signal: limit.signal })
    await limit.race('the broker was taking events', publishing)
    return 'sent'
  } catch (error) {
    if (signal.aborted) return undefined
    return isAway(error, limit.leftMs() <= 0) ? { away: error } : failed(batch, error, settings, runtime)
  } finally {
    limit.release()
  }
}

/** A broker that cannot be reached, was closed or does not answer has refused nothing. */
function isAway(error: unknown, isLate: boolean): boolean {
  if (isGestaError(error, 'broker_unavailable') || isGestaError(error, 'broker_closed')) return true
  return isLate && error instanceof GestaError && error.code === 'deadline_exceeded'
}
