// The description of a topic bus on Kafka: what services are given to talk to each other.
import type { BackendRuntime } from '@gesta/core/ports'
import { optionNames, settingsOf } from './options.ts'
import type { KafkaOptions } from './options.ts'
import { openBus } from './topic-bus.ts'
import type { KafkaBus } from './topic-bus.ts'

/** Nothing is opened before `open`. */
export interface KafkaBusDescription {
  readonly backend: 'kafka'
  /** Errors: `broker_unavailable`; `broker_closed` when another one takes the `transactionalId` meanwhile. */
  open(runtime: BackendRuntime): Promise<KafkaBus>
}

/** Topics between services, on Kafka. Reference: docs/reference/kafka.md. */
export function kafkaBus(options: KafkaOptions): KafkaBusDescription {
  const settings = settingsOf(options, optionNames, 'kafkaBus()')
  return { backend: 'kafka', open: (runtime) => openBus(settings, runtime) }
}
