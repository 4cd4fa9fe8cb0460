// The topic bus on Kafka: a topic is a topic, a group is a consumer group.
import { checkKey } from '@gesta/core/ports'
import type { BackendRuntime, Broker, Subscription, TopicBus } from '@gesta/core/ports'
import { newAdmin } from './clients.ts'
import { openDeadLetters } from './dead-letters.ts'
import type { DeadLetters, KeptDeadLetters } from './dead-letters.ts'
import { openGroup } from './group.ts'
import type { Group } from './group.ts'
import { brokerClosed, isUnknownGroup, kafkaError } from './kafka-errors.ts'
import { keepClient } from './kept-client.ts'
import { deadTopicName, groupName, topicName } from './names.ts'
import type { Settings } from './options.ts'
import { createPublisher } from './publisher.ts'
import { openSender } from './sender.ts'

export interface KafkaBus extends TopicBus {
  /** What a group has given up. */
  deadLetters(topic: string, group: string): DeadLetters
}

/** Connects, so that wrong addresses are told at once. Errors: `broker_unavailable`. */
export async function openBus(settings: Settings, runtime: BackendRuntime): Promise<KafkaBus> {
  const { clock } = runtime
  const { prefix, brokers } = settings
  await using opened = new AsyncDisposableStack()
  const admin = opened.use(keepClient(() => newAdmin(settings), settings.timeoutMs, clock))
  /** Groups by their names in Kafka, and the dead letters of groups. */
  const groups = new Map<string, Group>()
  const letters = new Map<string, KeptDeadLetters>()
  let closed = false

  const ask = async <Result>(run: Parameters<typeof admin.call<Result>>[0]): Promise<Result> => {
    if (closed) throw brokerClosed()
    try {
      return await admin.call(run)
    } catch (error) {
      throw kafkaError(error, brokers)
    }
  }
  await ask((client) => client.metadata({ topics: [] }))
  const sender = opened.use(await openSender(settings, runtime, settings.transactionalId))
  /** For dead letters, which no transaction takes back. */
  const plainSender = settings.transactionalId === undefined ? sender : opened.use(await openSender(settings, runtime))

  const check = (topic: string, group: string): void => {
    checkKey(topic, 'topic')
    checkKey(group, 'group')
    if (closed) throw brokerClosed()
  }
  const lettersOf = (topic: string, group: string): KeptDeadLetters => {
    const groupId = groupName(prefix, topic, group)
    const known = letters.get(groupId)
    if (known !== undefined) return known
    const place = { topic: topicName(prefix, topic), deadTopic: deadTopicName(prefix, topic, group), groupId, group }
    const made = openDeadLetters(place, settings, clock, plainSender)
    letters.set(groupId, made)
    return made
  }
  const groupOf = async (topic: string, group: string): Promise<Group> => {
    const groupId = groupName(prefix, topic, group)
    // One that leaves has left before it comes again: the broker would take the two for two members.
    for (let known = groups.get(groupId); known !== undefined; known = groups.get(groupId)) {
      if (!known.isEnding) return known
      await known[Symbol.asyncDispose]()
      if (groups.get(groupId) === known) groups.delete(groupId)
    }
    if (closed) throw brokerClosed()
    const place = { topic: topicName(prefix, topic), groupId, group }
    const { bury } = lettersOf(topic, group)
    const made = openGroup(place, settings, runtime, bury)
    groups.set(groupId, made)
    return made
  }
  const kept = opened.move()

  return {
    publisher: (topic, { source }): Broker => {
      checkKey(topic, 'topic')
      checkKey(source, 'source')
      return createPublisher(topicName(prefix, topic), source, sender, settings, clock)
    },
    subscribe: async (topic, group): Promise<Subscription> => {
      check(topic, group)
      const name = topicName(prefix, topic)
      await ask((client) => client.metadata({ topics: [name], autocreateTopics: true }))
      return (await groupOf(topic, group)).subscribe()
    },
    removeGroup: async (topic, group) => {
      check(topic, group)
      const groupId = groupName(prefix, topic, group)
      await groups.get(groupId)?.[Symbol.asyncDispose]()
      await ask((client) =>
        client.deleteGroups({ groups: [groupId] }).catch((error: unknown) => {
          if (!isUnknownGroup(error)) throw error
        }),
      )
    },
    deadLetters: (topic, group) => {
      check(topic, group)
      const { total, list, requeue, discard } = lettersOf(topic, group)
      return { total, list, requeue, discard }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await Promise.all(Array.from(groups.values(), (group) => group[Symbol.asyncDispose]()))
      await Promise.all(Array.from(letters.values(), (each) => each[Symbol.asyncDispose]()))
      await kept.disposeAsync()
    },
  }
}
