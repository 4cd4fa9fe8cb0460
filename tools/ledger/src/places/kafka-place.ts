// Kafka: the mock cluster behind a proxy, or the broker that the environment names. Two members of a group cannot share it on the mock,
// and what it keeps ends with it.
import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { promisify } from 'node:util'
import { kafkaBus } from '@gesta/kafka'
import type { ProxiedKafka } from '@gesta/services'
import { runtime } from '../../../crash/src/runtime.ts'
import type { BrokerPlace } from '../broker-place.ts'

/** A shell command that restarts the broker, and ends when that is done. */
const restartVariable = 'GESTA_TEST_KAFKA_RESTART'

export async function newKafkaPlace(mock: ProxiedKafka): Promise<BrokerPlace> {
  const { proxy, url } = mock
  const brokers = [new URL(url).host]
  return {
    ...shared(brokers, ''),
    // Time runs ten times faster in it.
    opening: { kind: 'kafka', brokers, prefix: '', sessionMs: 30_000 },
    consumersMax: 1,
    proxy,
    notRun: [
      'two consumers of a group, and one of them stopped: the mock cluster does not distribute partitions among two',
      'restarts: the mock cluster keeps everything in memory',
    ],
    [Symbol.asyncDispose]: () => mock[Symbol.asyncDispose](),
  }
}

/** A broker that belongs to somebody: its topics get a prefix of their own, and stay. */
export async function namedKafkaPlace(url: string): Promise<BrokerPlace> {
  const brokers = [new URL(url).host]
  const prefix = `gesta-ledger-${randomInt(2 ** 31)}.`
  const command = process.env[restartVariable]
  const restart = async (): Promise<void> => void (await promisify(execFile)('sh', ['-c', command ?? '']))
  return {
    ...shared(brokers, prefix),
    opening: { kind: 'kafka', brokers, prefix, sessionMs: 6_000 },
    consumersMax: 2,
    server: command === undefined ? undefined : { stop: async () => undefined, start: restart },
    notRun: [
      'cut connections: clients of a broker go where it says that it is',
      ...(command === undefined ? [`restarts: ${restartVariable} names no command`] : []),
    ],
    [Symbol.asyncDispose]: async () => undefined,
  }
}

function shared(
  brokers: readonly string[],
  prefix: string,
): Pick<BrokerPlace, 'broker' | 'late' | 'inOrder' | 'deadLetters'> {
  return {
    broker: 'kafka',
    late: 'everything',
    inOrder: true,
    deadLetters: async (topic, group) => {
      await using bus = await kafkaBus({ brokers, prefix }).open(runtime)
      return await bus.deadLetters(topic, group).total()
    },
  }
}
