// What tests of the bus are written with: a bus under keys of its own, events that count, and what the server says.
import { createClient } from '@redis/client'
import type { RedisClientType } from '@redis/client'
import type { Broker, Envelope, EnvelopeDraft, EventBatch, EventSource } from '@gesta/core/ports'
import type { TestKeys } from '@gesta/services'
import { redisBus } from '../src/index.ts'
import type { RedisBusOptions, RedisTopicBus } from '../src/index.ts'
import { runtime } from './runtime.ts'

/** What is given back comes again at once. */
export const atOnce = { firstMs: 0, maxMs: 0 }

export function openBus(
  keys: Pick<TestKeys, 'url' | 'prefix'>,
  options: Partial<RedisBusOptions> = {},
): Promise<RedisTopicBus> {
  return redisBus({ url: keys.url, prefix: keys.prefix, backoff: atOnce, timeoutMs: 30_000, ...options }).open(runtime)
}

/** A connection beside the bus's. */
export async function connect(url: string): Promise<{ readonly redis: RedisClientType } & AsyncDisposable> {
  const client: RedisClientType = createClient({ url })
  client.on('error', () => undefined)
  await client.connect()
  return { redis: client, [Symbol.asyncDispose]: async () => client.destroy() }
}

export function forEver(): AbortSignal {
  return new AbortController().signal
}
export function placed(n: number, fields: Partial<Envelope> = {}): Envelope {
  return { id: `event-${n}`, category: 'domain', type: 'Order.Placed', value: { n }, ...fields }
}
export function numbers(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
export function placedFrom(first: number, last: number): readonly Envelope[] {
  return numbers(first, last).map((n) => placed(n))
}
export function numberOf({ value }: EnvelopeDraft): number {
  return (value as { readonly n: number }).n
}
export async function publish(bus: RedisTopicBus, events: readonly Envelope[], topic = 'orders'): Promise<void> {
  await publishWith(bus.publisher(topic, { source: 'shop' }), events)
}
export async function publishWith(broker: Broker, events: readonly Envelope[]): Promise<void> {
  await broker.publishEvents(events, { context: {}, signal: forEver() })
}

export async function nextBatch(source: EventSource): Promise<EventBatch> {
  const batch = await source.receiveEventBatch({ signal: forEver() })
  if (batch === undefined) throw new Error('Expected a batch, but the source is closed.')
  return batch
}
export async function nextNumbers(
  source: EventSource,
): Promise<{ readonly batch: EventBatch; readonly numbers: readonly number[] }> {
  const batch = await nextBatch(source)
  return { batch, numbers: batch.events.map(numberOf) }
}
export async function ack(batch: EventBatch): Promise<void> {
  await batch.ack?.({ signal: forEver() })
}
export async function nack(batch: EventBatch, cause: unknown = new Error('not now')): Promise<void> {
  await batch.nack?.(cause, { signal: forEver() })
}
/** Receives and acknowledges until this many events have come. */
export async function take(source: EventSource, count: number): Promise<readonly EnvelopeDraft[]> {
  const events: EnvelopeDraft[] = []
  while (events.length < count) {
    const batch = await nextBatch(source)
    events.push(...batch.events)
    await ack(batch)
  }
  return events
}
export async function takeNumbers(source: EventSource, count: number): Promise<readonly number[]> {
  return (await take(source, count)).map(numberOf)
}
/** Asks until the answer is right. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}
