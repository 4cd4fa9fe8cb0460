// A job is claimed by one of several workers, within the limits of its queue; what a worker cannot run is left alone.
import assert from 'node:assert/strict'
import { oneTo } from '../event-store/given.ts'
import {
  claims,
  datas,
  enqueues,
  ends,
  exchanges,
  job,
  jobsOf,
  longMs,
  runOf,
  settles,
  takesIn,
  until,
  wish,
} from './given.ts'
import type { ClaimedJob } from '../../stores/job/job.ts'
import type { JobStoreCase } from './given.ts'

const group = 'claiming'
const hourUs = longMs * 1000
export const claimingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'of workers that ask at once each job goes to one, and none gets more than it has room for',
    run: async (given) => {
      await enqueues(given, jobsOf(oneTo(60)))
      const all = await Promise.all(
        oneTo(8).map((each) => claims(given, { worker: `worker-${each}`, room: each === 8 ? 0 : 10 })),
      )
      assert.ok(all.every((each) => each.length <= 10) && all[7]?.length === 0)
      const found = all.flatMap(datas).map(Number)
      assert.deepEqual(
        found.toSorted((a, b) => a - b),
        oneTo(60),
      )
    },
  },
  {
    group,
    name: 'processes that ask at once share the jobs, each of them once',
    needs: 'shared',
    run: async (given) => {
      const processes = [given, await given.another(), await given.another()]
      await enqueues(given, jobsOf(oneTo(90)))
      const found: string[] = []
      for (let round = 0; found.length < 90 && round < 20; round += 1) {
        const all = await Promise.all(
          processes.map((each, index) => claims(each, { worker: `worker-${index}`, room: 7, runningMax: 80 + round })),
        )
        found.push(...all.flatMap(datas))
        assert.ok(found.length <= 80 + round)
      }
      assert.deepEqual(
        found.map(Number).toSorted((a, b) => a - b),
        oneTo(90),
      )
    },
  },
  {
    group,
    name: 'a worker gets of each queue what it wishes for, and nothing of others or of other types',
    run: async (given) => {
      await enqueues(given, [
        job({ data: '1', type: 'Order.Other' }),
        job({ data: '2' }),
        job({ data: '3', queue: 'mail' }),
        job({ data: '4', queue: 'Mail' }),
        job({ data: '5' }),
        job({ data: '6', queue: 'mail', priority: 0 }),
      ])
      const wishes = [wish({ room: 1 }), wish({ queue: 'mail' })]
      const { claimed } = await exchanges(given, { wishes })
      assert.deepEqual(datas(claimed).toSorted(), ['2', '3', '6'])
      assert.deepEqual(datas(claimed.filter(({ queue }) => queue === 'mail')), ['6', '3'])
      assert.deepEqual(await claims(given, { types: [] }), [])
      assert.deepEqual(datas(await claims(given, { types: ['Order.Other'] })), ['1'])
    },
  },
  {
    group,
    name: 'of a queue no more jobs run at once than its limit, over all workers; an end makes room in its own exchange',
    run: async (given) => {
      await enqueues(given, jobsOf(oneTo(6)))
      const [one] = await claims(given, { runningMax: 2, room: 1 })
      assert.deepEqual(datas(await claims(given, { worker: 'worker-2', runningMax: 2 })), ['2'])
      assert.deepEqual(await claims(given, { worker: 'worker-3', runningMax: 2 }), [])
      assert.deepEqual(await claims(given, { runningMax: 0 }), [])
      const { claimed } = await exchanges(given, {
        ends: [{ ...runOf(one), ending: { kind: 'succeeded' } }],
        wishes: [wish({ runningMax: 2 })],
      })
      assert.deepEqual(datas(claimed), ['3'])
    },
  },
  {
    group,
    name: 'of a key of a tenant no more jobs run at once than the limit, and others pass those that wait for it, however many',
    run: async (given) => {
      await enqueues(given, [
        ...jobsOf(oneTo(300), { key: 'a' }),
        job({ data: '"b"', key: 'b' }),
        job({ data: '"none"' }),
      ])
      await enqueues(given, [...jobsOf(['"right"', '"later"'], { key: 'a' }), job({ data: '"none too"' })], {
        tenant: 'right',
      })
      const limited = { runningPerKeyMax: 1, room: 5 }
      const [one, ...others] = await claims(given, limited)
      assert.deepEqual(datas([one, ...others]), ['1', '"b"', '"none"', '"right"', '"none too"'])
      assert.deepEqual(await claims(given, { ...limited, worker: 'worker-2' }), [])
      const { claimed } = await exchanges(given, {
        ends: [{ ...runOf(one), ending: { kind: 'succeeded' } }],
        wishes: [wish(limited)],
      })
      assert.deepEqual(datas(claimed), ['2'])
      assert.deepEqual(datas(await claims(given, { room: 2, runningPerKeyMax: 2 })), ['3', '"later"'])
    },
  },
  {
    group,
    name: 'jobs that were passed because their key had no room are begun in their order when it has, before and among later ones',
    run: async (given) => {
      const limited = { runningPerKeyMax: 1, room: 3 }
      const next = async (run: ClaimedJob): Promise<ClaimedJob> => {
        const fields = { ends: [{ ...runOf(run), ending: { kind: 'succeeded' as const } }], wishes: [wish(limited)] }
        const [found, ...others] = (await exchanges(given, fields)).claimed
        assert.ok(found !== undefined && others.length === 0, datas(others).join())
        return found
      }
      const seen: string[] = []
      await enqueues(given, jobsOf(['1', '2', '3'], { key: 'a' }))
      let [run] = await claims(given, limited)
      assert.deepEqual(await claims(given, limited), [])
      for (let each = 4; each <= 9; each += 1) {
        seen.push(run.data)
        // By turns: some come while others wait, and some when nothing of the key is left.
        if (each % 2 === 0) await enqueues(given, jobsOf([String(each), String(each + 1)], { key: 'a' }))
        if (each % 3 === 0) await takesIn(given)
        run = await next(run)
        assert.deepEqual(await claims(given, limited), [])
      }
      while (seen.at(-1) !== '8') {
        seen.push(run.data)
        run = await next(run)
      }
      assert.deepEqual([...seen, run.data], oneTo(9).map(String))
      await enqueues(given, jobsOf(['10', '11'], { key: 'a' }))
      await takesIn(given)
      const last = await next(run)
      assert.deepEqual([last.data, (await next(last)).data], ['10', '11'])
    },
  },
  {
    group,
    name: 'of a queue no more jobs are begun in a period than its rate, over all workers, whether or not they have ended',
    run: async (given) => {
      await enqueues(given, jobsOf(oneTo(9)))
      const hourly = { rate: { max: 3, periodUs: hourUs } }
      const [one, two] = await claims(given, { ...hourly, room: 2 })
      await settles(given, one, { kind: 'succeeded' })
      await settles(given, two, { kind: 'released' })
      assert.deepEqual(datas(await claims(given, { ...hourly, worker: 'worker-2' })), ['3'])
      assert.deepEqual(await claims(given, hourly), [])
      const often = { rate: { max: 1, periodUs: 50_000 } }
      await until(given, async () => (await claims(given, often)).length === 1)
      assert.equal(await given.jobs.total({ states: ['running'] }), 2)
      await until(given, async () => (await claims(given, often)).length === 1)
      assert.equal(await given.jobs.total({ states: ['running'] }), 3)
    },
  },
  {
    group,
    name: 'nothing is taken from a queue that is paused until it is resumed; what runs goes on',
    run: async (given) => {
      await enqueues(given, [...jobsOf([1, 2, 3]), job({ data: '4', queue: 'mail' })])
      const [one] = await claims(given, { room: 1 })
      await given.jobs.pause('default', true)
      await given.jobs.pause('default', true)
      const wishes = [wish({ room: 1 }), wish({ queue: 'mail' })]
      assert.deepEqual(datas((await exchanges(given, { wishes })).claimed), ['4'])
      assert.deepEqual((await ends(given, one, { kind: 'succeeded' })).refused, [])
      assert.deepEqual(await claims(given), [])
      await given.jobs.pause('default', false)
      assert.deepEqual(datas(await claims(given)), ['2', '3'])
      await given.jobs.pause('never-seen', false)
    },
  },
  {
    group,
    name: 'a queue is paused and resumed in all processes, and stays so when they end',
    needs: 'shared',
    run: async (given) => {
      const other = await given.another()
      await enqueues(given, jobsOf([1]))
      await given.jobs.pause('default', true)
      assert.deepEqual(await claims(other), [])
      assert.deepEqual(
        (await other.jobs.queues()).map(({ isPaused }) => isPaused),
        [true],
      )
      await other.jobs.pause('default', false)
      assert.deepEqual(datas(await claims(given)), ['1'])
    },
  },
]
