// The laws that hold through every history of a job store, whatever happens in it: told after each step, and compared with the one before.
import assert from 'node:assert/strict'
import { jobTransitions, isTimed, isUnfinished, mayFollow } from '../../stores/job/job-state.ts'
import type { JobState } from '../../stores/job/job-state.ts'
import { limitKey } from '../../stores/job/claim.ts'
import { placeKey } from '../../stores/job/plan-exchange.ts'
import type { JobPlace, JobRow } from '../../stores/job/job.ts'
import type { JobChange, JobExchange, JobExchanged, QueueWish } from '../../stores/job/job-store.ts'
import { everyPage } from '../event-store/plain-list.ts'
import type { JobStores, JobStoreTime } from './given.ts'

type Rows = ReadonlyMap<string, JobRow>
export interface Laws {
  added(count: number): Promise<void>
  exchanged(request: JobExchange, answer: JobExchanged): Promise<void>
  changed(change: JobChange, count: number): Promise<void>
  pruned(request: { readonly states: readonly JobState[]; readonly limit: number }, count: number): Promise<void>
  paused(queue: string, isPaused: boolean): void
  /** Of all jobs as they were last seen. */
  places(): readonly JobPlace[]
}

export function createLaws({ jobs }: Pick<JobStores, 'jobs'>, time: Pick<JobStoreTime, 'nowUs'> | undefined): Laws {
  let rows: Rows = new Map()
  let expected = 0
  /** Jobs that nobody has taken in yet: they may be found to be repetitions, and have no number of their own. */
  let fresh: ReadonlySet<string> = new Set()
  const paused = new Set<string>()
  const begun: { readonly queue: string; readonly at: number }[] = []

  /** Reads all jobs: none is missing, none is there twice. What they were before. */
  const seen = async (): Promise<Rows> => {
    const before = rows
    const all = await everyPage((page) => jobs.list({}, page), { limit: 1_000 })
    rows = new Map(all.map((row) => [placeKey(row), row]))
    assert.equal(all.length, expected, 'Expected every job to be there.')
    assert.equal(rows.size, expected, 'Expected every job to be there once.')
    return before
  }
  return {
    places: () => [...rows.values()],
    paused: (queue, isPaused) => void (isPaused ? paused.add(queue) : paused.delete(queue)),
    added: async (count) => {
      expected += count
      const before = await seen()
      fresh = new Set([...fresh, ...[...rows.keys()].filter((name) => !before.has(name))])
    },
    exchanged: async (request, answer) => {
      const before = await seen()
      for (const [name, row] of rows) checkStep(before.get(name), row, 'exchange', fresh.has(name))
      fresh = new Set()
      checkUnique([...rows.values()])
      checkFences(request, answer, before)
      for (const run of answer.claimed) {
        const row = rows.get(placeKey(run))
        assert.deepEqual([row?.state, row?.no, row?.worker], ['running', run.no, request.worker])
        assert.ok(run.attempt >= 1 && run.attempt <= run.attemptsMax, `Run ${run.attempt} of ${run.attemptsMax}.`)
        begun.push({ queue: run.queue, at: time?.nowUs() ?? 0 })
      }
      for (const wish of request.wishes) {
        const claimed = answer.claimed.filter(({ queue }) => queue === wish.queue)
        checkWish(wish, claimed, [...rows.values()], paused.has(wish.queue))
        if (wish.rate !== undefined && time !== undefined) {
          const since = time.nowUs() - wish.rate.periodUs
          const count = begun.filter(({ queue, at }) => queue === wish.queue && at > since).length
          assert.ok(count <= wish.rate.max, `${count} jobs of ${wish.queue} were begun in one period.`)
        }
      }
      if (time !== undefined) checkTimes([...rows.values()], time.nowUs())
    },
    changed: async ({ action, which }, count) => {
      const before = await seen()
      const wasFresh = fresh
      fresh = new Set()
      checkUnique([...rows.values()])
      let changed = 0
      for (const [name, row] of rows) {
        const was = before.get(name)
        checkStep(was, row, action, wasFresh.has(name))
        if (was?.state === row.state && was.isCancelAsked === row.isCancelAsked) continue
        changed++
        assert.ok(wasFresh.has(name) || isMeant(row, which), `A job in ${row.state} was changed that was not meant.`)
      }
      // Taking in what nobody had taken in changes jobs as well.
      if (wasFresh.size === 0) assert.equal(count, changed)
    },
    pruned: async ({ states, limit }, count) => {
      const gone = [...rows].filter(([name, { state }]) => states.includes(state) && !fresh.has(name))
      assert.equal(count, Math.min(limit, gone.length))
      expected -= count
      const before = await seen()
      for (const [name, was] of before)
        if (!rows.has(name)) assert.ok(states.includes(was.state), `A job in ${was.state} was forgotten.`)
    },
  }
}

