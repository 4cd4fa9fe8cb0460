// Durable jobs: how many that do nothing are processed in a second, how soon one is picked up, and what an old transaction costs.
import { join } from 'node:path'
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'
import pg from 'pg'
import { bareFile, skipLocked } from '../../limits/bare-queues.ts'
import type { BareQueue } from '../../limits/bare-queues.ts'
import { medians, quantile } from '../../measure.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'
import { newFolder } from '../../scratch.ts'
import { lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'
import { concurrency, jobBody, startQueue } from './queue.ts'
import type { Queue } from './queue.ts'

const untimed = { p50us: undefined, p99us: undefined }
/** Jobs of a pass for each second that it may take; and at least so many. */
const [jobsPerSecond, jobsMin] = [80_000, 2_000]
const jobsOf = (seconds: number): number => Math.max(jobsMin, Math.round(seconds * jobsPerSecond))

const onPostgres: Suite = async function* ({ rounds, seconds }) {
  await using server = await startPostgres(lastingServer)
  await using queue = await startQueue(postgres({ url: server.url, schema: 'jobs' }))
  await using bare = await skipLocked(server.url, concurrency, jobBody)
  yield await processed('postgres no-op jobs, beside bare SKIP LOCKED', queue, bare, rounds, jobsOf(seconds))
}

const onSqlite: Suite = async function* ({ rounds, seconds, scratch }) {
  await using queue = await startQueue(sqlite(join(newFolder(scratch), 'store.db')))
  await using bare = bareFile(scratch, concurrency, jobBody)
  yield await processed('sqlite no-op jobs, beside a bare table', queue, bare, rounds, jobsOf(seconds))
}

async function processed(name: string, queue: Queue, bare: BareQueue, rounds: number, jobs: number): Promise<Row> {
  const own: number[] = []
  const bounds: number[] = []
  const passes = [async () => own.push(await queue.pass(jobs)), async () => bounds.push(await bare.pass(jobs))]
  for (const pass of passes) await pass()
  own.length = 0
  bounds.length = 0
  for (let round = 0; round < rounds; round++)
    for (const pass of round % 2 === 0 ? passes : passes.toReversed()) await pass()
  return rowOf('jobs', name, 'full', { ...medians(own, bounds), ...untimed })
}

/** From the call that stores a job to its run; beside the time until it is stored. */
const pickUp: Suite = async function* ({ rounds, scratch }) {
  const jobs = rounds * 20
  {
    await using queue = await startQueue(sqlite(join(newFolder(scratch), 'store.db')))
    yield await pickedUp('sqlite pick-up of one job', queue, jobs)
  }
  await using server = await startPostgres(lastingServer)
  await using queue = await startQueue(postgres({ url: server.url, schema: 'jobs' }))
  yield await pickedUp('postgres pick-up of one job', queue, jobs)
}

async function pickedUp(name: string, queue: Queue, jobs: number): Promise<Row> {
  const begunUs: number[] = []
  const storedUs: number[] = []
  for (let at = -5; at < jobs; at++) {
    const begun = Promise.withResolvers<number>()
    const startedAt = performance.now()
    await queue.enqueue(() => begun.resolve(performance.now()))
    const storedAt = performance.now()
    const begunAt = await begun.promise
    // The queue is idle again when the run's end is stored.
    await queue.idle()
    if (at < 0) continue
    storedUs.push((storedAt - startedAt) * 1000)
    begunUs.push((begunAt - startedAt) * 1000)
  }
  const [p50us, p99us] = [quantile(begunUs, 0.5), quantile(begunUs, 0.99)]
  const [perSec, limitPerSec] = [1e6 / p50us, 1e6 / quantile(storedUs, 0.5)]
  return rowOf('jobs', name, 'full', { perSec, limitPerSec, ratio: perSec / limitPerSec, p50us, p99us })
}

/** The same load before and while a transaction is held whose snapshot keeps all dead rows. */
const held: Suite = async function* ({ seconds, heldSeconds }) {
  await using server = await startPostgres(lastingServer)
  await using queue = await startQueue(postgres({ url: server.url, schema: 'jobs' }))
  const jobs = jobsOf(seconds)
  const before: number[] = []
  for (let pass = -1; pass < passesCompared; pass++) before[Math.max(0, pass)] = await queue.pass(jobs)
  const reader = new pg.Client({ connectionString: server.url })
  await reader.connect()
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM jobs.commits')
  const after: number[] = []
  const endsAt = performance.now() + heldSeconds * 1000
  while (performance.now() < endsAt || after.length < passesCompared) after.push(await queue.pass(jobs))
  await reader.end()
  const [perSec, limitPerSec] = [quantile(after.slice(-passesCompared), 0.5), quantile(before, 0.5)]
  const figures = { perSec, limitPerSec, ratio: perSec / limitPerSec, ...untimed }
  yield rowOf('jobs', `postgres no-op jobs, an old transaction held ${heldSeconds} s`, 'full', figures)
}
/** Passes at the begin and at the end that are compared, by their medians: so many that the vacuum of the server falls into both. */
const passesCompared = 30

export const jobParts: ReadonlyMap<string, Suite> = new Map([
  ['postgres', onPostgres],
  ['sqlite', onSqlite],
  ['pick-up', pickUp],
  ['held', held],
])

export const jobs: Suite = async function* (settings) {
  for (const part of jobParts.values()) yield* part(settings)
}
