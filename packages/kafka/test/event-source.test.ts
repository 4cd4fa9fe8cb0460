import { describe, test } from 'node:test'
import { runEventSourceSuite } from '@gesta/core/conformance/event-source'
import { kafkaForTests } from '@gesta/services'
import { openTestBus } from './bus-place.ts'
import { runtime } from './runtime.ts'

const kafka = await kafkaForTests()
const signal = new AbortController().signal

for (const format of ['envelope', 'cloudevents', 'cloudevents-binary'] as const)
  describe(`a group on Kafka, with events as ${format}`, { skip: kafka.skip }, () => {
    runEventSourceSuite(
      test,
      async () => {
        const place = kafka.newTopics()
        return {
          batchEventsMax: 100,
          runtime,
          open: async () => {
            const bus = await openTestBus(place, { format })
            const orders = bus.publisher('orders', { source: 'shop' })
            return {
              send: (events) => orders.publishEvents(events, { context: {}, signal }),
              source: () => bus.subscribe('orders', 'mails'),
              close: async () => undefined,
              [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
            }
          },
          remove: async () => undefined,
        }
      },
      {
        ordered: true,
        redelivers: true,
        competing: true,
        durable: true,
        drains: 'a topic has no end: what is published later belongs to the group too',
      },
    )
  })
