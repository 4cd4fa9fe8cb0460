// The claim lock: who keeps it silently is ended, and nothing of it needs a session of its own.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import type { JobEnd, JobExchanged, JobStore } from '@gesta/core/ports'
import { isGestaError } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgres } from '../src/index.ts'
import { commitOf, isStored, oneTo } from './commits.ts'
import { databaseUrl, newSchema, runtime, skip } from './place.ts'
import { noPooler, startPooler } from './pooler.ts'
import type { Pooler } from './pooler.ts'

let started: Promise<Pooler> | undefined
const pooler = async (): Promise<Pooler> => (started ??= startPooler(await databaseUrl()))
after(async () => (await started)?.[Symbol.asyncDispose]())

const type = 'Order.Send'
function exchange(jobs: JobStore, worker: string, ends: readonly JobEnd[] = []): Promise<JobExchanged> {
  const wishes = [{ queue: 'default', room: 7, types: [type] }]
  return jobs.exchange({ worker, leaseMs: 60_000, ends, reports: [], wishes })
}

/** A process that was stopped with the lock: between two statements, or while it is answered. */
const stopped = {
  'between its statements': `SELECT 1`,
  'while it is answered': `SELECT repeat('x', 100000000)`,
}
for (const [when, statement] of Object.entries(stopped))
  test(
    `a process that is stopped with the claim lock, ${when}, holds others up for some seconds only`,
    { skip },
    async () => {
      const { url, schema } = await newSchema()
      await using backend = await postgres({ url, schema }).open(runtime)
      const holder = new Client({ connectionString: url })
      holder.on('error', () => undefined)
      await holder.connect()
      await holder.query(`BEGIN; SELECT ${schema}.enter_jobs(false, 5000)`)
      if (when === 'while it is answered') holder.connection.stream.pause()
      const answer = holder.query(statement).catch(() => undefined)
      if (when !== 'while it is answered') await answer
      assert.deepEqual((await exchange(backend.jobs, 'w')).claimed, [])
      holder.connection.stream.destroy()
    },
  )

test('a lock that somebody works under is waited for, and then the exchange says so', { skip }, async () => {
  const { url, schema } = await newSchema()
  await using backend = await postgres({ url, schema, lockTimeoutMs: 100 }).open(runtime)
  const holder = new Client({ connectionString: url })
  await holder.connect()
  await holder.query(`BEGIN; SELECT ${schema}.enter_jobs(false, 5000)`)
  await assert.rejects(exchange(backend.jobs, 'w'), (error) => isGestaError(error, 'store_locked'))
  await holder.query('COMMIT')
  assert.deepEqual((await exchange(backend.jobs, 'w')).claimed, [])
  await holder.end()
})

test(
  'a change of many jobs gives the claim lock away after each thousand, and changes all of them',
  { skip },
  async () => {
    const { url, schema } = await newSchema()
    await using backend = await postgres({ url, schema }).open(runtime)
    const jobs = oneTo(2_500).map((each) => ({ type, data: String(each) }))
    assert.ok(isStored(await backend.events.commit({ ...commitOf('c1', 'a'), jobs })))
    assert.equal(await backend.jobs.change({ action: 'hurry', which: {} }), 0)
    const client = new Client({ connectionString: url })
    await client.connect()
    const transactions = async (): Promise<number> => {
      const sql = `SELECT count(DISTINCT xmin::text)::integer AS count FROM ${schema}.job_steps`
      return (await client.query<{ count: number }>(sql)).rows[0]?.count ?? 0
    }
    const before = await transactions()
    assert.equal(await backend.jobs.change({ action: 'cancel', which: { queue: 'default' } }), 2_500)
    assert.equal((await transactions()) - before, 3)
    const listed = (await backend.jobs.list({ states: ['cancelled'] }, { limit: 2_100 })).items
    assert.equal(await backend.jobs.change({ action: 'requeue', which: listed }), 2_100)
    assert.equal((await transactions()) - before, 6)
    assert.equal(await backend.jobs.total({ states: ['pending'] }), 2_100)
    await client.end()
  },
)

test(
  'workers share the jobs through a pooler in transaction mode, each of them once',
  { skip: skip === false ? noPooler : skip },
  async () => {
    const { url, schema } = await newSchema()
    const options = { url: (await pooler()).through(url), directUrl: url, schema, connectionsMax: 3 }
    await using one = await postgres(options).open(runtime)
    await using other = await postgres(options).open(runtime)
    const jobs = oneTo(300).map((each) => ({ type, data: String(each) }))
    assert.ok(isStored(await one.events.commit({ ...commitOf('c1', 'a'), jobs })))
    const seen: string[] = []
    const work = async (store: JobStore, worker: string): Promise<void> => {
      let ends: readonly JobEnd[] = []
      do {
        const { claimed, refused } = await exchange(store, worker, ends)
        assert.deepEqual(refused, [])
        seen.push(...claimed.map(({ data }) => data))
        ends = claimed.map(({ commitNo, index, no }) => ({ commitNo, index, no, ending: { kind: 'succeeded' } }))
      } while (ends.length > 0)
    }
    await Promise.all([work(one.jobs, 'one'), work(other.jobs, 'other'), work(one.jobs, 'third')])
    assert.deepEqual(
      seen.map(Number).toSorted((a, b) => a - b),
      oneTo(300),
    )
    assert.equal(await other.jobs.total({ states: ['succeeded'] }), 300)
  },
)
