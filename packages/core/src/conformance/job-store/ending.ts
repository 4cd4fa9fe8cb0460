// What follows the end of a run: it is over, or another one follows, at once, later or never; and what a run tells of itself.
import assert from 'node:assert/strict'
import { oneTo } from '../event-store/given.ts'
import { failuresMax, linesMax } from '../../stores/job/job.ts'
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
  plain,
  rowOf,
  runOf,
  settles,
  statesOf,
  until,
} from './given.ts'
import type { JobStoreCase } from './given.ts'

const group = 'ending'
const laterUs = longMs * 1000
export const endingCases: readonly JobStoreCase[] = [
  {
    group,
    name: 'a job that succeeded is over, and keeps its exact result and when it ended',
    run: async (given) => {
      const places = await enqueues(given, jobsOf([1, 2]))
      const [one, two] = await claims(given)
      await settles(given, one, { kind: 'succeeded', result: '{"b":1, "a":"\\u0000€"}' })
      await settles(given, two, { kind: 'succeeded' })
      assert.deepEqual(await statesOf(given, places), ['succeeded', 'succeeded'])
      const { story, endedAt = 0, startedAt = 0, attempt } = await rowOf(given, one)
      assert.equal(story.result, '{"b":1, "a":"\\u0000€"}')
      assert.ok(endedAt >= startedAt && attempt === 1)
      assert.equal((await rowOf(given, two)).story.result, undefined)
      assert.deepEqual(await claims(given), [])
    },
  },
  {
    group,
    name: 'a run that failed is followed by another one when its time has come, and each failure is kept',
    run: async (given) => {
      const [place] = await enqueues(given, jobsOf([1], { attemptsMax: 9 }))
      const [one] = await claims(given)
      const before = await ends(given, one, { kind: 'failed', error: 'order_missing', retryInUs: laterUs })
      assert.ok((before.nextInUs ?? 0) > 0 && (before.nextInUs ?? 0) <= laterUs)
      assert.deepEqual(await statesOf(given, [place]), ['retry_scheduled'])
      assert.deepEqual(await claims(given), [])
      assert.equal(await given.jobs.change({ action: 'hurry', which: [place] }), 1)
      const [two] = await claims(given, { worker: 'worker-2' })
      await settles(given, two, { kind: 'failed', error: 'TypeError', retryInUs: 40_000 })
      let attempt = 0
      await until(given, async () => {
        const [three] = await claims(given)
        attempt = three?.attempt ?? 0
        return attempt > 0
      })
      assert.equal(attempt, 3)
      const { story } = await rowOf(given, place)
      assert.deepEqual(
        story.failures.map((each) => [each.attempt, each.error, each.worker]),
        [
          [1, 'order_missing', 'worker-1'],
          [2, 'TypeError', 'worker-2'],
        ],
      )
    },
  },
  {
    group,
    name: 'a failed run whose next one is due at once is pending again, behind those that wait',
    run: async (given) => {
      await enqueues(given, jobsOf([1, 2]))
      const [one] = await claims(given, { room: 1 })
      await settles(given, one, { ...failure, retryInUs: 0 })
      assert.deepEqual(datas(await claims(given)), ['2', '1'])
    },
  },
  {
    group,
    name: 'after its last run, or one that may not be followed, a job is a dead letter with its payload and every failure',
    run: async (given) => {
      await enqueues(given, [job({ data: '"last"', attemptsMax: 3 })], { commandId: 'last' })
      for (const attempt of oneTo(3)) {
        const [run] = await claims(given)
        assert.equal(run.attempt, attempt)
        await settles(given, run, { kind: 'failed', error: `failure-${attempt}`, retryInUs: 0 })
      }
      await enqueues(given, [job({ data: '"never"' })], { commandId: 'never' })
      const [run, none] = await claims(given)
      assert.equal(none, undefined)
      await settles(given, run, failure)
      const last = await given.jobs.get(run.tenant, 'last', 0)
      assert.deepEqual([last?.state, last?.data, last?.attempt], ['dead_letter', '"last"', 3])
      const errors = last?.story.failures.map(({ error }) => error)
      assert.deepEqual(errors, ['failure-1', 'failure-2', 'failure-3'])
      const never = await given.jobs.get(run.tenant, 'never', 0)
      assert.deepEqual([never?.state, never?.attempt, never?.story.failures.length], ['dead_letter', 1, 1])
      assert.ok(last?.story.reason !== undefined && last.story.reason !== never?.story.reason)
      assert.deepEqual(await claims(given), [])
    },
  },
  {
    group,
    name: 'of many failures the newest are kept',
    run: async (given) => {
      const [place] = await enqueues(given, jobsOf([1], { attemptsMax: 1_000 }))
      for (const attempt of oneTo(failuresMax + 3)) {
        const [run] = await claims(given)
        assert.equal(run.attempt, attempt)
        await settles(given, run, { ...failure, retryInUs: 0 })
      }
      const { failures } = (await rowOf(given, place)).story
      assert.deepEqual([failures.length, failures[0]?.attempt], [failuresMax, 4])
    },
  },
  {
    group,
    name: 'a snoozed job waits for its time, and its run does not count',
    run: async (given) => {
      const [place] = await enqueues(given, jobsOf([1], { attemptsMax: 1 }))
      const [one] = await claims(given)
      await settles(given, one, { kind: 'snoozed', forUs: laterUs })
      assert.deepEqual(await statesOf(given, [place]), ['waiting'])
      assert.deepEqual(await claims(given), [])
      await given.jobs.change({ action: 'hurry', which: [place] })
      const [two] = await claims(given)
      assert.equal(two.attempt, 1)
      await settles(given, two, { kind: 'snoozed', forUs: 40_000 })
      await until(given, async () => (await claims(given)).length === 1)
      const { attempt, story } = await rowOf(given, place)
      assert.deepEqual([attempt, story.failures], [1, []])
    },
  },
  {
    group,
    name: 'a job that is given back may run at once, and its run does not count',
    run: async (given) => {
      await enqueues(given, jobsOf([1], { attemptsMax: 1 }))
      const [one] = await claims(given)
      await settles(given, one, { kind: 'released' })
      const [two] = await claims(given, { worker: 'worker-2' })
      assert.deepEqual([two.attempt, two.worker, two.story.failures], [1, 'worker-2', []])
    },
  },
  {
    group,
    name: 'a run that says that its job is cancelled ends it so, with its reason',
    run: async (given) => {
      await enqueues(given, jobsOf([1]))
      const [one] = await claims(given)
      await settles(given, one, { kind: 'cancelled', reason: 'nobody needs it' })
      const { state, story, endedAt } = await rowOf(given, one)
      assert.deepEqual([state, story.reason], ['cancelled', 'nobody needs it'])
      assert.ok(endedAt !== undefined)
    },
  },
  {
    group,
    name: 'lines and progress are kept with a job, from reports and with its end; of many lines the newest',
    run: async (given) => {
      await enqueues(given, jobsOf([1]))
      const [run] = await claims(given)
      const lines = (from: number, count: number) =>
        oneTo(count).map((each) => ({ at: from + each, attempt: 1, text: `line ${from + each}` }))
      const first = { ...runOf(run), lines: lines(0, 2), progress: { done: 1, of: 3, note: '€' } }
      await exchanges(given, { reports: [first, { ...runOf(run), lines: lines(2, 1) }] })
      const { state, story } = await rowOf(given, run)
      assert.deepEqual(plain([state, story.lines, story.progress]), plain(['running', lines(0, 3), first.progress]))
      const progress = { done: 3, of: undefined, note: undefined }
      await exchanges(given, { reports: [{ ...runOf(run), lines: lines(3, linesMax - 3) }] })
      await ends(given, run, { kind: 'succeeded' }, { lines: lines(linesMax, 5), progress })
      const ended = (await rowOf(given, run)).story
      assert.deepEqual(plain([ended.lines, ended.progress]), plain([lines(5, linesMax), progress]))
    },
  },
]
