// Topics for tests: each run has its own prefix. On a real broker a run deletes its topics at its end.
import { randomInt } from 'node:crypto'
import { Admin } from '@platformatic/kafka'
import type { OpenRun } from '../service.ts'
import { isMockCluster } from './greet.ts'

const topicsOf = (run: number): string => `gesta-test.${run}.`
let made = 0

/** Names for one test or one file. */
export interface TestTopics {
  /** `host:port`. */
  readonly brokers: readonly string[]
  /** What the names of all topics and groups begin with. */
  readonly prefix: string
  /** Makes a topic of four partitions, as all are that the mock cluster makes by itself. `name` comes after the prefix. */
  make(name: string): Promise<void>
}

export async function openTopicRun(url: string): Promise<OpenRun> {
  const id = randomInt(1, 2 ** 31)
  return {
    id,
    // The mock cluster deletes nothing, and is gone with the run that started it.
    [Symbol.asyncDispose]: async () => ((await isMockCluster(url)) ? undefined : deleteTopics(url, topicsOf(id))),
  }
}

export function chooseTopics(url: string, run: number): TestTopics {
  made += 1
  const prefix = `${topicsOf(run)}${process.pid}-${made}.`
  return {
    brokers: [new URL(url).host],
    prefix,
    make: async (name) => {
      if (!(await isMockCluster(url)))
        await administer(url, (admin) => admin.createTopics({ topics: [prefix + name], partitions: 4 }))
    },
  }
}

async function deleteTopics(url: string, prefix: string): Promise<void> {
  await administer(url, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
  })
}

async function administer(url: string, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = new Admin({ clientId: 'gesta-tests', bootstrapBrokers: [new URL(url).host] })
  try {
    await work(admin)
  } finally {
    await admin.close()
  }
}
