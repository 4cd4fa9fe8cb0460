// Databases for tests: each run has its own, named after the run, and what a dead run left is dropped by the next one.
import { randomInt } from 'node:crypto'
import { Client } from 'pg'
import type { OpenRun } from '../service.ts'

/** The class of the advisory locks by which runs show that they live. The number is "gest" in ASCII. */
const lockClass = 0x67657374
const databaseOfRun = /^gesta_test_(\d+)_/
/** The name of connections that create and drop for a run. */
const applicationOf = (run: number): string => `gesta_test_${run}`
let made = 0

/** A database for one test or one file. Disposed, it is dropped, with whoever is still connected to it. */
export interface TestDatabase extends AsyncDisposable {
  readonly name: string
  readonly url: string
}

export async function openDatabaseRun(url: string): Promise<OpenRun> {
  const id = randomInt(1, 2 ** 31)
  const client = await connected(url)
  await client.query('select pg_advisory_lock($1, $2)', [lockClass, id])
  await dropThoseOfDeadRuns(client)
  // The lock is kept as long as the process lives, and does not keep it alive.
  client.unref()
  return {
    id,
    [Symbol.asyncDispose]: async () => {
      client.ref()
      // A test that was killed may have a database in the making, which would not be seen yet.
      await client.query('select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = $1', [
        applicationOf(id),
      ])
      for (const { name, run } of await databases(client)) if (run === id) await drop(client, name)
      await client.end()
    },
  }
}

export async function createDatabase(url: string, run: number): Promise<TestDatabase> {
  made += 1
  const name = `gesta_test_${run}_${process.pid}_${made}`
  await administer(url, run, (client) => client.query(`create database ${name} template template0 encoding 'UTF8'`))
  const own = new URL(url)
  own.pathname = `/${name}`
  return {
    name,
    url: own.href,
    [Symbol.asyncDispose]: () => administer(url, run, (client) => drop(client, name)),
  }
}

async function dropThoseOfDeadRuns(client: Client): Promise<void> {
  // In this order: a run that begins now has locked before its first database exists.
  const names = await databases(client)
  const { rows } = await client.query<{ run: number }>(
    `select objid::bigint::int as run from pg_locks where locktype = 'advisory' and classid = $1 and granted`,
    [lockClass],
  )
  const living = new Set(rows.map(({ run }) => run))
  for (const { name, run } of names) {
    // Another run may be dropping it too.
    if (!living.has(run)) await drop(client, name).catch(() => undefined)
  }
}

async function databases(client: Client): Promise<{ name: string; run: number }[]> {
  const { rows } = await client.query<{ name: string }>('select datname as name from pg_database')
  return rows.flatMap(({ name }) => {
    const run = databaseOfRun.exec(name)?.[1]
    return run === undefined ? [] : [{ name, run: Number(run) }]
  })
}

async function drop(client: Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${name} with (force)`)
}

async function administer(url: string, run: number, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = await connected(url, applicationOf(run))
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/** The declarations of pg leave these two out. */
type Connected = Client & { ref(): void; unref(): void }

async function connected(url: string, application = 'gesta tests'): Promise<Connected> {
  const options = { connectionString: url, connectionTimeoutMillis: 10_000, application_name: application }
  const client = new Client(options) as Connected
  // A server that goes away is told by the next query.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
