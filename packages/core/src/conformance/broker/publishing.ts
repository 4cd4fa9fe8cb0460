// What a publisher sends: exact text, with the facts that a transport adds, or nothing.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import { forEver, numberOf, placed, take } from '../event-source/given.ts'
import { badKeys, refused } from '../refused.ts'
import { publish } from './given.ts'
import type { BrokerCase } from './given.ts'

const group = 'publishing'
export const publishingCases: readonly BrokerCase[] = [
  {
    group,
    name: 'events carry who published them and when, and keep their ids',
    run: async ({ bus, runtime }) => {
      const source = await bus.subscribe('orders', 'mails')
      const before = Math.floor(runtime.clock.nowUs() / 1000)
      const published = [placed(1), placed(2, { source: 'elsewhere', publishedAt: '2001-01-01T00:00:00.000Z' })]
      await publish(bus, 'orders', published)
      const after = Math.floor(runtime.clock.nowUs() / 1000)
      for (const [index, { id, source: name, publishedAt = '' }] of (await take(source, 2)).entries()) {
        assert.deepEqual([id, name], [`event-${index + 1}`, 'shop'])
        assert.match(publishedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
        const at = new Date(publishedAt).getTime()
        assert.ok(at >= before && at <= after)
      }
    },
  },
  {
    group,
    name: 'an event without a trace gets that of the caller who publishes it, one with a trace keeps it',
    run: async ({ bus }) => {
      const source = await bus.subscribe('orders', 'mails')
      const events = [placed(1), placed(2, { traceparent: '00-own' }), placed(3)]
      const publisher = bus.publisher('orders', { source: 'shop' })
      await publisher.publishEvents(events.slice(0, 2), { context: { traceparent: '00-callers' }, signal: forEver() })
      await publish(bus, 'orders', events.slice(2))
      assert.deepEqual(
        (await take(source, 3)).map(({ traceparent }) => traceparent),
        ['00-callers', '00-own', undefined],
      )
    },
  },
  {
    group,
    name: 'values arrive exactly, and each group has a copy of its own',
    run: async ({ bus }) => {
      const sources = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'bills')]
      const value = { text: 'ä\n\u0000 😀', list: [1, -0.5, null, { deep: [true] }], '': {} }
      await publish(bus, 'orders', [placed(1, { value })])
      const values = await Promise.all(sources.map(async (source) => (await take(source, 1))[0]?.value))
      assert.deepEqual(values, [value, value])
      assert.notEqual(values[0], values[1])
      for (const each of values) assert.throws(() => Object.assign(each as object, { text: 'changed' }), TypeError)
    },
  },
  {
    group,
    name: 'a batch with a value that is no JSON is refused, and nothing of it is published',
    run: async ({ bus }) => {
      const source = await bus.subscribe('orders', 'mails')
      const circle: { self?: unknown } = {}
      circle.self = circle
      for (const value of [{ n: Number.NaN }, 1n, circle]) {
        await assert.rejects(publish(bus, 'orders', [placed(1), placed(2, { value })]), (error) =>
          isGestaError(error, 'invalid_output'),
        )
      }
      await publish(bus, 'orders', [placed(3)])
      assert.deepEqual((await take(source, 1)).map(numberOf), [3])
    },
  },
  {
    group,
    name: 'events of all categories of one command travel as one batch, in order',
    run: async ({ bus }) => {
      const source = await bus.subscribe('orders', 'mails')
      const events = (['domain', 'presentation', 'integration'] as const).map((category, n) => placed(n, { category }))
      await publish(bus, 'orders', events)
      assert.deepEqual(
        (await take(source, 3)).map(({ category }) => category),
        ['domain', 'presentation', 'integration'],
      )
    },
  },
  {
    group,
    name: 'an empty batch, and a topic that nobody subscribes to, are no error',
    run: async ({ bus }) => {
      await publish(bus, 'orders', [])
      await publish(bus, 'nobody', [placed(1)])
      const source = await bus.subscribe('orders', 'mails')
      await publish(bus, 'orders', [])
      await publish(bus, 'orders', [placed(2)])
      assert.deepEqual((await take(source, 1)).map(numberOf), [2])
    },
  },
  {
    group,
    name: 'names that are no keys are refused',
    run: async ({ bus }) => {
      for (const key of badKeys) {
        assert.throws(() => bus.publisher(key, { source: 'shop' }), /Expected topic/)
        assert.throws(() => bus.publisher('orders', { source: key }), /Expected source/)
      }
      await refused('invalid_key', [
        ...badKeys.flatMap((key) => [bus.subscribe(key, 'mails'), bus.subscribe('orders', key)]),
        ...badKeys.flatMap((key) => [bus.removeGroup(key, 'mails'), bus.removeGroup('orders', key)]),
      ])
    },
  },
  {
    group,
    name: 'a closed bus refuses everything',
    run: async ({ bus }) => {
      const publisher = bus.publisher('orders', { source: 'shop' })
      await bus[Symbol.asyncDispose]()
      await refused('broker_closed', [
        publisher.publishEvents([placed(1)], { context: {}, signal: forEver() }),
        bus.subscribe('orders', 'mails'),
        bus.removeGroup('orders', 'mails'),
      ])
    },
  },
]
