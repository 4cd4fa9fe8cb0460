// The topic bus on Redis Streams: a topic is a stream, a group a consumer group, a receiver a consumer of it.
import { checkKey } from '@gesta/core/ports'
import type { Backoff, BackendRuntime, Subscription, TopicBus } from '@gesta/core/ports'
import { createConnection } from './connection.ts'
import type { Connection, ConnectionOptions } from './connection.ts'
import { createDeadLetters } from './dead-letters.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { EntryShape } from './entry.ts'
import { createGroupMember, joinGroupOf, removeGroupOf } from './group.ts'
import type { GroupSettings } from './group.ts'
import { watchStream } from './new-entries.ts'
import { createPublisher } from './publisher.ts'
import { brokerFailures } from './redis-errors.ts'
import { createReceiver } from './subscription.ts'
import { groupKeys, topicKeys } from './topic-keys.ts'

/** A topic bus whose groups keep what they could not deliver. Reference: docs/reference/redis.md. */
export interface RedisTopicBus extends TopicBus {
  /** What a group has given up. Errors: `invalid_key` for names; of its operations `broker_unavailable`, `broker_closed`. */
  deadLetters(topic: string, group: string): DeadLetters
}

export interface BusSettings extends GroupSettings, EntryShape {
  readonly connection: ConnectionOptions
  /** What all keys in Redis begin with. */
  readonly prefix: string
  /** How long what was given back waits. */
  readonly backoff: Backoff
  /** Events that the stream of a topic may hold. */
  readonly eventsMax: number
}

/** Milliseconds after which a receiver looks for what others left, and tidies up. */
const waitMsMax = 1000

/** The connection is open, and is closed with the bus. */
export function createRedisTopicBus(
  connection: Connection,
  settings: BusSettings,
  runtime: BackendRuntime,
): RedisTopicBus {
  const { prefix, backoff, claimAfterMs, eventsMax } = settings
  const receivers = new Set<Subscription>()
  /** By topic and group. */
  const waiting = new Map<string, Set<() => void>>()
  let closing: Promise<void> | undefined
  const checkOpen = (): void => {
    if (closing !== undefined) throw brokerFailures.closed()
  }
  const receiver = (topic: string, group: string): Subscription => {
    const keys = groupKeys(prefix, topic, group)
    const waitMs = Math.min(waitMsMax, Math.floor(claimAfterMs / 3))
    const { url, timeoutMs } = settings.connection
    const reading = createConnection({ url, timeoutMs: timeoutMs + waitMs }, runtime, brokerFailures)
    const others = waiting.get(keys.dead) ?? new Set()
    waiting.set(keys.dead, others)
    const made = createReceiver({
      group,
      member: createGroupMember(connection, keys, group, runtime.ids.newId(), settings),
      newEntries: watchStream(reading, keys.stream, waitMs),
      runtime,
      backoff,
      waitMs,
      unordered: settings.unordered,
      waiting: others,
      onLeft: () => void receivers.delete(made),
    })
    receivers.add(made)
    return made
  }
  return {
    publisher: (topic, { source }) => {
      checkKey(topic, 'topic')
      checkKey(source, 'source')
      const keys = topicKeys(prefix, topic)
      const { clock } = runtime
      return createPublisher({ connection, clock, topic, keys, source, shape: settings, eventsMax })
    },
    subscribe: async (topic, group) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      checkOpen()
      await joinGroupOf(connection, groupKeys(prefix, topic, group), group, settings.start)
      checkOpen()
      return receiver(topic, group)
    },
    removeGroup: async (topic, group) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      checkOpen()
      const keys = groupKeys(prefix, topic, group)
      await removeGroupOf(connection, keys, group)
      for (const wake of waiting.get(keys.dead) ?? []) wake()
    },
    deadLetters: (topic, group) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      return createDeadLetters(connection, group, groupKeys(prefix, topic, group))
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }

  async function close(): Promise<void> {
    await Promise.all([...receivers].map((each) => each[Symbol.asyncDispose]()))
    await connection[Symbol.asyncDispose]()
  }
}
