// Jobs come with their commit, once, in its order; those that repeat another one, or come too late, end at once.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import {
  claims,
  datas,
  enqueues,
  exchanges,
  job,
  jobsOf,
  longMs,
  nowUsOf,
  plain,
  rowOf,
  statesOf,
  takesIn,
  type,
  until,
  wish,
} from './given.ts'
import type { JobStoreCase } from './given.ts'

const group = 'arriving'
export const arrivingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'a store is empty at first: nothing to list, to count or to claim',
    run: async (given) => {
      const { jobs } = given
      assert.deepEqual([(await jobs.list({})).items, await jobs.total(), await jobs.queues()], [[], 0, []])
      assert.equal(await jobs.get('', 'command', 0), undefined)
      const { claimed, refused, lost, cancelled, hasMore, nextInUs } = await exchanges(given, { wishes: [wish()] })
      assert.deepEqual([claimed, refused, lost, cancelled, hasMore, nextInUs], [[], [], [], [], false, undefined])
      const { store, items, readOnly } = await jobs.info()
      assert.deepEqual([store, items, readOnly], ['job', 0, false])
    },
  },
  {
    group,
    name: 'a job has its place, tenant, command, type, terms, exact data, context and time, before and after it is claimed',
    run: async (given) => {
      await stored(given.events, commit({ streams: [stream('a')] }))
      const fields = {
        tenant: '',
        commandId: 'command-€',
        context: '{ "traceparent" : "x" }',
        recordedAt: 1_700_123_456,
      }
      const data = '{"b":-0, "a":"\\u0000é\u{10000}", "b":2}'
      const terms = { queue: 'mail', priority: 2, key: '€', attemptsMax: 3, expiresAt: 4_000_000_000_000_000 }
      const [place] = await enqueues(given, [job({ data, ...terms, unique: { key: 'once' } })], fields)
      const expected = {
        ...place,
        ...fields,
        recordedAt: undefined,
        type,
        data,
        ...terms,
        uniqueKey: 'once',
        state: 'pending',
        attempt: 0,
        enqueuedAt: 1_700_123_456,
        dueAt: 1_700_123_456,
        isCancelAsked: false,
        story: { failures: [], lines: [] },
      }
      const { no: _, ...found } = (await given.jobs.get('', 'command-€', 0)) ?? { no: 0 }
      assert.deepEqual(plain(found), plain(expected))
      const [claimed] = await claims(given, { queue: 'mail', worker: 'worker-€' })
      const { no, startedAt = 0, ...run } = claimed
      assert.deepEqual(plain(run), plain({ ...expected, state: 'running', attempt: 1, worker: 'worker-€' }))
      assert.ok(no > 0 && startedAt > 0)
      assert.deepEqual(plain(await given.jobs.get('', 'command-€', 0)), plain(claimed))
    },
  },
  {
    group,
    name: 'what a conflict or a repetition refused has no jobs',
    run: async (given) => {
      const first = commit({ streams: [stream('a')], jobs: jobsOf([1]) })
      await stored(given.events, first)
      assert.equal((await given.events.commit(first)).verdict, 'duplicate')
      const conflict = commit({ streams: [stream('a', 'noStream')], jobs: jobsOf([2]) })
      assert.equal((await given.events.commit(conflict)).verdict, 'conflict')
      assert.deepEqual(datas(await claims(given)), ['1'])
      assert.equal(await given.jobs.total(), 1)
    },
  },
  {
    group,
    name: 'jobs come by priority, and those of one priority in the order of their commits and in these',
    run: async (given) => {
      await enqueues(given, [job({ data: '1', priority: 5 }), job({ data: '2', priority: 0 })])
      await enqueues(given, [job({ data: '3', priority: 9 }), job({ data: '4' }), job({ data: '5', priority: 0 })])
      assert.deepEqual(datas(await claims(given)), ['2', '5', '1', '4', '3'])
    },
  },
  {
    group,
    name: 'one that comes later and is more urgent passes those that wait',
    run: async (given) => {
      await enqueues(given, jobsOf([1, 2, 3]))
      await takesIn(given)
      await enqueues(given, jobsOf([4], { priority: 1 }))
      assert.deepEqual(datas(await claims(given, { room: 2 })), ['4', '1'])
      assert.deepEqual(datas(await claims(given)), ['2', '3'])
    },
  },
  {
    group,
    name: 'a commit of 5,000 jobs is handed out whole, each job once, in its order',
    run: async (given) => {
      await enqueues(given, jobsOf(oneTo(5_000)))
      assert.equal(await given.jobs.total(), 5_000)
      const found: string[] = []
      for (let exchange = 0; exchange < 100 && found.length < 5_000; exchange += 1)
        found.push(...datas(await claims(given, { room: 700 })))
      assert.deepEqual(found, oneTo(5_000).map(String))
      assert.equal(await given.jobs.total({ states: ['running'] }), 5_000)
    },
  },
  {
    group,
    name: 'a job with a delay is not begun before its time, and the answer says when that is',
    run: async (given) => {
      const nowUs = await nowUsOf(given)
      const [far, near] = await enqueues(given, [
        job({ data: '1', dueAt: nowUs + 1_000 * longMs }),
        job({ data: '2', dueAt: nowUs + 50_000 }),
      ])
      await until(given, async () => (await claims(given)).length === 1)
      assert.deepEqual(await statesOf(given, [far, near]), ['scheduled', 'running'])
      const run = await rowOf(given, near)
      assert.ok((run.startedAt ?? 0) >= nowUs + 50_000)
      const { nextInUs = 0 } = await exchanges(given)
      assert.ok(nextInUs > 0 && nextInUs <= 1_000 * longMs, String(nextInUs))
      assert.deepEqual(await claims(given), [])
    },
  },
  {
    group,
    name: 'a job that was not begun in time has expired: one that waited, and one that came too late',
    run: async (given) => {
      const nowUs = await nowUsOf(given)
      const places = await enqueues(given, [
        job({ expiresAt: nowUs - 1 }),
        job({ expiresAt: nowUs + 1_000 * longMs }),
        job({ expiresAt: nowUs + 50_000, queue: 'other' }),
        job({ expiresAt: nowUs + 50_000, dueAt: nowUs + 1_000 * longMs }),
      ])
      assert.equal((await claims(given)).length, 1)
      await until(given, async () => {
        await exchanges(given)
        return (await given.jobs.total({ states: ['expired'] })) === 3
      })
      assert.deepEqual(await statesOf(given, places), ['expired', 'running', 'expired', 'expired'])
      assert.deepEqual(await claims(given, { queue: 'other' }), [])
      const { endedAt = 0, story } = await rowOf(given, places[2])
      assert.ok(endedAt >= nowUs + 50_000 && story.reason !== undefined)
    },
  },
]
