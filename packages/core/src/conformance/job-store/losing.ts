// A worker that does not come back loses its runs: others get them, and what it says of them later is refused.
import assert from 'node:assert/strict'
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
  orphan,
  place,
  rowOf,
  runOf,
  settles,
  shortMs,
  statesOf,
  until,
  wish,
} from './given.ts'
import type { JobStoreCase } from './given.ts'

const group = 'losing'
export const losingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'a run of a worker whose lease has run out counts, is kept as worker_lost, and another one follows at once',
    run: async (given) => {
      await enqueues(given, jobsOf([1]))
      const gone = await orphan(given, 'gone')
      let found = gone
      await until(given, async () => {
        const [next] = await claims(given)
        found = next ?? gone
        return next !== undefined
      })
      assert.deepEqual([found.attempt, found.worker], [2, 'worker-1'])
      assert.ok(found.no > gone.no)
      const [lost] = found.story.failures
      assert.deepEqual([lost?.attempt, lost?.error, lost?.worker], [1, 'worker_lost', 'gone'])
    },
  },
  {
    group,
    name: 'a job that has lost its last run is a dead letter',
    run: async (given) => {
      const [one] = await enqueues(given, jobsOf([1], { attemptsMax: 1 }))
      await orphan(given, 'gone')
      await until(given, async () => {
        assert.deepEqual(await claims(given), [])
        return (await rowOf(given, one)).state === 'dead_letter'
      })
      assert.deepEqual(
        (await rowOf(given, one)).story.failures.map(({ error }) => error),
        ['worker_lost'],
      )
    },
  },
  {
    group,
    name: 'a worker that comes back in time, or before anybody has noticed, keeps its runs',
    run: async (given) => {
      await enqueues(given, jobsOf([1, 2]))
      const [one] = await claims(given, { room: 1 })
      const two = await orphan(given, 'late')
      const { lost } = await exchanges(given, { worker: 'late', holding: [runOf(two)] })
      assert.deepEqual(lost, [])
      const renewed = await exchanges(given, { worker: one.worker as string, holding: [runOf(one)] })
      assert.deepEqual(renewed.lost, [])
      await settles(given, two, { kind: 'succeeded' })
      await settles(given, one, { kind: 'succeeded' })
    },
  },
  {
    group,
    name: 'an end, a report and a hold under an older number are refused and change nothing; the worker is told',
    run: async (given) => {
      const [at] = await enqueues(given, jobsOf([1]))
      const zombie = await orphan(given, 'zombie')
      let next = zombie
      await until(given, async () => {
        next = (await claims(given))[0] ?? zombie
        return next !== zombie
      })
      const line = { at: 1, attempt: 1, text: 'from the grave' }
      const told = await exchanges(given, {
        worker: 'zombie',
        ends: [{ ...runOf(zombie), ending: { kind: 'succeeded', result: '"late"' }, lines: [line] }],
        holding: [runOf(zombie)],
      })
      assert.deepEqual([told.refused, told.lost], [[at], [at]])
      await exchanges(given, { worker: 'zombie', reports: [{ ...runOf(zombie), lines: [line] }] })
      for (const no of [zombie.no, next.no, next.no + 1]) {
        const end = { ...place(zombie), no, ending: failure }
        assert.deepEqual((await exchanges(given, { worker: 'zombie', ends: [end] })).refused, [at])
      }
      const { state, story, no } = await rowOf(given, at)
      assert.deepEqual([state, story.lines, story.result, no], ['running', [], undefined, next.no])
      await settles(given, next, { kind: 'succeeded', result: '"first"' })
      assert.deepEqual((await ends(given, next, failure)).refused, [at])
      assert.equal((await rowOf(given, at)).story.result, '"first"')
    },
  },
  {
    group,
    name: 'a run that was given back, and one that its own worker has begun again, are known by their number alone',
    run: async (given) => {
      const [at] = await enqueues(given, jobsOf([1]))
      const [one] = await claims(given)
      await settles(given, one, { kind: 'released' })
      const [two] = await claims(given)
      assert.ok(two.no > one.no)
      assert.deepEqual((await ends(given, one, failure)).refused, [at])
      const { lost } = await exchanges(given, { holding: [runOf(one), runOf(two)] })
      assert.deepEqual(lost, [at])
      await settles(given, two, { kind: 'succeeded' })
    },
  },
  {
    group,
    name: 'an end of a job that there is not is refused, and its neighbours are kept',
    run: async (given) => {
      await enqueues(given, jobsOf([1]))
      const [one] = await claims(given)
      const nowhere = { commitNo: 999, index: 7 }
      const { refused } = await exchanges(given, {
        ends: [
          { ...nowhere, no: 1, ending: failure },
          { ...runOf(one), ending: { kind: 'succeeded' } },
        ],
      })
      assert.deepEqual(refused, [nowhere])
      assert.deepEqual(await statesOf(given, [one]), ['succeeded'])
    },
  },
  {
    group,
    name: 'a worker that leaves gives back what it says, which does not count; what it does not say is lost at once',
    run: async (given) => {
      const places = await enqueues(given, jobsOf([1, 2]))
      const [one, two] = await claims(given, { worker: 'leaver' })
      await exchanges(given, {
        worker: 'leaver',
        leaseMs: 0,
        ends: [{ ...runOf(one), ending: { kind: 'released' } }],
      })
      const again = await claims(given, { leaseMs: longMs })
      assert.deepEqual(datas(again).toSorted(), ['1', '2'])
      const attempts = new Map(again.map(({ data, attempt }) => [data, attempt]))
      assert.deepEqual([attempts.get('1'), attempts.get('2')], [1, 2])
      const { refused } = await exchanges(given, {
        worker: 'leaver',
        ends: [{ ...runOf(two), ending: { kind: 'succeeded' } }],
      })
      assert.deepEqual(refused, [places[1]])
    },
  },
  {
    group,
    name: 'a worker that has nothing to do is told to look again when the lease of another one ends, so that no run is lost unseen',
    run: async (given) => {
      await enqueues(given, jobsOf([1]))
      const { nextInUs } = await exchanges(given, { worker: 'other', leaseMs: shortMs, wishes: [wish()] })
      assert.equal(nextInUs, undefined)
      for (;;) {
        const answer = await exchanges(given, { wishes: [wish()] })
        if (answer.claimed.length > 0) return
        const { nextInUs: waitUs = Number.POSITIVE_INFINITY } = answer
        assert.ok(waitUs > 0 && waitUs <= shortMs * 1000, String(waitUs))
        await given.pass(Math.ceil(waitUs / 1000))
      }
    },
  },
  {
    group,
    name: 'a lost run makes room in its queue and of its key',
    run: async (given) => {
      await enqueues(given, [job({ data: '1', key: 'a', attemptsMax: 1 }), job({ data: '2', key: 'a' })])
      const limits = { runningMax: 1, runningPerKeyMax: 1 }
      const [gone] = await claims(given, { ...limits, worker: 'gone', leaseMs: shortMs })
      assert.equal(gone.data, '1')
      let found: readonly string[] = []
      await until(given, async () => {
        found = datas((await exchanges(given, { wishes: [wish(limits)] })).claimed)
        return found.length > 0
      })
      assert.deepEqual(found, ['2'])
    },
  },
]
