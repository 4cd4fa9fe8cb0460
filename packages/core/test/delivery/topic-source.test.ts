import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryTopicBus, publishEventsToBroker, topicSource } from '../../src/registry.ts'
import { systemRuntime } from '../../src/app/system.ts'

const event = { id: 'e-1', category: 'integration', type: 'Order.Paid', value: 1 } as const

test('a source opens the bus, joins its group, and closes both', async () => {
  const bus = createMemoryTopicBus()
  const closed: string[] = []
  const described = {
    open: async () => ({
      ...bus,
      subscribe: async (topic: string, group: string) => ({
        ...(await bus.subscribe(topic, group)),
        [Symbol.asyncDispose]: async () => void closed.push('subscription'),
      }),
      [Symbol.asyncDispose]: async () => void closed.push('bus'),
    }),
  }
  const source = await topicSource(described, 'orders', 'mails').open(systemRuntime())
  await publishEventsToBroker(bus.publisher('orders', { source: 'shop' }), [event])
  const batch = await source.receiveEventBatch({ signal: AbortSignal.timeout(10_000) })
  assert.deepEqual(
    batch?.events.map(({ id }) => id),
    ['e-1'],
  )
  await source[Symbol.asyncDispose]()
  assert.deepEqual(closed, ['subscription', 'bus'])
  await bus[Symbol.asyncDispose]()
})

test('a bus that refuses the group is closed', async () => {
  const bus = createMemoryTopicBus()
  await assert.rejects(topicSource({ open: async () => bus }, '', 'mails').open(systemRuntime()), {
    code: 'invalid_key',
  })
  await assert.rejects(bus.subscribe('orders', 'mails'), { code: 'broker_closed' })
})
