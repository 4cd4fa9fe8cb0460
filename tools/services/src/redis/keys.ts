// Keys for tests: each run has its own prefix, and what a dead run left is deleted by the next one.
import { randomInt } from 'node:crypto'
import type { OpenRun } from '../service.ts'
import { connectRedis } from './connection.ts'
import type { RedisConnection } from './connection.ts'

/** The set of runs that have begun and not tidied up. */
const runs = 'gesta-test:runs'
/** The name of a connection, by which a run shows that it lives. */
const connectionOf = (run: number | string): string => `gesta-test-${run}`
const keysOf = (run: number | string): string => `gesta-test:${run}:`
let made = 0

/** Keys for one test or one file. Disposed, they are deleted. */
export interface TestKeys extends AsyncDisposable {
  readonly url: string
  /** What all the keys begin with. */
  readonly prefix: string
}

export async function openKeyRun(url: string): Promise<OpenRun> {
  const id = randomInt(1, 2 ** 31)
  const connection = await connectRedis(url)
  await connection.call('CLIENT', 'SETNAME', connectionOf(id))
  await connection.call('SADD', runs, String(id))
  await deleteThoseOfDeadRuns(connection)
  // The name lasts as long as the process lives, and does not keep it alive.
  connection.unref()
  return {
    id,
    [Symbol.asyncDispose]: async () => {
      await deleteRun(connection, String(id))
      connection[Symbol.dispose]()
    },
  }
}

export function chooseKeys(url: string, run: number): TestKeys {
  made += 1
  const prefix = `${keysOf(run)}${process.pid}-${made}:`
  return {
    url,
    prefix,
    [Symbol.asyncDispose]: async () => {
      using connection = await connectRedis(url)
      await deleteKeys(connection, prefix)
    },
  }
}

async function deleteThoseOfDeadRuns(connection: RedisConnection): Promise<void> {
  // In this order: a run that begins now has its name before it is in the set.
  const begun = (await connection.call('SMEMBERS', runs)) as readonly string[]
  const clients = String(await connection.call('CLIENT', 'LIST'))
  for (const run of begun) if (!clients.includes(` name=${connectionOf(run)} `)) await deleteRun(connection, run)
}

async function deleteRun(connection: RedisConnection, run: string): Promise<void> {
  await deleteKeys(connection, keysOf(run))
  await connection.call('SREM', runs, run)
}

async function deleteKeys(connection: RedisConnection, prefix: string): Promise<void> {
  let cursor = '0'
  do {
    const reply = await connection.call('SCAN', cursor, 'MATCH', `${prefix}*`, 'COUNT', '1000')
    const [next, keys] = reply as readonly [string, readonly string[]]
    if (keys.length > 0) await connection.call('UNLINK', ...keys)
    cursor = next
  } while (cursor !== '0')
}
