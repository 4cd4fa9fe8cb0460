// A disk that is full under the jobs: nothing is lost, and the store goes on by itself when there is room.
import assert from 'node:assert/strict'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { ClaimedJob, JobExchanged, JobStore } from '@gesta/core/ports'
import { commitOf, isStored, newStore, oneTo } from './commits.ts'

const isFull = (error: unknown): boolean => isGestaError(error, 'store_full')
const type = 'Order.Send'
function exchange(jobs: JobStore, run?: ClaimedJob, result?: string): Promise<JobExchanged> {
  const ends = run === undefined ? [] : [{ ...place(run), no: run.no, ending: { kind: 'succeeded' as const, result } }]
  const wishes = run === undefined ? [{ queue: 'default', room: 1, types: [type] }] : []
  return jobs.exchange({ worker: 'w', leaseMs: 60_000, ends, reports: [], wishes })
}
const place = ({ commitNo, index }: ClaimedJob): Pick<ClaimedJob, 'commitNo' | 'index'> => ({ commitNo, index })

test('an exchange that finds no room for what a job has told keeps nothing of it, and is kept when there is room again', async () => {
  await using store = await newStore()
  await using backend = await store.open({ bytesMax: 1_000_000 })
  const large = JSON.stringify('x'.repeat(200_000))
  const jobs = [large, '{}'].map((data) => ({ type, data }))
  assert.ok(isStored(await backend.events.commit(commitOf('jobs', 'order-1', { jobs }))))
  const [first] = (await exchange(backend.jobs)).claimed
  assert.ok(first !== undefined)
  await exchange(backend.jobs, first)
  const [second] = (await exchange(backend.jobs)).claimed
  assert.ok(second !== undefined)
  const filled = await Promise.allSettled(
    oneTo(100).map((each) =>
      backend.events.commit(commitOf(`c${each}`, `order-${each}`, { data: large.slice(0, 19_999) + '"' })),
    ),
  )
  assert.ok(filled.some((result) => result.status === 'rejected' && isFull(result.reason)))
  const result = JSON.stringify('y'.repeat(60_000))
  for (const _ of oneTo(3)) await assert.rejects(exchange(backend.jobs, second, result), isFull)
  const [row] = (await backend.jobs.list({ states: ['running'] })).items
  assert.deepEqual([row?.no, row?.story.result], [second.no, undefined])
  // Forgetting a job makes room, also where the disk has none.
  assert.equal(await backend.jobs.prune({ states: ['succeeded'], endedBeforeUs: Date.now() * 2_000, limit: 10 }), 1)
  assert.deepEqual((await exchange(backend.jobs, second, result)).refused, [])
  const [done] = (await backend.jobs.list({ states: ['succeeded'] })).items
  assert.deepEqual([done?.index, done?.story.result], [1, result])
})
