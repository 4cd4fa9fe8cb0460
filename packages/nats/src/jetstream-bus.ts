// The topic bus on JetStream: a topic is a stream, a group a durable consumer that is pulled.
import { checkKey } from '@gesta/core/ports'
import type { BackendRuntime, Subscription, TopicBus } from '@gesta/core/ports'
import { createAcknowledgedPublishing } from './acknowledged-publishing.ts'
import type { Connection } from './connection.ts'
import { createDeadLetters, deadLetterOf } from './dead-letters.ts'
import type { DeadLetters } from './dead-letters.ts'
import { createGroupReceiver } from './group-receiver.ts'
import type { Group, GroupReceiver } from './group-receiver.ts'
import { tokenOf } from './names.ts'
import { brokerClosed } from './nats-errors.ts'
import { createPublisher } from './publisher.ts'
import type { PublisherSettings } from './publisher.ts'
import { checkGroupOptions, groupSettings } from './stream-options.ts'
import type { GroupSettings, NatsGroupOptions, StreamSettings } from './stream-options.ts'
import { createStreams } from './streams.ts'

/** A topic bus whose groups can be made in several ways, and keep what they could not deliver. Reference: docs/reference/nats.md. */
export interface NatsTopicBus extends TopicBus {
  /** What is not said here is as the bus was told. */
  subscribe(topic: string, group: string, options?: NatsGroupOptions): Promise<Subscription>
  /** What a group has given up. Errors: `invalid_key` for names. */
  deadLetters(topic: string, group: string): DeadLetters
}
export interface BusSettings extends PublisherSettings, StreamSettings {
  readonly prefix?: string | undefined
  readonly group: GroupSettings
}

/** The connection is open, and is closed with the bus. */
export function createNatsTopicBus(
  connection: Connection,
  settings: BusSettings,
  runtime: BackendRuntime,
): NatsTopicBus {
  const publishing = createAcknowledgedPublishing(connection, runtime.clock)
  const streams = createStreams(connection, settings, runtime.clock)
  /** With the stream and the consumer of each. */
  const receivers = new Map<Subscription, readonly [GroupReceiver, string, string]>()
  let closing: Promise<void> | undefined
  const checkOpen = (): void => {
    if (closing !== undefined) throw brokerClosed()
  }
  const receiver = (topic: string, name: string, options: GroupSettings): Subscription => {
    const names = streams.namesOf(topic)
    const group: Group = {
      name,
      stream: names.stream,
      consumer: tokenOf(name),
      state: () => streams.stateOf(topic, name),
      bury: (delivery, reason) =>
        publishing.send([deadLetterOf(delivery, reason, names, name, connection.bytesMax())], { pipelined: false }),
    }
    const made = createGroupReceiver(connection, group, options, runtime)
    const subscription: Subscription = {
      receiveEventBatch: made.receiveEventBatch,
      [Symbol.asyncDispose]: async () => {
        receivers.delete(subscription)
        await made[Symbol.asyncDispose]()
      },
    }
    receivers.set(subscription, [made, names.stream, group.consumer])
    return subscription
  }
  const close = async (): Promise<void> => {
    await Promise.all(Array.from(receivers.keys(), (each) => each[Symbol.asyncDispose]()))
    await publishing[Symbol.asyncDispose]()
    await connection[Symbol.asyncDispose]()
  }
  return {
    publisher: (topic, { source }) => {
      checkKey(topic, 'topic')
      checkKey(source, 'source')
      const publisher = createPublisher(
        { connection, publishing, streams, clock: runtime.clock },
        topic,
        source,
        settings,
      )
      return {
        publishEvents: (events, run) =>
          closing === undefined ? publisher.publishEvents(events, run) : Promise.reject(brokerClosed()),
      }
    },
    subscribe: async (topic, group, options = {}) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      checkGroupOptions(options)
      checkOpen()
      const chosen = groupSettings({ ...settings.group, ...options })
      await streams.ensureGroup(topic, group, chosen)
      checkOpen()
      return receiver(topic, group, chosen)
    },
    removeGroup: async (topic, group) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      checkOpen()
      await streams.removeGroup(topic, group)
      const { stream } = streams.namesOf(topic)
      for (const [made, ofStream, consumer] of receivers.values())
        if (ofStream === stream && consumer === tokenOf(group)) made.removed()
    },
    deadLetters: (topic, group) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      return createDeadLetters(streams, publishing, streams.namesOf(topic), group, connection.bytesMax)
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}
