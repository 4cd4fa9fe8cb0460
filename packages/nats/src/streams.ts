// The streams of topics and the consumers of groups: made when they are first needed, and left as they are when they are there.
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import type { ConsumerInfo, JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import { GestaError } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import type { Connection } from './connection.ts'
import { namesOf, tokenOf } from './names.ts'
import type { TopicNames } from './names.ts'
import { apiCode, consumerNotFound, nameInUse, natsError, streamNotFound, notMade } from './nats-errors.ts'
import type { GroupSettings, StreamSettings } from './stream-options.ts'

export type GroupState = 'there' | 'removed' | 'lost'
export interface Streams {
  namesOf(topic: string): TopicNames
  /** Largest message that the stream of the topic takes, in bytes; the stream is made if it is not there. Errors: `broker_unavailable`, `broker_closed`. */
  ensureTopic(topic: string): Promise<number>
  /** To be called when the stream was not there, so that it is made again. */
  forget(topic: string): void
  ensureGroup(topic: string, group: string, settings: GroupSettings): Promise<void>
  /** `removed`: its topic is there without it. `lost`: so is not even the topic. */
  stateOf(topic: string, group: string): Promise<GroupState>
  removeGroup(topic: string, group: string): Promise<void>
  /** A question to JetStream, with the errors of a bus. */
  ask<Result>(question: (manager: JetStreamManager) => Promise<Result>): Promise<Result>
}

const nanosPerMs = 1_000_000
/** To make a stream, with growing pauses between. */
const attemptsMax = 5
const pauseMs = 10

export function createStreams(
  connection: Connection,
  { prefix, ...settings }: StreamSettings & { readonly prefix?: string | undefined },
  clock: Pick<Clock, 'after'>,
): Streams {
  const { address, timeoutMs } = connection
  const made = new Map<string, Promise<number>>()
  const names = (topic: string): TopicNames => namesOf(topic, prefix)
  const ask: Streams['ask'] = async (question) => {
    const client = connection.use()
    try {
      return await question(await jetstreamManager(client, { timeout: timeoutMs, checkAPI: false }))
    } catch (error) {
      throw natsError(error, address)
    }
  }
  const makeTopic = async (topic: string): Promise<number> => {
    const { stream, subject } = names(topic)
    const config = await ask((manager) => ensureStream(manager, topicConfig(names(topic), settings), clock))
    if (!config.subjects.includes(`${subject}.>`))
      throw unfit(`the stream ${stream} to have the subjects ${subject}.>, received ${config.subjects.join(', ')}`)
    if (config.retention === RetentionPolicy.Workqueue)
      throw unfit(`the stream ${stream} to keep events for several groups, received one with the retention workqueue`)
    return config.max_msg_size > 0 ? config.max_msg_size : Number.POSITIVE_INFINITY
  }
  const ensureTopic = async (topic: string): Promise<number> => {
    const making = made.get(topic) ?? makeTopic(topic)
    made.set(topic, making)
    try {
      return await making
    } catch (error) {
      if (made.get(topic) === making) made.delete(topic)
      throw error
    }
  }
  return {
    namesOf: names,
    ask,
    ensureTopic,
    forget: (topic) => void made.delete(topic),
    ensureGroup: async (topic, group, options) => {
      // Subscribing is rare, so it looks, and finds what is gone.
      made.delete(topic)
      await ensureTopic(topic)
      const { stream, ...rest } = names(topic)
      await ask((manager) => ensureStream(manager, deadConfig({ stream, ...rest }, settings), clock))
      const name = tokenOf(group)
      const { config } = await ask(async (manager) => {
        const found = (): Promise<ConsumerInfo> => manager.consumers.info(stream, name)
        try {
          return await found()
        } catch (error) {
          if (apiCode(error) !== consumerNotFound) throw error
        }
        try {
          return await manager.consumers.add(stream, groupConfig(name, options))
        } catch (error) {
          try {
            return await found()
          } catch {
            throw error
          }
        }
      })
      if (config.deliver_subject !== undefined || config.ack_policy !== AckPolicy.Explicit)
        throw unfit(
          `the consumer ${name} of the stream ${stream} to be pulled with explicit acknowledgement, received another one`,
        )
      if (!options.unordered && config.max_ack_pending !== 1)
        throw unfit(
          `the consumer ${name} of the stream ${stream} to have max_ack_pending 1, as an ordered group has, received ${config.max_ack_pending}`,
        )
    },
    stateOf: (topic, group) =>
      ask(async (manager) => {
        try {
          await manager.consumers.info(names(topic).stream, tokenOf(group))
          return 'there'
        } catch (error) {
          if (apiCode(error) === consumerNotFound) return 'removed'
          if (apiCode(error) === streamNotFound) return 'lost'
          throw error
        }
      }),
    removeGroup: (topic, group) =>
      ask(async (manager) => {
        try {
          await manager.consumers.delete(names(topic).stream, tokenOf(group))
        } catch (error) {
          if (![consumerNotFound, streamNotFound].includes(apiCode(error) ?? 0)) throw error
        }
      }),
  }
}

export type StreamDraft = Pick<StreamConfig, 'name' | 'subjects'> & Partial<StreamConfig>

/** The stream as it is there, whoever made it; it is made when it is not. */
export async function ensureStream(
  manager: JetStreamManager,
  config: StreamDraft,
  clock: Pick<Clock, 'after'>,
): Promise<StreamConfig> {
  const found = async (): Promise<StreamConfig> => (await manager.streams.info(config.name)).config
  try {
    return await found()
  } catch (error) {
    if (apiCode(error) !== streamNotFound) throw error
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await manager.streams.add(config)).config
    } catch (error) {
      const code = apiCode(error) ?? 0
      // Another process was quicker, with other settings.
      if (nameInUse.includes(code)) return found()
      if (code !== notMade || attempt === attemptsMax) throw error
      await new Promise<void>((resolve) => void clock.after(attempt * pauseMs, resolve))
    }
  }
}

