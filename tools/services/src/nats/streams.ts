// Streams for tests: each run has names of its own, and what a dead run left is deleted by the next one.
import { randomInt } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { OpenRun } from '../service.ts'
import { connectNats } from './connection.ts'

const prefixOf = (run: number | string): string => `gesta-test-${run}`
/** A run that lives answers here. */
const signOfLife = (run: number | string): string => `gesta-test.alive.${run}`
const attemptsMax = 5
let made = 0

/** Names for one test or one file. Disposed, the streams of these names are deleted. */
export interface TestStreams extends AsyncDisposable {
  readonly url: string
  /** What the names of the streams begin with, and the first token of all subjects. */
  readonly prefix: string
}

export async function openStreamRun(url: string): Promise<OpenRun> {
  const id = randomInt(1, 2 ** 31)
  const client = await connectNats(url)
  client.subscribe(signOfLife(id), { callback: (error, message) => void (error === null && message.respond()) })
  await client.flush()
  await addKeptStream(client, id)
  await deleteThoseOfDeadRuns(client)
  return {
    id,
    [Symbol.asyncDispose]: async () => {
      await deleteStreams(client, `${prefixOf(id)}-`)
      await client.close()
    },
  }
}

export function chooseStreams(url: string, run: number): TestStreams {
  made += 1
  const prefix = `${prefixOf(run)}-${process.pid}-${made}`
  return {
    url,
    prefix,
    [Symbol.asyncDispose]: async () => {
      const client = await connectNats(url)
      await deleteStreams(client, `${prefix}~`)
      await client.close()
    },
  }
}

/**
 * A stream that is there as long as the run: a server (2.9) that deletes its last stream removes the folder of all, and a test that makes
 * one at that moment would fail.
 */
async function addKeptStream(client: NatsConnection, id: number): Promise<void> {
  const manager = await jetstreamManager(client, { checkAPI: false })
  const config = { name: `${prefixOf(id)}-kept`, subjects: [`gesta-test.kept.${id}`] }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await manager.streams.add(config)
      return
    } catch (error) {
      if (attempt === attemptsMax) throw error
    }
  }
}

async function deleteThoseOfDeadRuns(client: NatsConnection): Promise<void> {
  const runs = new Set<string>()
  for (const name of await streamNames(client)) {
    const run = /^gesta-test-(\d+)-/.exec(name)?.[1]
    if (run !== undefined) runs.add(run)
  }
  for (const run of runs) if (!(await isAlive(client, run))) await deleteStreams(client, `${prefixOf(run)}-`)
}

async function isAlive(client: NatsConnection, run: string): Promise<boolean> {
  try {
    await client.request(signOfLife(run), undefined, { timeout: 5000 })
    return true
  } catch (error) {
    // Nobody listens: it has ended. Whoever listens and is slow lives.
    return !(error instanceof Error && /no responders/i.test(error.message))
  }
}

async function deleteStreams(client: NatsConnection, prefix: string): Promise<void> {
  const manager = await jetstreamManager(client, { checkAPI: false })
  for (const name of await streamNames(client))
    // A key-value bucket has a prefix of its own before that, and an underscore behind it.
    if (name.replace(/^KV_([^_]*)_/, '$1~').startsWith(prefix))
      await manager.streams.delete(name).catch(() => undefined)
}

async function streamNames(client: NatsConnection): Promise<readonly string[]> {
  const manager = await jetstreamManager(client, { checkAPI: false })
  const names: string[] = []
  for await (const name of manager.streams.names()) names.push(name)
  return names
}
