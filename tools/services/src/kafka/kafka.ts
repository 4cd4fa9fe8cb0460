// Kafka, as the search for servers sees it.
import type { Service } from '../service.ts'
import { greetKafka } from './greet.ts'
import { launchKafka } from './launch.ts'
import { locateMockBroker } from './programs.ts'
import { openTopicRun } from './topics.ts'

/** Partitions are led by several brokers, so that clients have to talk to all of them. */
const brokers = 3

export const kafka: Service = {
  name: 'kafka',
  title: 'Kafka',
  variable: 'GESTA_TEST_KAFKA_URL',
  standardUrls: ['kafka://127.0.0.1:9092'],
  // No distribution has a broker; librdkafka carries one for tests, which is compiled.
  debianPackage: 'librdkafka-dev gcc libc6-dev',
  advice: 'On Linux install the headers of librdkafka 2 (librdkafka-dev) and gcc',
  greet: greetKafka,
  locate: locateMockBroker,
  launch: (programs) => launchKafka(programs, { brokers }),
  openRun: openTopicRun,
}
