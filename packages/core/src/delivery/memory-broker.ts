// The broker in memory: what is published waits in one queue until a receiver has acknowledged it.
import type { Broker, EventSource } from '../registry/delivery-ports.ts'
import { encodeEnvelope } from '../registry/envelope-text.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import { brokerClosed, queueFull } from './broker-errors.ts'
import { createMemoryQueue } from './memory-queue.ts'

export interface MemoryBrokerOptions {
  /** Events that may wait, from 1; a batch that would be more is refused as `broker_unavailable`. Default 100,000. */
  readonly eventsMax?: number | undefined
}
/** Batches of at most 100 events; a batch that is given back comes again first, unchanged. Several receivers take turns. */
export interface MemoryBroker extends Broker, EventSource {
  /** Events that were not acknowledged yet. */
  readonly size: number
  /** Takes no more events. Receivers get what is there, and are then told that it is closed. */
  close(): void
}
export const queuedEventsMaxDefault = 100_000

/** A broker for one process. Errors of publishing: as `Broker` says. Reference: docs/reference/delivery.md. */
export function createMemoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  checkOptions(options, ['eventsMax'], 'createMemoryBroker()')
  const { eventsMax = queuedEventsMaxDefault } = options
  checkWhole(eventsMax, 'option eventsMax', 1)
  const queue = createMemoryQueue()
  let closed = false
  return {
    publishEvents: async (events, { context }) => {
      if (closed) throw brokerClosed()
      const texts = events.map((event) => encodeEnvelope(event, { traceparent: context.traceparent }))
      if (queue.size + texts.length > eventsMax) throw queueFull('The broker in memory', eventsMax)
      queue.push(texts)
    },
    receiveEventBatch: queue.receiveEventBatch,
    get size() {
      return queue.size
    },
    close: () => {
      closed = true
      queue.end()
    },
  }
}
