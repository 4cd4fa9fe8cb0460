// The ports through which events leave and enter a process. Adapters implement them; every batch is in order.
import type { Envelope, EnvelopeDraft } from './envelope.ts'
import type { RunContext } from './run-context.ts'

/** Keeps events for durable delivery. Persistence, transactions and retries are the adapter's. */
export interface Outbox {
  /** Resolves when the whole batch is stored; rejects when nothing of it is. Repeated ids are the receiver's to drop. */
  storeEvents(events: readonly Envelope[], run: RunContext): Promise<void>
}

/** Publishes events to an external delivery system. Serialization and acknowledgement are the adapter's. */
export interface Broker {
  /** Resolves when the system has taken the whole batch. After a rejection a part of it may have arrived. */
  publishEvents(events: readonly Envelope[], run: RunContext): Promise<void>
}

/** Sends presentation events to browsers, over SSE or WebSocket. It never receives an event of another category. */
export interface Fanout {
  /** Resolves when the batch was handed to every client's queue; a slow client does not delay it. */
  sendPresentationEvents(events: readonly Envelope[], run: RunContext): Promise<void>
}

/** Gives batches to an event worker. */
export interface EventSource {
  /** The next batch, possibly empty; `undefined` when the source is closed and drained. Rejects with the reason of an aborted signal. */
  receiveEventBatch(options: { readonly signal: AbortSignal }): Promise<EventBatch | undefined>
}

/** One ordered delivery. Without `ack` nothing needs to be acknowledged; without `nack` a failure stops the worker. */
export interface EventBatch {
  readonly events: readonly EnvelopeDraft[]
  readonly ack?: ((options: { readonly signal: AbortSignal }) => Promise<void>) | undefined
  /** Gives the batch back because of `cause`. */
  readonly nack?: ((cause: unknown, options: { readonly signal: AbortSignal }) => Promise<void>) | undefined
}
