// What tests of buses are written with: events that count, one receiver, and waiting for what becomes true.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { isGestaError } from '@gesta/core/ports'
import type { Envelope, ErrorCode, EventBatch, EventSource, TopicBus } from '@gesta/core/ports'

export const { signal } = new AbortController()
export const run = { context: {}, signal }
export const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)

export function placed(n: number, fields: Partial<Envelope> = {}): Envelope {
  return { id: `event-${n}`, category: 'integration', type: 'Order.Placed', value: { n }, ...fields }
}
export const numbersFrom = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)
export const placedFrom = (first: number, last: number): readonly Envelope[] =>
  numbersFrom(first, last).map((n) => placed(n))

export const numbersOf = ({ events }: EventBatch): readonly number[] =>
  events.map(({ value }) => (value as { readonly n: number }).n)

export function publish(bus: TopicBus, ...events: readonly Envelope[]): Promise<void> {
  return bus.publisher('orders', { source: 'shop' }).publishEvents(events, run)
}

/** The next batch that has events. */
export async function next(source: EventSource): Promise<EventBatch> {
  for (;;) {
    const batch = await source.receiveEventBatch({ signal })
    assert.ok(batch !== undefined, 'Expected a batch, but the source is closed.')
    if (batch.events.length > 0) return batch
  }
}
/** Receives and acknowledges until so many events have come, and returns their numbers. */
export async function take(source: EventSource, count: number): Promise<readonly number[]> {
  const numbers: number[] = []
  while (numbers.length < count) {
    const batch = await next(source)
    numbers.push(...numbersOf(batch))
    await batch.ack?.({ signal })
  }
  return numbers
}
/** Gives everything back that has one of these numbers, and acknowledges the rest, until the others have all come. */
export async function takeBut(
  source: EventSource,
  poison: readonly number[],
  others: number,
): Promise<readonly number[]> {
  const numbers: number[] = []
  while (numbers.length < others) {
    const batch = await next(source)
    if (numbersOf(batch).some((n) => poison.includes(n))) await batch.nack?.(new TypeError('no'), { signal })
    else {
      numbers.push(...numbersOf(batch))
      await batch.ack?.({ signal })
    }
  }
  return numbers
}

/** The same until the signal aborts; `numbers` are those that were acknowledged so far. */
export function takeUntil(
  source: EventSource,
  poison: readonly number[],
  end: AbortSignal,
): { readonly numbers: readonly number[]; readonly ended: Promise<void> } {
  const numbers: number[] = []
  const taking = async (): Promise<void> => {
    for (;;) {
      const batch = await source.receiveEventBatch({ signal: end })
      if (batch === undefined) return
      if (numbersOf(batch).some((n) => poison.includes(n))) await batch.nack?.(new TypeError('no'), { signal })
      else {
        numbers.push(...numbersOf(batch))
        await batch.ack?.({ signal })
      }
    }
  }
  const ended = taking().catch((error: unknown) => {
    if (!end.aborted) throw error
  })
  return { numbers, ended }
}

/** Does it again until it is true; only for what no event tells. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 60_000
  while (!(await condition())) {
    assert.ok(performance.now() < giveUpAt, `Waited a minute for this: ${what}.`)
    await delay(5)
  }
}
/** Does it again as long as the broker is not available, as a relay would. */
export async function untilAvailable<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isGestaError(error, 'broker_unavailable')) throw error
      await delay(5)
    }
  }
}
