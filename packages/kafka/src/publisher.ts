// Publishes to one topic in the name of a service.
import type { Broker, Clock } from '@gesta/core/ports'
import { messageOf } from './messages.ts'
import type { Settings } from './options.ts'
import type { Sender } from './sender.ts'

/** `topic` is its name in Kafka. */
export function createPublisher(
  topic: string,
  source: string,
  sender: Pick<Sender, 'send'>,
  settings: Settings,
  clock: Pick<Clock, 'nowUs'>,
): Broker {
  return {
    publishEvents: async (events, { context, signal }) => {
      const publishedAt = new Date(clock.nowUs() / 1000).toISOString()
      const facts = { traceparent: context.traceparent, source, publishedAt }
      await sender.send(
        events.map((event) => messageOf(topic, event, facts, settings)),
        signal,
      )
    },
  }
}
