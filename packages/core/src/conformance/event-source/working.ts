// An event worker on the source of an adapter: from what is sent to what subscribers have done.
import assert from 'node:assert/strict'
import { workEvents } from '../../delivery/event-worker.ts'
import { integrationEvent } from '../../contracts/define.ts'
import type { EventContract } from '../../contracts/contract.ts'
import type { EventSource } from '../../registry/delivery-ports.ts'
import { registerIntegrationEvent } from '../../registry/register.ts'
import { createRegistry } from '../../registry/registry.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Envelope } from '../../registry/envelope.ts'
import type { Schema } from '../../schema/schema.ts'
import { createMemorySeenStore } from '../../stores/seen/memory-seen-store.ts'
import { numbersFrom, placed } from './given.ts'
import type { EventSourceCase } from './given.ts'

interface Numbered {
  readonly n: number
}
const anything: Schema<Numbered, Numbered> = {
  '~standard': { version: 1, vendor: 'gesta', validate: (value) => ({ value: value as Numbered }) },
}
const Paid: EventContract<'integration', 'Order.Paid', Numbered> = integrationEvent('Order.Paid', anything)
const paidFrom = (first: number, last: number): readonly Envelope[] =>
  numbersFrom(first, last).map((n) => placed(n, { category: 'integration', type: 'Order.Paid' }))
const registryOf = (on: (n: number) => void): Registry => {
  const registry = createRegistry()
  registerIntegrationEvent(registry, Paid, ({ n }) => on(n))
  return registry
}
/** The same source; numbers of the batches that it takes back as done are noted. */
const noting = (source: EventSource, acknowledged: number[]): EventSource => ({
  receiveEventBatch: async (options) => {
    const batch = await source.receiveEventBatch(options)
    if (batch?.ack === undefined) return batch
    return {
      events: batch.events,
      ack: async (acking) => {
        await batch.ack?.(acking)
        acknowledged.push(...batch.events.map(({ value }) => (value as Numbered).n))
      },
      nack: batch.nack && (async (cause, nacking) => batch.nack?.(cause, nacking)),
    }
  },
})
const backoff = { firstMs: 1, maxMs: 5 }

const group = 'working'
export const workingCases: readonly EventSourceCase[] = [
  {
    group,
    name: 'a worker dispatches everything in order, and ends in peace when it is drained',
    run: async ({ channel, batchEventsMax, runtime }) => {
      const last = batchEventsMax + 30
      const source = await channel.source()
      await channel.send(paidFrom(1, last))
      const drain = new AbortController()
      const seen: number[] = []
      const registry = registryOf((n) => {
        seen.push(n)
        if (n === last) drain.abort()
      })
      await workEvents(registry, source, { drain: drain.signal }, runtime)
      assert.deepEqual(seen, numbersFrom(1, last))
    },
  },
  {
    group,
    needs: 'drains',
    name: 'a worker ends when the channel is closed and drained',
    run: async ({ channel, runtime }) => {
      const source = await channel.source()
      await channel.send(paidFrom(1, 30))
      await channel.close()
      const seen: number[] = []
      await workEvents(
        registryOf((n) => void seen.push(n)),
        source,
        {},
        runtime,
      )
      assert.deepEqual(seen, numbersFrom(1, 30))
    },
  },
  {
    group,
    needs: 'redelivers',
    name: 'what fails comes again until it succeeds, and no event is lost',
    run: async ({ channel, runtime }) => {
      const source = await channel.source()
      await channel.send(paidFrom(1, 30))
      const failures = new Map([
        [7, 2],
        [19, 1],
      ])
      const drain = new AbortController()
      const done = new Set<number>()
      const registry = registryOf((n) => {
        const left = failures.get(n) ?? 0
        failures.set(n, left - 1)
        if (left > 0) throw new Error('not now')
        done.add(n)
        if (done.size === 30) drain.abort()
      })
      await workEvents(registry, source, { drain: drain.signal, backoff }, runtime)
      assert.deepEqual(
        [...done].toSorted((a, b) => a - b),
        numbersFrom(1, 30),
      )
    },
  },
  {
    group,
    needs: 'redelivers',
    name: 'a worker that is cancelled in the middle leaves its batch to the next one',
    run: async ({ channel, runtime }) => {
      await channel.send(paidFrom(1, 10))
      const reason = new Error('enough')
      const cancel = new AbortController()
      const acknowledged: number[] = []
      const first = workEvents(
        registryOf((n) => (n === 4 ? cancel.abort(reason) : undefined)),
        noting(await channel.source(), acknowledged),
        { signal: cancel.signal },
        runtime,
      )
      await assert.rejects(first, (error) => error === reason)
      // A source of small batches may have had some of them back.
      assert.deepEqual(acknowledged, numbersFrom(1, acknowledged.length))
      const drain = new AbortController()
      const seen: number[] = []
      const registry = registryOf((n) => {
        seen.push(n)
        if (n === 10) drain.abort()
      })
      await workEvents(registry, await channel.source(), { drain: drain.signal }, runtime)
      assert.deepEqual(
        seen.toSorted((a, b) => a - b),
        numbersFrom(acknowledged.length + 1, 10),
      )
    },
  },
  {
    group,
    name: 'an event that was sent twice is dispatched once',
    run: async ({ channel, runtime }) => {
      const source = await channel.source()
      const drain = new AbortController()
      const seen: number[] = []
      const registry = registryOf((n) => {
        seen.push(n)
        if (n === 9) drain.abort()
      })
      await channel.send(paidFrom(1, 5))
      await channel.send(paidFrom(3, 5))
      await channel.send(paidFrom(9, 9))
      const options = { drain: drain.signal, seen: createMemorySeenStore(), subscription: 'mails' }
      await workEvents(registry, source, options, runtime)
      assert.deepEqual(seen, [1, 2, 3, 4, 5, 9])
    },
  },
]
