// The topic bus in memory: a queue per topic and group. Services of one process talk through it as they do over a network.
import { checkKey } from '../codec/key-text.ts'
import type { Broker, Subscription, TopicBus } from '../registry/delivery-ports.ts'
import { encodeEnvelope } from '../registry/envelope-text.ts'
import { checkWhole } from '../stores/check-text.ts'
import { timeText } from '../time/clock.ts'
import type { Clock } from '../time/clock.ts'
import { brokerClosed, queueFull } from './broker-errors.ts'
import { queuedEventsMaxDefault } from './memory-broker.ts'
import { createMemoryQueue } from './memory-queue.ts'
import type { MemoryQueue } from './memory-queue.ts'

export interface QueueBounds {
  /** Events that may wait in one group, from 1; a batch that would be more is refused as `broker_unavailable`. Default 100,000. */
  readonly eventsMax?: number | undefined
}

/** A topic bus for one process; groups live as long as the bus. */
export function topicBusInMemory(
  clock: Pick<Clock, 'nowUs'>,
  { eventsMax = queuedEventsMaxDefault }: QueueBounds,
): TopicBus {
  checkWhole(eventsMax, 'option eventsMax', 1)
  /** By topic, then by group. */
  const topics = new Map<string, Map<string, MemoryQueue>>()
  let closed = false
  const groupsOf = (topic: string): Map<string, MemoryQueue> => {
    checkKey(topic, 'topic')
    if (closed) throw brokerClosed()
    return topics.get(topic) ?? new Map<string, MemoryQueue>()
  }
  const publisher = (topic: string, source: string): Broker => ({
    publishEvents: async (events, { context }) => {
      const groups = groupsOf(topic)
      const facts = { traceparent: context.traceparent, source, publishedAt: timeText(clock.nowUs()) }
      const texts = events.map((event) => encodeEnvelope(event, facts))
      // All groups are asked before one is given anything: the batch is taken whole or not at all.
      for (const [group, { size }] of groups)
        if (size + texts.length > eventsMax) throw queueFull(`The group ${group} of the topic ${topic}`, eventsMax)
      for (const queue of groups.values()) queue.push(texts)
    },
  })
  return {
    publisher: (topic, { source }) => {
      checkKey(topic, 'topic')
      checkKey(source, 'source')
      return publisher(topic, source)
    },
    subscribe: async (topic, group) => {
      checkKey(group, 'group')
      const groups = groupsOf(topic)
      const queue = groups.get(group) ?? createMemoryQueue()
      topics.set(topic, groups.set(group, queue))
      return subscription(queue)
    },
    removeGroup: async (topic, group) => {
      checkKey(group, 'group')
      const groups = groupsOf(topic)
      groups.get(group)?.end()
      groups.delete(group)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      for (const groups of topics.values()) for (const queue of groups.values()) queue.end()
    },
  }
}

/** A receiver of the queue that can leave it. */
function subscription(queue: MemoryQueue): Subscription {
  const left = new AbortController()
  return {
    receiveEventBatch: async ({ signal }) => {
      if (left.signal.aborted) return undefined
      const receiving = AbortSignal.any([signal, left.signal])
      try {
        return await queue.receiveEventBatch({ signal: receiving })
      } catch (error) {
        if (left.signal.aborted && !signal.aborted) return undefined
        throw error
      }
    },
    [Symbol.asyncDispose]: async () => left.abort(),
  }
}
