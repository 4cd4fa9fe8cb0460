// Kafka: the mock cluster behind a proxy, or the broker that the environment names. Two members of a group cannot share it on the mock,
// and what it keeps ends with it.
import { kafkaBus } from '@gesta/kafka'
import type { ProxiedKafka } from '@gesta/services'
import { runtime } from '../../../crash/src/runtime.ts'
import type { BrokerPlace } from '../broker-place.ts'

const deadLettersAt =
  (brokers: readonly string[]) =>
  async (topic: string, group: string): Promise<number> => {
    await using bus = await kafkaBus({ brokers }).open(runtime)
    return await bus.deadLetters(topic, group).total()
  }

export async function newKafkaPlace(mock: ProxiedKafka): Promise<BrokerPlace> {
  const { proxy, url } = mock
  const brokers = [new URL(url).host]
  return {
    broker: 'kafka',
    // Time runs ten times faster in it.
    opening: { kind: 'kafka', brokers, sessionMs: 30_000 },
    consumersMax: 1,
    late: 'everything',
    inOrder: true,
    proxy,
    notRun: [
      'two consumers of a group, and one of them stopped: the mock cluster does not distribute partitions among two',
      'restarts: the mock cluster keeps everything in memory',
    ],
    deadLetters: deadLettersAt(brokers),
    [Symbol.asyncDispose]: () => mock[Symbol.asyncDispose](),
  }
}
