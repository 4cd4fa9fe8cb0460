// What the cases of this suite are written with: a channel of an adapter, envelopes that count, and receivers that acknowledge.
import assert from 'node:assert/strict'
import type { EventSource } from '../../registry/delivery-ports.ts'
import type { Envelope, EnvelopeDraft } from '../../registry/envelope.ts'
import type { BackendRuntime } from '../../stores/backend.ts'
import type { Case } from '../suite.ts'

/**
 * `ordered`: a batch that is given back comes again before everything that was sent after it.
 * `redelivers`: what was not acknowledged comes again.
 * `competing`: several receivers at once share what is sent.
 * `durable`: what was not acknowledged comes again when the channel is closed and opened.
 * `drains`: closing lets receivers have what is there, and then tells them that it is closed.
 */
export type EventSourceCapability = 'ordered' | 'redelivers' | 'competing' | 'durable' | 'drains'

/** A way for events from a sender to receivers that share them: a topic with one group, a queue, an outbox. */
export interface Channel extends AsyncDisposable {
  /** Sends a batch the way the adapter does: by publishing or by storing. */
  send(events: readonly Envelope[]): Promise<void>
  /** One receiver more. */
  source(): Promise<EventSource>
  /** Takes nothing more; receivers get what is there and are then told that it is closed. Called for `drains`. */
  close(): Promise<void>
}
/** A place where a channel keeps its events, empty at first. */
export interface ChannelPlace {
  /** Events that one batch holds at most. */
  readonly batchEventsMax: number
  /** Whether the place drops an event whose id it has taken a short time ago. Default: it takes it as another event. */
  readonly dropsRepetitions?: boolean | undefined
  /** Real clock and randomness, for workers. */
  readonly runtime: BackendRuntime
  open(): Promise<Channel>
  /** Removes the events; called when every channel is closed. */
  remove(): Promise<void>
}
export interface GivenChannel extends Pick<ChannelPlace, 'batchEventsMax' | 'dropsRepetitions' | 'runtime'> {
  readonly channel: Channel
  /** Closes the channel and opens it again. */
  reopen(): Promise<Channel>
}
export type EventSourceCase = Case<GivenChannel, EventSourceCapability>

/** An envelope of `Order.Placed` with this number. */
export function placed(n: number, fields: Partial<Envelope> = {}): Envelope {
  return { id: `event-${n}`, category: 'domain', type: 'Order.Placed', value: { n }, ...fields }
}
/** Envelopes with the numbers from `first` to `last`. */
export function placedFrom(first: number, last: number): readonly Envelope[] {
  return numbersFrom(first, last).map((n) => placed(n))
}
export function numbersFrom(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
/** The number in an envelope of `placed`. */
export function numberOf({ value }: EnvelopeDraft): number {
  return (value as { readonly n: number }).n
}
/** A signal that never aborts. */
export function forEver(): AbortSignal {
  return new AbortController().signal
}
/** The next batch that has events. */
export async function nextBatch(
  source: EventSource,
  signal: AbortSignal = forEver(),
): Promise<NonNullable<Awaited<ReturnType<EventSource['receiveEventBatch']>>>> {
  for (;;) {
    const batch = await source.receiveEventBatch({ signal })
    assert.ok(batch !== undefined, 'Expected a batch, but the source is closed.')
    if (batch.events.length > 0) return batch
    await batch.ack?.({ signal })
  }
}
/** Receives and acknowledges until this many events have come. */
export async function take(source: EventSource, count: number): Promise<readonly EnvelopeDraft[]> {
  const events: EnvelopeDraft[] = []
  while (events.length < count) {
    const batch = await nextBatch(source)
    events.push(...batch.events)
    await batch.ack?.({ signal: forEver() })
  }
  return events
}
