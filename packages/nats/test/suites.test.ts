import { describe, test } from 'node:test'
import { runBrokerSuite } from '@gesta/core/conformance/broker'
import { runEventSourceSuite } from '@gesta/core/conformance/event-source'
import { natsForTests } from '@gesta/services'
import { natsBus, natsCoreBus } from '../src/index.ts'
import type { NatsBusOptions } from '../src/index.ts'
import { brokerPlace, channelPlace } from './place.ts'
import { runtime } from './runtime.ts'

const nats = await natsForTests()
const jetStream = (options: Partial<NatsBusOptions> = {}) => {
  const streams = nats.newStreams()
  const open = () => natsBus({ servers: streams.url, prefix: streams.prefix, ...options }).open(runtime)
  return { open, remove: async () => streams[Symbol.asyncDispose]() }
}
const coreNats = () => {
  const { url, prefix } = nats.newStreams()
  const open = () => natsCoreBus({ servers: url, prefix, echo: true }).open(runtime)
  return { open, remove: async () => undefined }
}
const ends = 'a topic has no end: closing a bus leaves it to others'

describe('JetStream', { skip: nats.skip }, () => {
  runBrokerSuite(test, async () => brokerPlace(jetStream()), {
    redelivers: true,
    lasting: true,
    durable: true,
    shared: true,
  })
  runEventSourceSuite(test, async () => channelPlace(jetStream(), { dropsRepetitions: true }), {
    ordered: true,
    redelivers: true,
    competing: true,
    durable: true,
    drains: ends,
  })
})

describe('JetStream without order and without deduplication', { skip: nats.skip }, () => {
  const options = {
    unordered: true,
    deduplicationMs: false,
    format: 'cloudevents',
    backoff: { firstMs: 1, maxMs: 5 },
  } as const
  runEventSourceSuite(test, async () => channelPlace(jetStream(options)), {
    ordered: 'it is unordered',
    redelivers: true,
    competing: true,
    durable: true,
    drains: ends,
  })
})

describe('core NATS', { skip: nats.skip }, () => {
  const nothingIsKept = 'core NATS keeps nothing'
  runBrokerSuite(test, async () => brokerPlace(coreNats()), {
    redelivers: nothingIsKept,
    lasting: nothingIsKept,
    durable: nothingIsKept,
    shared: true,
  })
  runEventSourceSuite(test, async () => channelPlace(coreNats()), {
    ordered: nothingIsKept,
    redelivers: nothingIsKept,
    competing: true,
    durable: nothingIsKept,
    drains: ends,
  })
})
