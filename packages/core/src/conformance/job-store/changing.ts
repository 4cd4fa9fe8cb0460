// What people do with jobs: they cancel, requeue, discard and hurry them, one, many, or exactly those that were listed.
import assert from 'node:assert/strict'
import { oneTo } from '../event-store/given.ts'
import { everyPage } from '../event-store/plain-list.ts'
import {
  claims,
  datas,
  ends,
  enqueues,
  exchanges,
  failure,
  job,
  jobsOf,
  longMs,
  nowUsOf,
  place,
  rowOf,
  runOf,
  settles,
  statesOf,
  takesIn,
} from './given.ts'
import type { GivenJobStore, JobStoreCase } from './given.ts'

/** So many dead letters, of the keys `a` and `b` by turns. */
async function buries(given: GivenJobStore, count: number): Promise<void> {
  await enqueues(
    given,
    oneTo(count).map((each) => job({ data: String(each), key: each % 2 === 0 ? 'b' : 'a', attemptsMax: 1 })),
  )
  const claimed = await claims(given, { room: count })
  assert.equal(claimed.length, count)
  await exchanges(given, { ends: claimed.map((run) => ({ ...runOf(run), ending: failure })) })
}

const group = 'changing'
export const changingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'an action changes of what a filter finds only jobs in states that it can change, named or not',
    run: async (given) => {
      const { jobs } = given
      const [one, two, three, four] = await enqueues(given, jobsOf([1, 2, 3, 4], { attemptsMax: 1 }))
      const [first, second, third] = await claims(given, { room: 3 })
      await settles(given, first, { kind: 'succeeded' })
      await settles(given, second, failure)
      await settles(given, third, { kind: 'cancelled', reason: 'Enough.' })
      const places = [one, two, three, four]
      assert.equal(await jobs.change({ action: 'requeue', which: { states: ['succeeded', 'pending'] } }), 0)
      assert.equal(await jobs.change({ action: 'discard', which: { states: ['succeeded', 'cancelled'] } }), 0)
      assert.equal(await jobs.change({ action: 'hurry', which: {} }), 0)
      assert.deepEqual(await statesOf(given, places), ['succeeded', 'dead_letter', 'cancelled', 'pending'])
      assert.equal(await jobs.change({ action: 'requeue', which: { queue: 'default' } }), 2)
      assert.deepEqual(await statesOf(given, places), ['succeeded', 'pending', 'pending', 'pending'])
      assert.equal(await jobs.change({ action: 'cancel', which: {} }), 3)
      assert.deepEqual(await statesOf(given, places), ['succeeded', 'cancelled', 'cancelled', 'cancelled'])
    },
  },
  {
    group,
    name: 'a dead letter that is requeued has all its attempts again, and keeps what has failed',
    run: async (given) => {
      await buries(given, 1)
      const [dead] = (await given.jobs.list({ states: ['dead_letter'] })).items
      assert.ok(dead !== undefined)
      assert.equal(await given.jobs.change({ action: 'requeue', which: [place(dead), place(dead)] }), 1)
      assert.equal(await given.jobs.change({ action: 'requeue', which: [place(dead)] }), 0)
      const row = await rowOf(given, dead)
      assert.deepEqual([row.state, row.attempt, row.endedAt, row.story.requeued], ['pending', 0, undefined, 1])
      assert.ok(row.no > dead.no)
      const [run] = await claims(given)
      assert.deepEqual([run.data, run.attempt, run.story.failures.length], ['1', 1, 1])
      await settles(given, run, { kind: 'succeeded' })
      assert.equal(await given.jobs.change({ action: 'requeue', which: [place(dead)] }), 0)
    },
  },
  {
    group,
    name: 'all that a filter finds are requeued, however many, and nothing else',
    run: async (given) => {
      await buries(given, 1_300)
      assert.equal(await given.jobs.change({ action: 'requeue', which: { states: ['expired'] } }), 0)
      assert.equal(await given.jobs.change({ action: 'requeue', which: { key: 'a', states: ['dead_letter'] } }), 650)
      assert.equal(await given.jobs.total({ states: ['pending'], key: 'a' }), 650)
      assert.equal(await given.jobs.total({ states: ['dead_letter'] }), 650)
      assert.equal(await given.jobs.change({ action: 'requeue', which: {} }), 650)
    },
  },
  {
    group,
    name: 'exactly those that were listed are requeued, whatever has died since',
    run: async (given) => {
      await buries(given, 30)
      const listed = await everyPage((page) => given.jobs.list({ states: ['dead_letter'], key: 'a' }, page), {
        limit: 4,
      })
      await buries(given, 20)
      assert.equal(await given.jobs.change({ action: 'requeue', which: listed.map(place) }), 15)
      assert.equal(await given.jobs.total({ states: ['dead_letter'] }), 35)
      const numbers = datas(await claims(given)).map(Number)
      const expected = listed.map(({ index }) => index + 1)
      assert.deepEqual(new Set(numbers), new Set(expected))
    },
  },
  {
    group,
    name: 'cancelled and expired jobs can be requeued as well, and have no time at which they expire any more',
    run: async (given) => {
      const nowUs = await nowUsOf(given)
      const places = await enqueues(given, [job({ data: '1', expiresAt: nowUs - 1 }), job({ data: '2' })])
      await takesIn(given)
      await given.jobs.change({ action: 'cancel', which: [places[1]] })
      assert.deepEqual(await statesOf(given, places), ['expired', 'cancelled'])
      assert.equal(await given.jobs.change({ action: 'requeue', which: places }), 2)
      assert.deepEqual(datas(await claims(given)).toSorted(), ['1', '2'])
    },
  },
  {
    group,
    name: 'a job that has not begun is cancelled with a reason, before and after anybody has taken it in',
    run: async (given) => {
      const nowUs = await nowUsOf(given)
      const places = await enqueues(given, [job({ data: '1' }), job({ data: '2', dueAt: nowUs + longMs * 1000 })])
      const reason = 'ordered by mistake'
      assert.equal(await given.jobs.change({ action: 'cancel', which: [places[0]], reason }), 1)
      await takesIn(given)
      assert.equal(await given.jobs.change({ action: 'cancel', which: { states: ['scheduled'] }, reason }), 1)
      assert.deepEqual(await statesOf(given, places), ['cancelled', 'cancelled'])
      for (const each of places) {
        const { story, endedAt } = await rowOf(given, each)
        assert.equal(story.reason, reason)
        assert.ok(endedAt !== undefined)
      }
      assert.deepEqual(await claims(given), [])
      assert.equal(await given.jobs.change({ action: 'cancel', which: places }), 0)
    },
  },
  {
    group,
    name: 'the worker of a running job is told to end it, again and again until it does',
    run: async (given) => {
      const places = await enqueues(given, jobsOf([1, 2, 3, 4]))
      const [one, two, three, four] = await claims(given)
      assert.equal(await given.jobs.change({ action: 'cancel', which: places }), 4)
      assert.equal(await given.jobs.change({ action: 'cancel', which: places }), 0)
      assert.deepEqual((await exchanges(given, { worker: 'worker-2' })).cancelled, [])
      const { cancelled } = await exchanges(given)
      assert.deepEqual(
        cancelled.map(place).toSorted((a, b) => a.index - b.index),
        places,
      )
      await settles(given, one, { kind: 'cancelled', reason: 'It was told to end.' })
      await settles(given, two, { ...failure, retryInUs: 0 })
      const { cancelled: rest } = await ends(given, three, { kind: 'succeeded' })
      assert.deepEqual(rest.map(place), [place(four)])
      await settles(given, four, { kind: 'snoozed', forUs: 0 })
      assert.deepEqual(await statesOf(given, places), ['cancelled', 'cancelled', 'succeeded', 'cancelled'])
      assert.equal((await rowOf(given, two)).story.failures.length, 1)
      assert.deepEqual((await exchanges(given)).cancelled, [])
    },
  },
  {
    group,
    name: 'a job that was to end, and whose worker is lost, is cancelled',
    run: async (given) => {
      const [at] = await enqueues(given, jobsOf([1]))
      await claims(given, { worker: 'gone' })
      await given.jobs.change({ action: 'cancel', which: [at] })
      await exchanges(given, { worker: 'gone', leaseMs: 0 })
      assert.deepEqual(await claims(given), [])
      const { state, story } = await rowOf(given, at)
      assert.deepEqual([state, story.failures.map(({ error }) => error)], ['cancelled', ['worker_lost']])
    },
  },
  {
    group,
    name: 'a running job that is told to end keeps why, however it ends by it; what succeeds all the same has no such reason',
    run: async (given) => {
      const places = await enqueues(given, jobsOf([1, 2, 3, 4, 5]))
      const [one, two, three, four, five] = await claims(given)
      const reason = 'ordered by mistake'
      assert.equal(await given.jobs.change({ action: 'cancel', which: places, reason }), 5)
      await settles(given, one, { kind: 'cancelled', reason: 'It was told to end.' })
      await settles(given, two, { ...failure, retryInUs: 0 })
      await settles(given, three, { kind: 'released' })
      await settles(given, four, { kind: 'snoozed', forUs: 0 })
      await settles(given, five ?? one, { kind: 'succeeded' })
      const reasons: (string | undefined)[] = []
      for (const at of places) reasons.push((await rowOf(given, at)).story.reason)
      assert.deepEqual(reasons, [reason, reason, reason, reason, undefined])
    },
  },
  {
    group,
    name: 'a dead letter that is discarded is cancelled; what has not been given up is left alone',
    run: async (given) => {
      await buries(given, 2)
      await enqueues(given, jobsOf([3]))
      assert.equal(await given.jobs.change({ action: 'discard', which: { key: 'a' }, reason: 'too old' }), 1)
      assert.equal(await given.jobs.change({ action: 'discard', which: {} }), 1)
      assert.equal(await given.jobs.total({ states: ['cancelled'] }), 2)
      assert.deepEqual(datas(await claims(given)), ['3'])
      const [row] = (await given.jobs.list({ key: 'a' })).items
      assert.equal(row?.story.reason, 'too old')
    },
  },
  {
    group,
    name: 'what waits for a time is due when it is hurried; what does not wait is left alone',
    run: async (given) => {
      const nowUs = await nowUsOf(given)
      const far = { dueAt: nowUs + longMs * 1000 }
      const places = await enqueues(given, [job({ data: '1', ...far }), job({ data: '2' }), job({ data: '3', ...far })])
      await takesIn(given)
      assert.equal(await given.jobs.change({ action: 'hurry', which: [places[0], places[1]] }), 1)
      assert.deepEqual(datas(await claims(given)), ['2', '1'])
      assert.equal(await given.jobs.change({ action: 'hurry', which: {} }), 1)
      assert.deepEqual(datas(await claims(given)), ['3'])
    },
  },
]
