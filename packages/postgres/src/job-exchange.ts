// One exchange on PostgreSQL: what it is planned on is read under the claim lock, the plan is core's, and what it changes is written in the
// same transaction. Two round trips; the payloads of what was claimed are read behind the second one, when the lock is free again.
import { isGestaError, placeKey, planExchange } from '@gesta/core/ports'
import type { JobChanges, JobEnd, JobExchange, JobExchanged, JobRow } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import { movedLows, noMarks } from './job-marks.ts'
import type { JobMarks } from './job-marks.ts'
import { endColumns, insertOf, listsOf, placeArray, rowColumns } from './job-rows.ts'
import { toView, viewValues } from './job-view.ts'
import type { StoredView } from './job-view.ts'
import { refusalState } from './postgres-errors.ts'
import type { DecidingAccess } from './store-access.ts'
import type { Statement } from './transactions.ts'

/** Steps of one process after which those of before are removed. */
const stepsKept = 64

export interface JobWriter {
  /** Statements that keep rows: `gone` are the places of unfinished rows that go or are replaced. */
  keep(rows: Pick<JobChanges, 'put' | 'ended'>, gone: readonly JobRow[], nowUs: number): readonly Statement[]
}

export function createJobWriter(s: string): JobWriter {
  const insertRows = insertOf(`${s}.job_rows`, rowColumns)
  const insertEnds = insertOf(`${s}.job_ends`, endColumns)
  const deleteRows = deleteOf(`${s}.job_rows`)
  return {
    keep: ({ put, ended }, gone, nowUs) => [
      ...(gone.length > 0 ? [{ sql: deleteRows, values: [placeArray(gone)] }] : []),
      ...(put.length > 0 ? [{ sql: insertRows, values: listsOf(rowColumns, put, nowUs) }] : []),
      ...(ended.length > 0 ? [{ sql: insertEnds, values: listsOf(endColumns, ended, nowUs) }] : []),
    ],
  }
}

export function deleteOf(table: string): string {
  return `DELETE FROM ${table} r USING generate_series(1, cardinality($1::bigint[]), 2) i
    WHERE r.commit_no = ($1::bigint[])[i] AND r.idx = ($1::bigint[])[i + 1]`
}

/** Commit numbers and indexes in turn. */
export function payloadsOf(s: string): string {
  return `SELECT j.commit_no, j.idx, j.data, c.context FROM generate_series(1, cardinality($1::bigint[]), 2) i
    CROSS JOIN LATERAL (SELECT * FROM ${s}.jobs WHERE commit_no = ($1::bigint[])[i] AND idx = ($1::bigint[])[i + 1] LIMIT 1) j
    CROSS JOIN LATERAL (SELECT context FROM ${s}.commits WHERE commit_no = j.commit_no LIMIT 1) c`
}

/** `takesAll`: takes in all that has arrived, also what cannot begin. */
export type Exchange = (request: JobExchange, takesAll?: boolean) => Promise<JobExchanged>

