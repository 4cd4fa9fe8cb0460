import { describe, test } from 'node:test'
import { runBrokerSuite } from '@gesta/core/conformance/broker'
import { runEventSourceSuite } from '@gesta/core/conformance/event-source'
import type { ChannelPlace } from '@gesta/core/conformance/event-source'
import { redisForTests } from '@gesta/services'
import type { RedisBusOptions } from '../src/index.ts'
import { openBus, publish } from './given.ts'
import { runtime } from './runtime.ts'

const redis = await redisForTests()

/** A topic with one group. */
async function newChannel(options: Partial<RedisBusOptions>): Promise<ChannelPlace> {
  const keys = redis.newKeys()
  return {
    batchEventsMax: 100,
    runtime,
    open: async () => {
      const bus = await openBus(keys, options)
      return {
        send: (events) => publish(bus, events),
        source: () => bus.subscribe('orders', 'mails'),
        close: async () => undefined,
        [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
      }
    },
    remove: async () => keys[Symbol.asyncDispose](),
  }
}

for (const [name, options] of [
  ['a group on Redis', {}],
  ['an unordered group on Redis', { unordered: true }],
  ['a group on Redis whose events are CloudEvents with headers', { format: 'cloudevents-binary' }],
] as const) {
  describe(name, { skip: redis.skip }, () => {
    runEventSourceSuite(test, () => newChannel(options), {
      ordered: true,
      redelivers: true,
      competing: true,
      durable: true,
      drains: 'a topic has no end: others may publish to it',
    })
  })
}

for (const [name, options] of [
  ['a bus on Redis', {}],
  ['a bus on Redis with unordered groups that carries CloudEvents', { unordered: true, format: 'cloudevents' }],
] as const) {
  describe(name, { skip: redis.skip }, () => {
    runBrokerSuite(
      test,
      async () => {
        const keys = redis.newKeys()
        return { runtime, open: () => openBus(keys, options), remove: async () => keys[Symbol.asyncDispose]() }
      },
      { redelivers: true, lasting: true, durable: true, shared: true },
    )
  })
}
