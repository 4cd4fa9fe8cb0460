// What these tests are written with: numbered events, and ways to publish and to receive them.
import assert from 'node:assert/strict'
import type { Broker, Envelope, EnvelopeDraft, EventBatch, EventSource, TopicBus } from '@gesta/core/ports'

export const forEver: AbortSignal = new AbortController().signal

export function paid(n: number, fields: Partial<Envelope> = {}): Envelope {
  return { id: `event-${n}`, category: 'integration', type: 'Order.Paid', value: { n }, ...fields }
}
export function paidFrom(first: number, last: number): readonly Envelope[] {
  return Array.from({ length: last - first + 1 }, (_, index) => paid(first + index))
}
export const numberOf = ({ value }: EnvelopeDraft): number => (value as { readonly n: number }).n

export async function publish(broker: Broker, events: readonly Envelope[]): Promise<void> {
  await broker.publishEvents(events, { context: {}, signal: forEver })
}
export const ordersOf = (bus: TopicBus): Broker => bus.publisher('orders', { source: 'shop' })

/** The next batch that has events. */
export async function nextBatch(source: EventSource, signal: AbortSignal = forEver): Promise<EventBatch> {
  for (;;) {
    const batch = await source.receiveEventBatch({ signal })
    assert.ok(batch !== undefined, 'Expected a batch, but the source is closed.')
    if (batch.events.length > 0) return batch
  }
}

/** Receives and acknowledges until this many events have come. */
export async function take(source: EventSource, count: number): Promise<readonly EnvelopeDraft[]> {
  const events: EnvelopeDraft[] = []
  while (events.length < count) {
    const batch = await nextBatch(source)
    events.push(...batch.events)
    await batch.ack?.({ signal: forEver })
  }
  return events
}

/** Receives until the condition holds: acknowledges what `accepts` an event, and gives a batch back that has another one. */
export async function work(
  source: EventSource,
  accepts: (event: EnvelopeDraft) => boolean,
  until: (accepted: readonly number[]) => boolean | Promise<boolean>,
  cause: unknown = new TypeError('not now'),
): Promise<readonly number[]> {
  const accepted: number[] = []
  while (!(await until(accepted))) {
    // Looks at the condition now and then; what was received is held until it is settled.
    const hold = new AbortController()
    const timer = setTimeout(() => hold.abort(), 50)
    const batch = await source.receiveEventBatch({ signal: hold.signal }).catch((error: unknown) => {
      if (!hold.signal.aborted) throw error
    })
    clearTimeout(timer)
    if (batch === undefined) continue
    if (batch.events.every(accepts)) {
      accepted.push(...batch.events.map(numberOf))
      await batch.ack?.({ signal: forEver })
    } else await batch.nack?.(cause, { signal: forEver })
  }
  return accepted
}