export function createExchange(access: DecidingAccess, writer: JobWriter, lockTimeoutMs: number): Exchange {
  const { schema: s } = access
  const view = `SELECT * FROM ${s}.view_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
  const addStep = `INSERT INTO ${s}.job_steps (no, commit_no, idx, at_us) VALUES ($1, $2, $3, $4)`
  const dropSteps = `DELETE FROM ${s}.job_steps WHERE no >= $1 AND no < $2`
  const addBegun = `INSERT INTO ${s}.job_begun (queue, at_us, count) VALUES ($1, $2, $3)`
  const dropBegun = `DELETE FROM ${s}.job_begun WHERE queue = $1 AND at_us >= $2 AND at_us < $3`
  const renew = `INSERT INTO ${s}.job_workers AS w (worker, until_us) VALUES ($1, $2)
    ON CONFLICT (worker) DO UPDATE SET until_us = excluded.until_us`
  const forget = `DELETE FROM ${s}.job_workers WHERE worker = ANY ($1::text[])`
  const payloads = payloadsOf(s)

  let marks: JobMarks = noMarks
  /** By worker: from which number on an exchange was not answered, so that it may have claimed what nobody runs. */
  const unanswered = new Map<string, number>()
  let steps = 0
  let [droppedNo, droppedUs] = [0, 0]

  const housekeeping = ({ wishes }: JobExchange, { no, nowUs }: StoredView): readonly Statement[] => {
    steps += 1
    if (steps % stepsKept !== 0) return []
    const [fromNo, fromUs] = [droppedNo, droppedUs]
    droppedNo = no
    droppedUs = nowUs - wishes.reduce((max, { rate }) => Math.max(max, 2 * (rate?.periodUs ?? 0)), 0)
    const rated = wishes.filter(({ rate }) => rate !== undefined)
    return [
      { sql: dropSteps, values: [fromNo, no] },
      ...rated.map(({ queue }) => ({ sql: dropBegun, values: [queue, fromUs, droppedUs] })),
    ]
  }

  const writes = (request: JobExchange, seen: StoredView, changes: JobChanges): readonly Statement[] => {
    const { nowUs, no, stepUs, arriving, gone, orphaned } = seen
    const fresh = new Set(arriving.map(placeKey))
    const known = [...changes.put, ...changes.ended].filter((row) => !fresh.has(placeKey(row)))
    const { cursor } = changes
    const step = [changes.no, cursor.commitNo, cursor.index, Math.max(nowUs, stepUs)]
    const until = leaseToKeep(request, seen, changes)
    const isRidOfGone = gone.length > 0 && orphaned.length < orphanedMax
    return [
      ...writerStatements(known, changes, nowUs),
      ...(changes.no === no ? [] : [{ sql: addStep, values: step }, ...housekeeping(request, seen)]),
      ...changes.begun.map(({ queue, count }) => ({ sql: addBegun, values: [queue, nowUs, count] })),
      ...(until === undefined ? [] : [{ sql: renew, values: [request.worker, until] }]),
      ...(isRidOfGone ? [{ sql: forget, values: [textArray(gone)] }] : []),
    ]
  }
  const writerStatements = (known: readonly JobRow[], changes: JobChanges, nowUs: number): readonly Statement[] =>
    writer.keep(changes, known, nowUs)

  /** `told`: called when the answer decides what is so. */
  const exchangeOnce = async (
    request: JobExchange,
    takesAll: boolean,
    told: (no: number) => void,
  ): Promise<JobExchanged> =>
    access.transaction(async ({ send, commit }) => {
      const leftBehind = unanswered.get(request.worker)
      const values = viewValues(request, { marks, leftBehind, takesAll, lockTimeoutMs })
      const [rows = []] = await send([{ sql: view, values }])
      const seen = toView(rows, request.worker)
      const asked = withReleased(request, seen)
      const { changes, refused, lost, cancelled } = planExchange(asked, seen)
      const written = writes(request, seen, changes)
      told(seen.no)
      const { claimed } = changes
      const after = claimed.length === 0 ? [] : [{ sql: payloads, values: [placeArray(claimed)] }]
      const answers = await commit(written, after)
      unanswered.delete(request.worker)
      marks = movedMarks(marks, seen, changes, request)
      const payloadOf = new Map((answers[written.length] ?? []).map((row) => [`${row[0]}.${row[1]}`, row]))
      return {
        claimed: claimed.flatMap((row) => {
          const found = payloadOf.get(placeKey(row))
          // Absent only when the log was emptied just now.
          return found === undefined ? [] : [{ ...row, data: String(found[2]), context: String(found[3]) }]
        }),
        refused,
        lost,
        cancelled,
        hasMore: seen.mayHaveMore,
        nextInUs: nextIn(seen, changes),
      }
    })

  return async (request, takesAll = false) => {
    let from: number | undefined
    try {
      return await exchangeOnce(request, takesAll, (no) => {
        from = no
      })
    } catch (error) {
      const isRefused = isGestaError(error) && refusalState(error.cause) !== undefined
      if (from !== undefined && !isRefused)
        unanswered.set(request.worker, Math.min(from, unanswered.get(request.worker) ?? from))
      throw error
    }
  }
}

const orphanedMax = 2_000

/** Runs that this worker does not know of are given back. */
function withReleased(request: JobExchange, { left }: StoredView): JobExchange {
  if (left.length === 0) return request
  const named = new Set([...request.ends, ...request.reports, ...(request.holding ?? [])].map(placeKey))
  const released = left
    .filter((row) => !named.has(placeKey(row)))
    .map(({ commitNo, index, no }): JobEnd => ({ commitNo, index, no, ending: { kind: 'released' } }))
  return { ...request, ends: [...request.ends, ...released] }
}

/** Until when the worker is held to be there, if that has to be written: when a third of its lease has passed. */
function leaseToKeep(
  { leaseMs }: JobExchange,
  { nowUs, leaseUntilUs }: StoredView,
  { claimed }: JobChanges,
): number | undefined {
  if (leaseMs === 0) return leaseUntilUs === undefined && claimed.length === 0 ? undefined : 0
  const leftUs = (leaseUntilUs ?? 0) - nowUs
  const leaseUs = leaseMs * 1000
  return leftUs > leaseUs || leftUs * 3 <= leaseUs * 2 ? nowUs + leaseUs : undefined
}

function movedMarks(marks: JobMarks, seen: StoredView, changes: JobChanges, { wishes }: JobExchange): JobMarks {
  const base = seen.marksCount ? marks : noMarks
  const { no, nowUs, stepUs, due, late, ready, firstPending, firstRunning, paused } = seen
  const stepNowUs = changes.no === no ? stepUs : Math.max(nowUs, stepUs)
  const claimed = new Set(changes.claimed.map(placeKey))
  const isLimited = wishes.some((wish) => wish.runningMax !== undefined || wish.runningPerKeyMax !== undefined)
  const queues = new Map(base.queues)
  for (const wish of wishes) {
    if (paused.has(wish.queue)) continue
    const own = ready.filter(({ queue }) => queue === wish.queue)
    const firsts = firstPending.get(wish.queue) ?? new Map<number, number>()
    queues.set(wish.queue, movedLows(base, { wish, ready: own, firsts, claimed, no }))
  }
  return {
    epoch: seen.epoch,
    dueFrom: due.length < orphanedMax ? stepNowUs : base.dueFrom,
    lateFrom: late.length < orphanedMax ? stepNowUs : base.lateFrom,
    runningFrom: isLimited ? (firstRunning === undefined ? no : firstRunning - 1) : base.runningFrom,
    queues,
  }
}

function nextIn({ nextDueAt, nowUs }: StoredView, { put }: JobChanges): number | undefined {
  let next = nextDueAt
  for (const { state, dueAt } of put)
    if ((state === 'scheduled' || state === 'retry_scheduled' || state === 'waiting') && !(dueAt > (next ?? Infinity)))
      next = dueAt
  return next === undefined ? undefined : Math.max(0, next - nowUs)
}
