import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createMemoryTopicBus } from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import { runBrokerSuite } from '../../src/conformance/broker/index.ts'
import { runEventSourceSuite } from '../../src/conformance/event-source/index.ts'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import { emptyContext } from '../../src/request-context/request-context.ts'
import { createFakeClock } from '../fake-clock.ts'
import { runtime } from '../stores/runtime.ts'

const { signal } = new AbortController()
const run = { context: emptyContext, signal }
const placed: Envelope = { id: 'event-1', category: 'domain', type: 'Order.Placed', value: {} }
const notDurable = 'memory ends with its process'

runBrokerSuite(
  test,
  async () => ({ runtime, open: async () => createMemoryTopicBus(), remove: async () => undefined }),
  {
    redelivers: true,
    lasting: true,
    durable: notDurable,
    shared: 'memory belongs to one process',
  },
)
runEventSourceSuite(
  test,
  async () => ({
    batchEventsMax: 100,
    runtime,
    open: async () => {
      const bus = createMemoryTopicBus()
      const publisher = bus.publisher('orders', { source: 'shop' })
      const first = await bus.subscribe('orders', 'mails')
      return {
        send: (events) => publisher.publishEvents(events, run),
        source: () => bus.subscribe('orders', 'mails').catch(() => first),
        close: async () => bus[Symbol.asyncDispose](),
        [Symbol.asyncDispose]: async () => bus[Symbol.asyncDispose](),
      }
    },
    remove: async () => undefined,
  }),
  { ordered: true, redelivers: true, competing: true, durable: notDurable, drains: true },
)

describe('a topic bus in memory', () => {
  test('tells by its clock when an event was published', async () => {
    const bus = createMemoryTopicBus({ clock: createFakeClock() })
    const source = await bus.subscribe('orders', 'mails')
    await bus.publisher('orders', { source: 'shop' }).publishEvents([placed], run)
    const batch = await source.receiveEventBatch({ signal })
    assert.equal(batch?.events[0]?.publishedAt, '2026-01-02T03:04:05.000Z')
  })

  test('refuses a batch that would be too much for one group, and gives it to none', async () => {
    const bus = createMemoryTopicBus({ eventsMax: 1 })
    const publisher = bus.publisher('orders', { source: 'shop' })
    const mails = await bus.subscribe('orders', 'mails')
    await publisher.publishEvents([placed], run)
    const bills = await bus.subscribe('orders', 'bills')
    await assert.rejects(publisher.publishEvents([placed], run), (error) => isGestaError(error, 'broker_unavailable'))
    await (await mails.receiveEventBatch({ signal }))?.ack?.({ signal })
    await publisher.publishEvents([{ ...placed, id: 'event-2' }], run)
    assert.deepEqual(
      (await bills.receiveEventBatch({ signal }))?.events.map(({ id }) => id),
      ['event-2'],
    )
  })

  test('refuses bounds that are no whole numbers, and unknown options', () => {
    assert.throws(() => createMemoryTopicBus({ eventsMax: 1.5 }), RangeError)
    assert.throws(() => createMemoryTopicBus({ clok: createFakeClock() } as object), /Did you mean "clock"/)
  })
})
