// A job with a unique key is a repetition while another one of its tenant has the key, by state and within a window.
import assert from 'node:assert/strict'
import {
  claims,
  datas,
  enqueues,
  exchanges,
  failure,
  job,
  rowOf,
  runOf,
  settles,
  statesOf,
  takesIn,
  wish,
} from './given.ts'
import type { JobStoreCase } from './given.ts'

const group = 'repeating'
const unique = { key: 'once' }
export const repeatingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'a job whose unique key an unfinished one has ends as cancelled, and says which one it repeats',
    run: async (given) => {
      await enqueues(given, [job({ data: '1', unique })], { commandId: 'first' })
      await takesIn(given)
      const [two] = await enqueues(given, [job({ data: '2', unique })])
      assert.deepEqual(datas(await claims(given)), ['1'])
      const [three] = await enqueues(given, [job({ data: '3', unique })])
      assert.deepEqual(await claims(given), [])
      assert.deepEqual(await statesOf(given, [two, three]), ['cancelled', 'cancelled'])
      const { story, endedAt } = await rowOf(given, two)
      assert.ok(story.reason?.includes('first.j0'), String(story.reason))
      assert.equal(story.repeats, 'first.j0')
      assert.ok(endedAt !== undefined)
    },
  },
  {
    group,
    name: 'of several that come at once the first one is kept, also within one commit',
    run: async (given) => {
      const jobs = ['1', '2', '3'].map((data) => job({ data, unique }))
      await enqueues(given, jobs)
      await enqueues(given, [job({ data: '4', unique }), job({ data: '5', unique: { key: 'other' } })])
      assert.deepEqual(datas(await claims(given)), ['1', '5'])
      assert.equal(await given.jobs.total({ states: ['cancelled'] }), 3)
    },
  },
  {
    group,
    name: 'tenants do not see the unique keys of each other',
    run: async (given) => {
      for (const tenant of ['left', 'right', ''])
        await enqueues(given, [job({ data: `"${tenant}"`, unique })], { tenant })
      assert.deepEqual(datas(await claims(given)), ['"left"', '"right"', '""'])
    },
  },
  {
    group,
    name: 'the key is free once its job has ended, also in the exchange that ends it',
    run: async (given) => {
      await enqueues(given, [job({ data: '1', unique })])
      const [one] = await claims(given)
      await enqueues(given, [job({ data: '2', unique })])
      const { claimed } = await exchanges(given, {
        ends: [{ ...runOf(one), ending: { kind: 'succeeded' } }],
        wishes: [wish()],
      })
      assert.deepEqual(datas(claimed), ['2'])
      await settles(given, claimed[0] ?? one, failure)
      await enqueues(given, [job({ data: '3', unique })])
      assert.deepEqual(datas(await claims(given)), ['3'])
    },
  },
  {
    group,
    name: 'within a window a job is a repetition only while the other one was stored so shortly before',
    run: async (given) => {
      const at = 1_700_000_000_000_000
      const within = { unique: { ...unique, withinUs: 1_000 } }
      await enqueues(given, [job({ data: '1', ...within })], { recordedAt: at })
      await enqueues(given, [job({ data: '2', ...within })], { recordedAt: at + 999 })
      await enqueues(given, [job({ data: '3', ...within })], { recordedAt: at + 1_000 })
      await enqueues(given, [job({ data: '4', unique })], { recordedAt: at + 1_000_000 })
      assert.deepEqual(datas(await claims(given)), ['1', '3'])
    },
  },
  {
    group,
    name: 'a job says in which states the other one counts, those of ended ones too',
    run: async (given) => {
      const once = { unique: { ...unique, states: ['running', 'succeeded'] as const } }
      await enqueues(given, [job({ data: '1', ...once }), job({ data: '2', ...once })])
      const [one, two] = await claims(given)
      assert.deepEqual(datas([one, two]), ['1', '2'])
      await enqueues(given, [job({ data: '3', ...once })])
      assert.deepEqual(await claims(given), [])
      await settles(given, one, { kind: 'succeeded' })
      await settles(given, two, failure)
      await enqueues(given, [job({ data: '4', ...once })])
      assert.deepEqual(await claims(given), [])
      await enqueues(given, [job({ data: '5', unique: { ...unique, states: ['dead_letter'] } })])
      assert.deepEqual(await claims(given), [])
      await enqueues(given, [job({ data: '6', unique })])
      assert.deepEqual(datas(await claims(given)), ['6'])
    },
  },
  {
    group,
    name: 'a key is held by every unfinished job that has it, also when the newest of them ends in the same exchange',
    run: async (given) => {
      const [at] = await enqueues(given, [job({ data: '1', unique })], { commandId: 'first' })
      await takesIn(given)
      await given.jobs.change({ action: 'cancel', which: [at] })
      await enqueues(given, [job({ data: '2', unique })])
      await takesIn(given)
      await given.jobs.change({ action: 'requeue', which: [at] })
      const [two, one] = await claims(given)
      assert.deepEqual(datas([two, one]), ['2', '1'])
      const [three] = await enqueues(given, [job({ data: '3', unique })])
      const { claimed } = await exchanges(given, {
        ends: [{ ...runOf(two), ending: { kind: 'succeeded' } }],
        wishes: [wish()],
      })
      assert.deepEqual(datas(claimed), [])
      const { story } = await rowOf(given, three)
      assert.ok(story.reason?.includes('first.j0'))
      assert.equal(story.repeats, 'first.j0')
    },
  },
  {
    group,
    name: 'a repetition says which one it repeats until somebody requeues it, and no other job says so, whatever its reason is',
    run: async (given) => {
      const [one] = await enqueues(given, [job({ data: '1', unique })], { commandId: 'first' })
      const [two] = await enqueues(given, [job({ data: '2', unique })])
      const [three] = await enqueues(given, [job({ data: '3' })])
      await takesIn(given)
      const repeats = async (): Promise<readonly unknown[]> =>
        Promise.all([one, two, three].map(async (at) => (await rowOf(given, at)).story.repeats))
      await given.jobs.change({ action: 'cancel', which: [three], reason: 'It repeats first.j0.' })
      assert.deepEqual(await repeats(), [undefined, 'first.j0', undefined])
      await given.jobs.change({ action: 'requeue', which: [two] })
      await given.jobs.change({ action: 'cancel', which: [two] })
      assert.deepEqual(await repeats(), [undefined, undefined, undefined])
      assert.deepEqual(await statesOf(given, [two, three]), ['cancelled', 'cancelled'])
    },
  },
]
