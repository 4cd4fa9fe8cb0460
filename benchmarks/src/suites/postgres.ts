// PostgreSQL, on a server of the suite's own with synchronous_commit=on and fsync: one process beside bare inserts, and two processes
// beside one.
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import pg from 'pg'
import { emptySchema, postgresRows } from '../limits/postgres-rows.ts'
import { startCommitters } from '../load/committers.ts'
import { compare, medians, quantile } from '../measure.ts'
import type { Subject } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Row } from '../row.ts'
import { accountsSubject } from './accounts-subject.ts'
import { appendSubject } from './append.ts'
import type { Suite } from './suite.ts'

const untimed = { p50us: undefined, p99us: undefined }

/** Settings of a server that keeps what it acknowledged. */
export const lastingServer = { settings: { fsync: 'on', max_wal_size: '8GB' } }

export const onPostgres: Suite = async function* (effort) {
  await using server = await startPostgres(lastingServer)
  const { url } = server
  let made = 0
  const freshSchema = (): string => `bench_${++made}`
  for (const concurrency of [1, 64]) {
    const limit = (): Promise<Subject> => postgresRows(url, freshSchema(), concurrency)
    const append = async (): Promise<Subject> => {
      const schema = freshSchema()
      return dropping(url, schema, await appendSubject(postgres({ url, schema }), concurrency, 1))
    }
    yield rowOf('postgres', `append c${concurrency}`, 'full', await compare(append, limit, effort))
    const commands = (): Promise<Subject> => commandsSubject(url, freshSchema(), concurrency)
    yield rowOf('postgres', `commands c${concurrency}`, 'full', await compare(commands, limit, effort))
  }
  yield* twoProcesses(url, freshSchema(), effort.rounds, effort.seconds)
}

async function* twoProcesses(url: string, schema: string, rounds: number, seconds: number): AsyncIterable<Row> {
  await emptySchema(url, schema)
  await using committers = await startCommitters(2, url, schema)
  const ms = seconds * 4_000
  await committers.commit(ms)
  const [alone, together, share]: [number[], number[], number[]] = [[], [], []]
  const passes = [
    async () => alone.push(perSec(await committers.commit(ms, 1), ms)),
    async () => {
      const stored = await committers.commit(ms)
      together.push(perSec(stored, ms))
      share.push(Math.min(...stored) / (perSec(stored, ms) * (ms / 1000)))
    },
  ]
  for (let round = 0; round < rounds; round++)
    for (const pass of round % 2 === 0 ? passes : passes.toReversed()) await pass()
  yield rowOf('postgres', 'two processes c64 against one', 'full', { ...medians(together, alone), ...untimed })
  const smaller = quantile(share, 0.5)
  yield rowOf('postgres', 'two processes, share of the smaller', 'full', {
    perSec: quantile(together, 0.5) * smaller,
    limitPerSec: quantile(together, 0.5),
    ratio: smaller,
    ...untimed,
  })
}

export function perSec(stored: readonly number[], ms: number): number {
  return (stored.reduce((sum, count) => sum + count, 0) * 1000) / ms
}

async function commandsSubject(url: string, schema: string, concurrency: number): Promise<Subject> {
  return dropping(url, schema, await accountsSubject(postgres({ url, schema }), concurrency, false))
}

/** The subject, whose schema goes with it. */
export function dropping(url: string, schema: string, subject: Subject): Subject {
  return {
    ...subject,
    [Symbol.asyncDispose]: async () => {
      await subject[Symbol.asyncDispose]()
      await dropSchema(url, schema)
    },
  }
}

export async function dropSchema(url: string, schema: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`DROP SCHEMA "${schema}" CASCADE`)
  await client.end()
}
