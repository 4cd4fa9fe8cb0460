// What outlives a process and the log, what a closed store answers, and what every store refuses.
import assert from 'node:assert/strict'
import { commit, stored, stream } from '../event-store/given.ts'
import { badKeys, refused } from '../refused.ts'
import { claims, datas, enqueues, exchanges, failure, jobsOf, longMs, place, plain, settles, wish } from './given.ts'
import type { JobStoreCase } from './given.ts'

const group = 'keeping'
const tooMany = 10_001
export const keepingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'jobs, their stories, runs and paused queues outlive the process; numbers go on growing',
    needs: 'durable',
    run: async (given) => {
      await enqueues(given, jobsOf([1, 2, 3, 4]))
      const [one, two] = await claims(given, { room: 2 })
      await settles(given, one, { ...failure, retryInUs: longMs * 1000 })
      await given.jobs.pause('mail', true)
      const before = [(await given.jobs.list({})).items, await given.jobs.total(), (await given.jobs.queues())[1]]
      const again = await given.reopen()
      assert.deepEqual(
        plain([(await again.jobs.list({})).items, await again.jobs.total(), (await again.jobs.queues())[1]]),
        plain(before),
      )
      const [three] = await claims(again, { room: 1, worker: 'worker-2' })
      assert.equal(three.data, '3')
      assert.ok(three.no > two.no)
      await settles(again, two, { kind: 'succeeded' })
      await enqueues(again, jobsOf([5]))
      assert.deepEqual(datas(await claims(again)), ['4', '5'])
    },
  },
  {
    group,
    name: 'a fork of the log leaves jobs as they are',
    run: async (given) => {
      await stored(given.events, commit({ streams: [stream('a')], jobs: jobsOf([1, 2]) }))
      const [one] = await claims(given, { room: 1 })
      await given.events.fork()
      await settles(given, one, { kind: 'succeeded' })
      assert.deepEqual(datas(await claims(given)), ['2'])
    },
  },
  {
    group,
    name: 'a reset of the log leaves nothing, and a run of before settles nothing that comes after',
    needs: 'rewriting',
    run: async (given) => {
      await enqueues(given, jobsOf([1, 2]), { commandId: 'before' })
      const [one] = await claims(given, { room: 1 })
      await given.jobs.pause('mail', true)
      await given.events.reset()
      const { jobs } = given
      assert.deepEqual([(await jobs.list({})).items, await jobs.total(), await jobs.queues()], [[], 0, []])
      assert.equal(await jobs.get(one.tenant, 'before', 0), undefined)
      await enqueues(given, jobsOf([3, 4]))
      // The same place, the same worker: the number alone tells the runs apart.
      const again = await claims(given)
      assert.deepEqual(datas(again), ['3', '4'])
      const end = { ...place(one), no: one.no, ending: failure }
      assert.deepEqual((await exchanges(given, { ends: [end] })).refused, [place(one)])
    },
  },
  {
    group,
    name: 'what is asked for out of bounds is refused, and nothing of it is kept',
    run: async (given) => {
      const { jobs } = given
      await enqueues(given, jobsOf([1]))
      const [one] = await claims(given)
      const end = { ...place(one), no: one.no, ending: failure }
      const wishes = (...fields: Parameters<typeof wish>) => ({ wishes: [wish(...fields)] })
      for (const bad of [
        { leaseMs: -1 },
        { leaseMs: 1.5 },
        { ends: [end, end] },
        { ends: [{ ...end, no: 0 }] },
        { ends: [{ ...end, index: -1 }] },
        { ends: [{ ...end, ending: { kind: 'snoozed', forUs: -1 } as const }] },
        { ends: [{ ...end, ending: { ...failure, retryInUs: Number.NaN } as never }] },
        { reports: [{ commitNo: 0, index: 0, no: 1 }] },
        { holding: [{ commitNo: 1, index: 0, no: 0.5 }] },
        { wishes: [wish(), wish()] },
        wishes({ room: tooMany }),
        wishes({ room: -1 }),
        wishes({ runningMax: -1 }),
        wishes({ runningPerKeyMax: 0 }),
        wishes({ rate: { max: 0, periodUs: 1_000 } }),
        wishes({ rate: { max: 1, periodUs: 999 } }),
      ])
        await assert.rejects(() => exchanges(given, { ends: [end], ...bad }), RangeError, JSON.stringify(bad))
      for (const worker of badKeys) await refused('invalid_key', [exchanges(given, { worker, ends: [end] })])
      await assert.rejects(() => exchanges(given, wishes({ queue: 'no queue' })), Error)
      await assert.rejects(() => jobs.change({ action: 'cancel', which: [{ commitNo: 0, index: 0 }] }), RangeError)
      await assert.rejects(() => jobs.change({ action: 'hope' as never, which: {} }), Error)
      await assert.rejects(() => jobs.pause('no queue', true), Error)
      const old = { states: ['succeeded'] as const, endedBeforeUs: 1, limit: 1 }
      await assert.rejects(() => jobs.prune({ ...old, states: ['pending'] }), Error)
      await assert.rejects(() => jobs.prune({ ...old, endedBeforeUs: -1 }), RangeError)
      for (const limit of [0, tooMany, 1.5]) await assert.rejects(() => jobs.prune({ ...old, limit }), RangeError)
      await settles(given, one, { kind: 'succeeded' })
    },
  },
  {
    group,
    name: 'a store that was closed answers nothing',
    run: async (given) => {
      const { jobs } = given
      await given.reopen()
      await refused('store_closed', [
        exchanges({ jobs }),
        jobs.list({}),
        jobs.total(),
        jobs.get('', 'command', 0),
        jobs.change({ action: 'cancel', which: {} }),
        jobs.pause('default', true),
        jobs.queues(),
        jobs.prune({ states: ['succeeded'], endedBeforeUs: 1, limit: 1 }),
        jobs.info(),
      ])
    },
  },
]
