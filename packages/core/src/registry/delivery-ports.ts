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
  /**
   * Resolves when the system has taken the whole batch. After a rejection a part of it may have arrived, unless it was refused as
   * `invalid_output` or `payload_too_large`. Errors: `broker_unavailable`, `broker_closed`, `invalid_output`, `payload_too_large`.
   */
  publishEvents(events: readonly Envelope[], run: RunContext): Promise<void>
}

/** Sends presentation events to browsers, over SSE or WebSocket. It never receives an event of another category. */
export interface Fanout {
  /** Resolves when the batch was handed to every client's queue; a slow client does not delay it. */
  sendPresentationEvents(events: readonly Envelope[], run: RunContext): Promise<void>
}

/** Gives batches to an event worker. What is delivered may be delivered again, until it was acknowledged. */
export interface EventSource {
  /**
   * The next batch; waits until there is one. It may be empty now and then. `undefined`: the source is closed and drained.
   * While it waits it rejects with the reason of an aborted signal. The signal says also how long the receiver is there: a batch that
   * was neither acknowledged nor given back when it aborts is free for the next receiver.
   */
  receiveEventBatch(options: { readonly signal: AbortSignal }): Promise<EventBatch | undefined>
}

/** One ordered delivery. Without `ack` nothing needs to be acknowledged; without `nack` a failure stops the worker. */
export interface EventBatch {
  readonly events: readonly EnvelopeDraft[]
  readonly ack?: ((options: { readonly signal: AbortSignal }) => Promise<void>) | undefined
  /** Gives the batch back because of `cause`. It comes again, first of all where the source is ordered, perhaps in other portions. */
  readonly nack?: ((cause: unknown, options: { readonly signal: AbortSignal }) => Promise<void>) | undefined
}

/**
 * Named topics between services. Everything that is published to a topic goes to every group of it; the receivers of one group share
 * what it gets. Events travel as JSON text with `source`, `publishedAt` and, when they carry none, the publisher's `traceparent`.
 *
 * Order: events of one publisher reach a group in the order of publication; with `competing` receivers each gets a part, in order.
 * Delivery: at least once, from `subscribe` on; what a group got stays its own until it was acknowledged, also while nobody receives.
 * Not promised: that a group sees what was published before it was made, or that it does not.
 * Errors: `broker_unavailable`, `broker_closed`, `invalid_key` for names, and those of `Broker`.
 * Reference: docs/reference/delivery.md.
 */
export interface TopicBus extends AsyncDisposable {
  /** Publishes to a topic, in the name of the service `source`. */
  publisher(topic: string, options: { readonly source: string }): Broker
  /** One receiver more of a group, which is made when it is new. */
  subscribe(topic: string, group: string): Promise<Subscription>
  /** Removes a group together with what it has not received. One that is not there is left alone. */
  removeGroup(topic: string, group: string): Promise<void>
}

/** One receiver of a group. Disposing of it leaves the group and what it gets; who waits in it is told that it is closed. */
export interface Subscription extends EventSource, AsyncDisposable {}