function topicConfig({ stream, subject }: TopicNames, settings: StreamSettings): StreamDraft {
  const { keptMs, deduplicationMs } = settings
  return {
    ...sharedConfig(settings),
    name: stream,
    subjects: [`${subject}.>`],
    max_age: keptMs * nanosPerMs,
    ...(deduplicationMs === false ? undefined : { duplicate_window: deduplicationMs * nanosPerMs }),
  }
}

/** Kept until somebody puts them back or discards them; one for each event that a group has given up, however often that is written. */
function deadConfig({ deadStream, deadSubject }: TopicNames, settings: StreamSettings): StreamDraft {
  return { ...sharedConfig(settings), name: deadStream, subjects: [`${deadSubject}.>`], max_msgs_per_subject: 1 }
}

function sharedConfig({ replicas, storage }: StreamSettings): Partial<StreamConfig> {
  return {
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    storage: storage === 'file' ? StorageType.File : StorageType.Memory,
    num_replicas: replicas,
  }
}

function groupConfig(
  name: string,
  { start, ackWaitMs, unordered }: GroupSettings,
): Parameters<JetStreamManager['consumers']['add']>[1] {
  return {
    name,
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * nanosPerMs,
    deliver_policy: start === 'oldest' ? DeliverPolicy.All : DeliverPolicy.New,
    // Receivers count the deliveries, because a server that gives up tells it to whoever listens, and nobody may.
    max_deliver: -1,
    // Order over all receivers of a group is the server's: it hands out nothing while something is in hand, whoever has it.
    max_ack_pending: unordered ? -1 : 1,
  }
}

function unfit(expected: string): GestaError {
  return new GestaError('broker_unavailable', `Expected ${expected}. Rename one of them, or choose another prefix.`)
}
