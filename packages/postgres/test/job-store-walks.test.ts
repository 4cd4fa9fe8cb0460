// A long line of jobs whose key has no room is walked over in steps, because other processes wait for the lock.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { JobExchanged, JobStore } from '@gesta/core/ports'
import { encodeTerms } from '@gesta/core/ports'
import { postgres } from '../src/index.ts'
import { commitOf, isStored, oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const type = 'Order.Send'
const wish = { queue: 'default', room: 5, types: [type], runningPerKeyMax: 1 }
function exchange(jobs: JobStore, wishes = [wish]): Promise<JobExchanged> {
  return jobs.exchange({ worker: 'w', leaseMs: 3_600_000, ends: [], reports: [], wishes })
}

for (const isRunning of [false, true])
  test(
    `no exchange walks over all jobs of a key, whether one of it runs: ${isRunning}; their order stays`,
    { skip },
    async () => {
      await using backend = await postgres(await newSchema()).open(runtime)
      const { jobs, events } = backend
      const enqueue = async (id: string, count: number, key?: string): Promise<void> => {
        const terms = key === undefined ? undefined : encodeTerms({ key })
        const found = oneTo(count).map((each) => ({ type, data: `"${id}${each}"`, terms }))
        assert.ok(isStored(await events.commit(commitOf(id, id, { jobs: found }))))
      }
      await enqueue('a', 3_000, 'a')
      await enqueue('b', 3_000, 'a')
      await enqueue('c', 1, 'c')
      while ((await exchange(jobs, [])).hasMore);
      const seen: string[] = []
      if (isRunning) seen.push(...(await exchange(jobs, [{ ...wish, room: 1 }])).claimed.map(({ data }) => data))
      // They arrive only now, and are last.
      await enqueue('d', 1, 'd')
      await enqueue('e', 1)
      let exchanges = 0
      for (let hasMore = true; hasMore; exchanges += 1) {
        const told = await exchange(jobs)
        seen.push(...told.claimed.map(({ data }) => data))
        ;({ hasMore } = told)
      }
      assert.deepEqual(seen, ['"a1"', '"c1"', '"d1"', '"e1"'])
      assert.ok(exchanges > 2, `${exchanges}`)
    },
  )