/** What may become of a job in one step: what has ended stays as it is unless somebody requeues or discards it. */
function checkStep(
  was: JobRow | undefined,
  row: JobRow,
  by: 'exchange' | JobChange['action'],
  wasFresh: boolean,
): void {
  if (was === undefined || (was.state === row.state && was.no === row.no)) return
  const step = `${was.state} to ${row.state} by ${by}`
  // An exchange settles, promotes and claims at once; a change takes in what nobody has, and then makes one step.
  const path = isUnfinished(was.state) ? reachable(was.state) : new Set<JobState>(jobTransitions[was.state])
  assert.ok(was.state === row.state || path.has(row.state), `Expected a step of the table, received ${step}.`)
  if (by === 'exchange' && !wasFresh)
    assert.ok(isUnfinished(was.state), `Expected what has ended to stay, received ${step}.`)
  if (wasFresh) return
  assert.ok(row.no >= was.no, `Expected numbers to grow, received ${was.no} and ${row.no}.`)
  const isBegun = was.state !== row.state && (row.state === 'running' || row.state === 'pending')
  if (isBegun) assert.ok(row.no > was.no, `Expected a new number, received ${step}.`)
}

/** States that one exchange can lead to: through those that it passes, and not on from an end. */
function reachable(from: JobState): ReadonlySet<JobState> {
  const found = new Set<JobState>([from])
  for (const state of found)
    if (state === from || isUnfinished(state) || state === 'failed')
      for (const next of jobTransitions[state]) if (mayFollow(state, next)) found.add(next)
  return found
}

/** A run is its worker's as long as the job has its number, and nobody else's. */
function checkFences({ worker, ends, holding = [] }: JobExchange, answer: JobExchanged, before: Rows): void {
  const isOwn = (run: JobPlace & { readonly no: number }): boolean => {
    const row = before.get(placeKey(run))
    return row?.state === 'running' && row.no === run.no && row.worker === worker
  }
  const stale = (runs: readonly (JobPlace & { readonly no: number })[]): readonly string[] =>
    runs
      .filter((run) => !isOwn(run))
      .map(placeKey)
      .toSorted()
  assert.deepEqual(
    answer.refused.map(placeKey).toSorted(),
    stale(ends),
    'Expected stale ends, and no others, to be refused.',
  )
  assert.deepEqual(answer.lost.map(placeKey).toSorted(), stale(holding))
  const ended = new Set(ends.filter(isOwn).map(placeKey))
  const asked = [...before.values()].filter(
    (row) => row.state === 'running' && row.worker === worker && row.isCancelAsked && !ended.has(placeKey(row)),
  )
  assert.deepEqual(answer.cancelled.map(placeKey).toSorted(), asked.map(placeKey).toSorted())
}

/** Limits hold, the most urgent go first, and nothing that could run is left while there is room. */
function checkWish(wish: QueueWish, claimed: readonly JobRow[], rows: readonly JobRow[], isPaused: boolean): void {
  const { queue, room, types, runningMax = Infinity, runningPerKeyMax = Infinity, rate } = wish
  const running = rows.filter((row) => row.queue === queue && row.state === 'running')
  const byKey = Map.groupBy(running, (row) => (row.key === undefined ? '' : limitKey(row)))
  assert.ok(claimed.length <= room, `Expected no more than ${room} jobs of ${queue}, received ${claimed.length}.`)
  assert.ok(running.length <= runningMax, `${running.length} jobs of ${queue} run.`)
  // A limit that is lower than before ends no run, and lets none begin.
  const begun = new Set(claimed.flatMap((row) => (row.key === undefined ? [] : [limitKey(row)])))
  for (const key of begun) {
    const count = byKey.get(key)?.length ?? 0
    assert.ok(count <= runningPerKeyMax, `${count} jobs of ${key} run.`)
  }
  assert.ok(claimed.every(({ type }) => types.includes(type)))
  const priorities = claimed.map(({ priority }) => priority)
  assert.deepEqual(
    priorities,
    priorities.toSorted((one, other) => one - other),
  )
  if (isPaused) return assert.equal(claimed.length, 0, `Expected nothing of ${queue}, which is paused.`)
  const hasRoom = ({ key, tenant }: JobRow): boolean =>
    key === undefined || (byKey.get(limitKey({ queue, tenant, key }))?.length ?? 0) < runningPerKeyMax
  const left = rows.filter(
    (row) => row.queue === queue && row.state === 'pending' && types.includes(row.type) && hasRoom(row),
  )
  const last = priorities.at(-1)
  if (last !== undefined)
    for (const row of left) assert.ok(row.priority >= last, `A job of priority ${row.priority} was passed.`)
  if (rate === undefined && claimed.length < room && running.length < runningMax)
    assert.equal(left.length, 0, `Expected all of ${queue} that could run, ${left.length} were left.`)
}

function checkTimes(rows: readonly JobRow[], nowUs: number): void {
  for (const { state, dueAt, expiresAt = Infinity } of rows) {
    assert.ok(!isTimed(state) || dueAt > nowUs, `A job in ${state} was due.`)
    assert.ok(!isUnfinished(state) || state === 'running' || expiresAt > nowUs, `A job in ${state} was too late.`)
  }
}

/** Of a unique key one job is unfinished; those that somebody has requeued are not asked. */
function checkUnique(rows: readonly JobRow[]): void {
  const holders = new Set<string>()
  for (const { tenant, uniqueKey, state, story } of rows) {
    if (uniqueKey === undefined || !isUnfinished(state) || story.requeued !== undefined) continue
    const name = JSON.stringify([tenant, uniqueKey])
    assert.ok(!holders.has(name), `Two unfinished jobs have the key ${name}.`)
    holders.add(name)
  }
}

function isMeant(row: JobRow, which: JobChange['which']): boolean {
  if ('length' in which) return which.some((one) => placeKey(one) === placeKey(row))
  const { queue, key } = which
  return (queue === undefined || row.queue === queue) && (key === undefined || row.key === key)
}
