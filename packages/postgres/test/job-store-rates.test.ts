// Jobs that were begun in queues with a rate: counted for their period, then removed, also when the clock of the database goes back.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ClaimedJob, JobStore, QueueWish } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgres } from '../src/index.ts'
import { commitOf, isStored, oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const type = 'Order.Send'
/** In microseconds. */
const secondUs = 1_000_000
const rate = { max: 1, periodUs: secondUs }

async function claim(jobs: JobStore, wish: Partial<QueueWish> = {}): Promise<readonly ClaimedJob[]> {
  const wishes = [{ queue: 'default', room: 1, types: [type], ...wish }]
  return (await jobs.exchange({ worker: 'w', leaseMs: 3_600_000, ends: [], reports: [], wishes })).claimed
}

test(
  'begun jobs are removed when their period is long over, also those of a queue that was full meanwhile',
  { skip },
  async () => {
    const { url, schema } = await newSchema()
    await using backend = await postgres({ url, schema }).open(runtime)
    const client = new Client({ connectionString: url })
    await client.connect()
    await using stack = new AsyncDisposableStack()
    stack.defer(() => client.end())
    const jobs = oneTo(150).map((each) => ({ type, data: String(each), terms: undefined }))
    assert.ok(isStored(await backend.events.commit({ ...commitOf('c1', 'a'), jobs })))
    const count = `SELECT count(*)::integer AS count FROM ${schema}.job_begun WHERE count = 77`
    const long = Date.now() * 1000 - 60 * secondUs
    await client.query(`INSERT INTO ${schema}.job_begun (queue, at_us, count) VALUES ('mail', $1, 77)`, [long])
    // Each of these is a step; what is removed now and then is removed in one of them, without a wish for the queue.
    for (const _ of oneTo(70)) assert.equal((await claim(backend.jobs)).length, 1)
    const both = ['default', 'mail'].map((queue) => ({
      queue,
      room: 1,
      types: [type],
      ...(queue === 'mail' && { rate }),
    }))
    for (const _ of oneTo(70))
      await backend.jobs.exchange({ worker: 'w', leaseMs: 3_600_000, ends: [], reports: [], wishes: both })
    assert.deepEqual((await client.query(count)).rows, [{ count: 0 }])
  },
)

test('jobs that were begun after now, before the clock was set back, close no queue', { skip }, async () => {
  const { url, schema } = await newSchema()
  await using backend = await postgres({ url, schema }).open(runtime)
  const client = new Client({ connectionString: url })
  await client.connect()
  await using stack = new AsyncDisposableStack()
  stack.defer(() => client.end())
  const jobs = [{ type, data: '1', terms: undefined }]
  assert.ok(isStored(await backend.events.commit({ ...commitOf('c1', 'a'), jobs })))
  const ahead = Date.now() * 1000 + 3_600 * secondUs
  await client.query(`INSERT INTO ${schema}.job_begun (queue, at_us, count) VALUES ('default', $1, 9)`, [ahead])
  assert.equal((await claim(backend.jobs, { rate })).length, 1)
})
