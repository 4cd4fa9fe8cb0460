// One topic of a Redis server as the broker of an app: where its relay sends what the app has stored.
import { checkKey, checkOptions } from '@gesta/core/ports'
import type { BackendRuntime, Broker } from '@gesta/core/ports'
import { publishingOptionNames, publishingSettings } from './broker-options.ts'
import type { RedisPublishingOptions } from './broker-options.ts'
import { createConnection } from './connection.ts'
import { createPublisher } from './publisher.ts'
import { brokerFailures } from './redis-errors.ts'
import { topicKeys } from './topic-keys.ts'

export interface RedisBrokerOptions extends RedisPublishingOptions {
  /** The topic that everything is published to. */
  readonly topic: string
  /** The service in whose name it is published. */
  readonly source: string
}
/** A description of a broker; nothing is opened before the app starts. */
export interface RedisBroker {
  readonly backend: 'redis'
  /** Connects with the first batch, because an app starts also while its broker is away. */
  open(runtime: BackendRuntime): Promise<Broker & AsyncDisposable>
}

/**
 * What is published goes to one topic of a `redisBus` with the same prefix. Errors: plain ones for options, `invalid_key` for names; of
 * publishing those of `Broker`, and `sequence_refused`. Reference: docs/reference/redis.md.
 */
export function redisBroker(options: RedisBrokerOptions): RedisBroker {
  checkOptions(options, [...publishingOptionNames, 'topic', 'source'], 'redisBroker()')
  const { topic, source } = options
  checkKey(topic, 'topic')
  checkKey(source, 'source')
  const { connection: address, prefix, eventsMax, ...shape } = publishingSettings(options)
  return {
    backend: 'redis',
    open: async (runtime) => {
      const connection = createConnection(address, runtime, brokerFailures)
      const { clock } = runtime
      const keys = topicKeys(prefix, topic)
      const publisher = createPublisher({ connection, clock, topic, keys, source, shape, eventsMax })
      return { ...publisher, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() }
    },
  }
}
