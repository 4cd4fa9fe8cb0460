// The description of a broker on Kafka: one topic, to which a relay publishes what an app's outbox holds.
import { checkKey } from '@gesta/core/ports'
import type { BackendRuntime, Broker } from '@gesta/core/ports'
import { inTime, newAdmin, closeClient, goodbyeMs } from './clients.ts'
import { kafkaError } from './kafka-errors.ts'
import { topicName } from './names.ts'
import { optionNames, settingsOf } from './options.ts'
import type { KafkaOptions } from './options.ts'
import { createPublisher } from './publisher.ts'
import { openSender } from './sender.ts'

export interface KafkaBrokerOptions extends KafkaOptions {
  /** Where everything is published. */
  readonly topic: string
  /** The service in whose name. */
  readonly source: string
}
/** Nothing is opened before `open`. */
export interface KafkaBrokerDescription {
  readonly backend: 'kafka'
  /** Errors: as `KafkaBusDescription` says. */
  open(runtime: BackendRuntime): Promise<Broker & AsyncDisposable>
}

/** A topic as the broker of an app. Errors of publishing: as `Broker` says. Reference: docs/reference/kafka.md. */
export function kafkaBroker(options: KafkaBrokerOptions): KafkaBrokerDescription {
  const settings = settingsOf(options, [...optionNames, 'topic', 'source'], 'kafkaBroker()')
  const { topic, source } = options
  checkKey(topic, 'topic')
  checkKey(source, 'source')
  return {
    backend: 'kafka',
    open: async (runtime) => {
      const { clock } = runtime
      const admin = newAdmin(settings)
      try {
        await inTime(clock, settings.timeoutMs, admin.metadata({ topics: [] }))
      } catch (error) {
        throw kafkaError(error, settings.brokers)
      } finally {
        await closeClient(admin, clock, goodbyeMs)
      }
      const sender = await openSender(settings, runtime, settings.transactionalId)
      const { publishEvents } = createPublisher(topicName(settings.prefix, topic), source, sender, settings, clock)
      return { publishEvents, [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose]() }
    },
  }
}
