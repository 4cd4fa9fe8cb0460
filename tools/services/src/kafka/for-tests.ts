// Kafka as test files ask for it.
import type { OwnServer } from '../own/own-server.ts'
import { accessPrograms, accessServer, recordNotRun } from '../run/access.ts'
import { isMockCluster } from './greet.ts'
import { kafka } from './kafka.ts'
import { launchKafka, launchProxiedKafka } from './launch.ts'
import type { KafkaOptions, ProxiedKafka } from './launch.ts'
import { chooseTopics } from './topics.ts'
import type { TestTopics } from './topics.ts'

export interface KafkaForTests {
  /** For `describe` and `test`: `false`, or the reason why there is no server. In CI it is `false`, and tests fail. */
  readonly skip: string | false
  /** For what a real broker alone can do: `false`, or the reason, which the run tells at its end. */
  readonly skipOnMock: string | false
  /** Names that no topic and no group has. */
  newTopics(): TestTopics
}

export interface OwnKafkaForTests {
  /** As in `KafkaForTests`. */
  readonly skip: string | false
  start(options?: KafkaOptions): Promise<OwnServer>
  /** A broker whose clients come through a proxy. */
  startProxied(): Promise<ProxiedKafka>
}

/**
 * The broker that all tests share. Without a real one it is the mock cluster of librdkafka, in which two members of a group do not
 * share it, transactions do not fence, and nothing is deleted.
 */
export async function kafkaForTests(): Promise<KafkaForTests> {
  const { skip, get } = await accessServer(kafka)
  const isMock = skip === false && (await isMockCluster(get().url).catch(() => false))
  let isTold = false
  return {
    skip,
    get skipOnMock() {
      if (!isMock) return skip
      const reason = `needs a real broker, named in ${kafka.variable}`
      if (!isTold) recordNotRun(kafka, `What is skipped there ${reason}.`)
      isTold = true
      return reason
    },
    newTopics: () => {
      const { url, run } = get()
      return chooseTopics(url, run)
    },
  }
}

/** Mock clusters of a test's own, which it may stop, or reach through a proxy. What they keep ends with them. */
export async function ownKafkaForTests(): Promise<OwnKafkaForTests> {
  const { skip, get } = await accessPrograms(kafka)
  return {
    skip,
    start: async (options) => launchKafka(get(), options),
    startProxied: async () => launchProxiedKafka(get()),
  }
}
