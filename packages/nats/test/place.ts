// Places for the conformance suites: a bus on streams of its own, and a channel that is one topic with one group of it.
import type { BrokerPlace } from '@gesta/core/conformance/broker'
import type { ChannelPlace } from '@gesta/core/conformance/event-source'
import type { TopicBus } from '@gesta/core/ports'
import { runtime } from './runtime.ts'

export interface BusPlace {
  open(): Promise<TopicBus>
  remove(): Promise<void>
}

export function brokerPlace({ open, remove }: BusPlace): BrokerPlace {
  return { runtime, open, remove }
}

export function channelPlace({ open, remove }: BusPlace, more: Partial<ChannelPlace> = {}): ChannelPlace {
  const { signal } = new AbortController()
  return {
    batchEventsMax: 100,
    runtime,
    remove,
    ...more,
    open: async () => {
      const bus = await open()
      const publisher = bus.publisher('orders', { source: 'shop' })
      // What is sent before anybody receives belongs to the group.
      try {
        await (await bus.subscribe('orders', 'mails'))[Symbol.asyncDispose]()
      } catch (error) {
        await bus[Symbol.asyncDispose]()
        throw error
      }
      return {
        send: (events) => publisher.publishEvents(events, { context: {}, signal }),
        source: () => bus.subscribe('orders', 'mails'),
        close: async () => bus[Symbol.asyncDispose](),
        [Symbol.asyncDispose]: async () => bus[Symbol.asyncDispose](),
      }
    },
  }
}
