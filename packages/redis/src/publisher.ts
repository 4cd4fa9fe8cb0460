// Publishes to a topic: each batch is one script, so it is in the stream whole or not at all.
import { GestaError } from '@gesta/core/ports'
import type { Broker, Clock } from '@gesta/core/ports'
import type { Connection } from './connection.ts'
import { entryOf } from './entry.ts'
import type { EntryShape } from './entry.ts'
import { publishBatch } from './publish-script.ts'
import { runScript } from './script.ts'
import type { TopicKeys } from './topic-keys.ts'

export interface PublisherParts {
  readonly connection: Connection
  readonly clock: Pick<Clock, 'nowUs'>
  readonly topic: string
  readonly keys: TopicKeys
  /** The service in whose name it publishes. */
  readonly source: string
  readonly shape: EntryShape
  /** Events that the stream may hold. */
  readonly eventsMax: number
}

export function createPublisher({ connection, clock, topic, keys, source, shape, eventsMax }: PublisherParts): Broker {
  return {
    publishEvents: async (events, { context }) => {
      const publishedAt = new Date(Math.floor(clock.nowUs() / 1000)).toISOString()
      const facts = { traceparent: context.traceparent, source, publishedAt }
      const values = [String(eventsMax), shape.sequence === 'strict' ? 'refuse' : '']
      for (const event of events) values.push(...entryOf(event, shape, facts))
      const answer = await connection.call((client) =>
        runScript(client, publishBatch, [keys.stream, keys.sent], values),
      )
      const [outcome, ...more] = answer as readonly [string, ...unknown[]]
      if (outcome === 'full') throw topicFull(topic, Number(more[0]), eventsMax)
      if (outcome === 'refused') throw sequenceRefused(topic, String(more[0]), String(more[1]))
    },
  }
}

function topicFull(topic: string, held: number, eventsMax: number): GestaError {
  return new GestaError(
    'broker_unavailable',
    `Expected the topic ${topic} to have room, but it holds ${held} events of ${eventsMax}. Look for a group that nobody receives for, or raise eventsMax.`,
    { facts: { topic, held, eventsMax } },
  )
}

function sequenceRefused(topic: string, sequence: string, last: string): GestaError {
  return new GestaError(
    'sequence_refused',
    `Expected the event at ${sequence} of its sender's log to come after all that the topic ${topic} has, but its last entry is ${last}, and this event is not known there. Another log publishes to this topic, or this one was restored, or its events are not sent in one order. See docs/reference/redis.md.`,
    { facts: { topic, sequence, last } },
  )
}
