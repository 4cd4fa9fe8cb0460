import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFanout, createMemoryTopicBus, shareFanout } from '@gesta/core/registry'
import type { EventSource, TopicBus } from '@gesta/core/registry'
import { hearNumbers, send, shown } from '../../src/conformance/fanout/index.ts'
import { GestaError } from '../../src/errors/gesta-error.ts'
import { emptyContext } from '../../src/request-context/request-context.ts'
import { runtime } from '../stores/runtime.ts'
import { memoryWriter } from './memory-clients.ts'
import type { MemoryWriter } from './memory-clients.ts'

type Hub = ReturnType<typeof createFanout>
const run = { context: emptyContext, signal: new AbortController().signal }

function listener(hub: Hub, asking: Parameters<Hub['connect']>[0] = {}): MemoryWriter {
  const writer = memoryWriter()
  hub.connect(asking).open(writer)
  return writer
}

/** The same bus, whose receivers get what `change` makes of a source. */
function changed(bus: TopicBus, change: (source: EventSource) => EventSource): TopicBus {
  return {
    publisher: bus.publisher,
    removeGroup: bus.removeGroup,
    subscribe: async (topic, group) => {
      const subscription = await bus.subscribe(topic, group)
      return {
        ...change(subscription),
        [Symbol.asyncDispose]: async () => subscription[Symbol.asyncDispose](),
      }
    },
    [Symbol.asyncDispose]: async () => bus[Symbol.asyncDispose](),
  }
}

describe('a fanout that processes share', () => {
  test('shows the clients of all what one of them is sent: once, in order, to the same tenant and audience', async () => {
    await using bus = createMemoryTopicBus()
    await using opened = new AsyncDisposableStack()
    const hubs = [opened.use(createFanout()), opened.use(createFanout()), opened.use(createFanout())] as const
    const [a, b, c] = [
      await shareFanout(hubs[0], bus),
      await shareFanout(hubs[1], bus),
      await shareFanout(hubs[2], bus),
    ]
    const north = hubs.map((hub) => listener(hub, { tenant: 'north', audience: ['staff'] }))
    const others = hubs.map((hub) => listener(hub, { tenant: 'north' }))
    for (let n = 1; n <= 20; n++)
      await a.sendPresentationEvents([shown(n, { audience: ['staff'] })], { ...run, context: { tenant: 'north' } })
    for (const writer of north)
      assert.deepEqual(
        await hearNumbers(writer, 20),
        Array.from({ length: 20 }, (_, i) => i + 1),
      )
    await b.sendPresentationEvents([shown(21, { tenant: 'north' }), shown(22, { category: 'domain' })], run)
    await c.sendPresentationEvents([shown(23, { tenant: 'north' })], run)
    for (const writer of [...north, ...others])
      assert.deepEqual(
        (await hearNumbers(writer, 2)).toSorted((one, other) => one - other),
        [21, 23],
      )
    for (const hub of hubs) assert.equal(hub.counters().sent, 2 + 20 + 4)
    for (const shared of [a, b, c]) await shared[Symbol.asyncDispose]()
  })

  test('skips what a topic delivers twice, and what cannot be shown', async () => {
    await using inner = createMemoryTopicBus()
    const bus = changed(inner, (source) => ({
      receiveEventBatch: async (options) => {
        const batch = await source.receiveEventBatch(options)
        return batch === undefined ? undefined : { ...batch, events: batch.events.flatMap((event) => [event, event]) }
      },
    }))
    await using hub = createFanout()
    const failures: unknown[] = []
    await using _ = await shareFanout(hub, bus, { onFailure: (error) => failures.push(error) })
    const writer = listener(hub)
    const other = inner.publisher('gesta.presentation', { source: 'another' })
    await other.publishEvents(
      [shown(1), shown(2, { type: 'Order.\nShown' }), shown(3, { category: 'domain' }), shown(4)],
      run,
    )
    assert.deepEqual(await hearNumbers(writer, 2), [1, 4])
    assert.equal(failures.length, 1)
    assert.equal(hub.counters().sent, 3)
  })

  test('goes on when its topic was away', async () => {
    await using inner = createMemoryTopicBus()
    let away = 2
    const bus = changed(inner, (source) => ({
      receiveEventBatch: async (options) => {
        if (away-- > 0) throw new GestaError('broker_unavailable', 'away')
        return source.receiveEventBatch(options)
      },
    }))
    await using hub = createFanout()
    const failures: unknown[] = []
    const onFailure = (error: unknown): never => {
      failures.push(error)
      throw new Error('ignored')
    }
    await using _ = await shareFanout(hub, bus, { onFailure, runtime })
    const writer = listener(hub)
    await inner.publisher('gesta.presentation', { source: 'another' }).publishEvents([shown(1)], run)
    assert.deepEqual(await hearNumbers(writer, 1), [1])
    assert.equal(failures.length, 2)
  })

  test('that is disposed of leaves no group behind, and shows what it is sent alone', async () => {
    await using bus = createMemoryTopicBus({ eventsMax: 3 })
    await using hub = createFanout()
    const shared = await shareFanout(hub, bus, { topic: 'shown', node: 'n-1' })
    await shared[Symbol.asyncDispose]()
    const publisher = bus.publisher('shown', { source: 'another' })
    // A group that nobody receives from would be full.
    for (let n = 0; n < 10; n++) await publisher.publishEvents([shown(n)], run)
    const writer = listener(hub)
    await shared.sendPresentationEvents([shown(11)], run)
    assert.deepEqual(await hearNumbers(writer, 1), [11])
  })

  test('shows its own clients first, also when the topic takes nothing', async () => {
    const bus = createMemoryTopicBus()
    await using hub = createFanout()
    await using shared = await shareFanout(hub, bus)
    const writer = listener(hub)
    await bus[Symbol.asyncDispose]()
    await assert.rejects(shared.sendPresentationEvents([shown(1)], run), { code: 'broker_closed' })
    assert.deepEqual(await hearNumbers(writer, 1), [1])
    await send(hub, [shown(2)])
  })

  test('validates its options', async () => {
    await using bus = createMemoryTopicBus()
    await assert.rejects(shareFanout(createFanout(), bus, { topics: 'a' } as never), /Did you mean "topic"/)
    await assert.rejects(shareFanout(createFanout(), bus, { node: '' }), { code: 'invalid_key' })
  })
})
