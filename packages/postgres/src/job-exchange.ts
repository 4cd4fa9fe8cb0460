// One exchange on PostgreSQL: what it is planned on is read under the claim lock, the plan is core's, and what it changes is written in the
// same transaction. Two round trips; the payloads of what was claimed are read behind the second one, when the lock is free again.
import { arrivingMax, placeKey, planArrivals, planExchange } from '@gesta/core/ports'
import type { JobChanges, JobEnding, JobExchange, JobExchanged, JobRow } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import type { Row } from './driver.ts'
import { movedMarks, noMarks } from './job-marks.ts'
import type { JobMarks } from './job-marks.ts'
import { endColumns, insertOf, listsOf, placeArray, rowColumns } from './job-rows.ts'
import { toView, viewValues } from './job-view.ts'
import type { StoredView } from './job-view.ts'
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

/**
 * Commit numbers and indexes in turn. Row by row through the primary key: a plan that joins would walk an index with all the dead rows that
 * an old transaction keeps.
 */
export function deleteOf(table: string): string {
  return `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT r.ctid FROM generate_series(1, cardinality($1::bigint[]), 2) i CROSS JOIN LATERAL (
      SELECT ctid FROM ${table} WHERE commit_no = ($1::bigint[])[i] AND idx = ($1::bigint[])[i + 1] LIMIT 1) r))`
}

/** Commit numbers and indexes in turn. */
function payloadsOf(s: string): string {
  return `SELECT j.commit_no, j.idx, j.data, c.context FROM generate_series(1, cardinality($1::bigint[]), 2) i
    CROSS JOIN LATERAL (SELECT * FROM ${s}.jobs WHERE commit_no = ($1::bigint[])[i] AND idx = ($1::bigint[])[i + 1] LIMIT 1) j
    CROSS JOIN LATERAL (SELECT context FROM ${s}.commits WHERE commit_no = j.commit_no LIMIT 1) c`
}

export interface Exchange {
  exchange(request: JobExchange): Promise<JobExchanged>
  /** Takes in what has arrived and does nothing else; whether there may be more. */
  takeIn(): Promise<boolean>
}

/** What exchanges leave behind that nobody needs any more. */
interface Dropped {
  readonly no: number
  /** Microseconds, by queue with a rate. */
  readonly begun: ReadonlyMap<string, number>
}
interface Housekeeping {
  readonly statements: readonly Statement[]
  readonly dropped: Dropped
}

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
  let steps = 0
  /** Up to where steps, and by queue begun jobs, were removed: what is dead is walked over once. */
  let dropped: Dropped = { no: 0, begun: new Map() }

  const housekeeping = (
    { wishes }: JobExchange,
    { no, nowUs }: StoredView,
    changes: JobChanges,
  ): Housekeeping | undefined => {
    if (changes.no === no || ++steps % stepsKept !== 0) return undefined
    const ends = wishes.flatMap(({ queue, rate }) =>
      rate === undefined ? [] : [[queue, nowUs - 2 * rate.periodUs] as const],
    )
    // Of a queue that is full nothing is wished for: what is left of it then is removed another time.
    return {
      statements: [
        { sql: dropSteps, values: [dropped.no, no] },
        ...ends.map(([queue, endUs]) => ({ sql: dropBegun, values: [queue, dropped.begun.get(queue) ?? 0, endUs] })),
      ],
      dropped: { no, begun: new Map([...dropped.begun, ...ends]) },
    }
  }

  const writes = (request: JobExchange, seen: StoredView, changes: JobChanges): readonly Statement[] => {
    const { nowUs, no, stepUs, arriving, gone, orphaned } = seen
    const fresh = new Set(arriving.map(placeKey))
    const known = [...changes.put, ...changes.ended].filter((row) => !fresh.has(placeKey(row)))
    const { cursor } = changes
    const step = [changes.no, cursor.commitNo, cursor.index, Math.max(nowUs, stepUs)]
    const until = leaseToKeep(request, seen, changes)
    const isRidOfGone = gone.length > 0 && orphaned.length < arrivingMax
    return [
      ...writer.keep(changes, known, nowUs),
      ...(changes.no === no ? [] : [{ sql: addStep, values: step }]),
      ...changes.begun.map(({ queue, count }) => ({ sql: addBegun, values: [queue, nowUs, count] })),
      ...(until === undefined ? [] : [{ sql: renew, values: [request.worker, until] }]),
      ...(isRidOfGone ? [{ sql: forget, values: [textArray(gone)] }] : []),
    ]
  }

  const exchange: Exchange['exchange'] = (request) =>
    access.transaction(async ({ send, commit }) => {
      const takesAll = request.ends.some(({ ending }) => isAgain(ending))
      // Another exchange may move the marks before this one is answered, and into another epoch.
      const begin = marks
      const values = viewValues(request, { marks: begin, takesAll, lockTimeoutMs })
      const [rows = []] = await send([{ sql: view, values }])
      const seen = toView(rows, request.worker)
      const wishes = request.wishes.map((wish) => ({ ...wish, room: seen.cuts.get(wish.queue) ?? wish.room }))
      const { changes, refused, lost, cancelled } = planExchange({ ...request, wishes }, seen)
      const kept = housekeeping(request, seen, changes)
      const written = [...writes(request, seen, changes), ...(kept?.statements ?? [])]
      const { claimed } = changes
      const after = claimed.length === 0 ? [] : [{ sql: payloads, values: [placeArray(claimed)] }]
      const answers = await commit(written, after)
      marks = marksAfter(begin, seen, changes, request)
      if (kept !== undefined) ({ dropped } = kept)
      const payloadOf = new Map((answers[written.length] ?? []).map((row) => [placeOfRow(row), row]))
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

  const takeIn: Exchange['takeIn'] = () =>
    access.transaction(async ({ send, commit }) => {
      const values = viewValues(nothing, { marks, takesAll: true, lockTimeoutMs })
      const [rows = []] = await send([{ sql: view, values }])
      const seen = toView(rows, nothing.worker)
      await commit(writes(nothing, { ...seen, gone: [] }, planArrivals(seen)))
      return seen.arriving.length >= arrivingMax
    })
  return { exchange, takeIn }
}

function placeOfRow([commitNo, index]: Row): string {
  return placeKey({ commitNo: Number(commitNo), index: Number(index) })
}

const nothing: JobExchange = { worker: '', leaseMs: 0, ends: [], reports: [], wishes: [] }

/** Whether a job becomes pending by the end of its run. */
function isAgain(ending: JobEnding): boolean {
  return ending.kind === 'released' || (ending.kind === 'failed' && (ending.retryInUs ?? 1) <= 0)
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

function marksAfter(marks: JobMarks, seen: StoredView, changes: JobChanges, { wishes }: JobExchange): JobMarks {
  const base = seen.marksCount ? marks : noMarks
  const { no, nowUs, stepUs, due, late, ready, walks, firstRunning, paused } = seen
  const stepNowUs = changes.no === no ? stepUs : Math.max(nowUs, stepUs)
  const claimed = new Set(changes.claimed.map(placeKey))
  const isLimited = wishes.some((wish) => wish.runningMax !== undefined || wish.runningPerKeyMax !== undefined)
  const queues = new Map(base.queues)
  for (const wish of wishes) {
    if (paused.has(wish.queue)) continue
    const own = ready.filter(({ queue }) => queue === wish.queue)
    const walked = walks.filter(({ queue }) => queue === wish.queue)
    queues.set(wish.queue, movedMarks(base, { wish, ready: own, walks: walked, claimed, no }))
  }
  return {
    epoch: seen.epoch,
    dueFrom: due.length < arrivingMax ? stepNowUs : base.dueFrom,
    lateFrom: late.length < arrivingMax ? stepNowUs : base.lateFrom,
    runningFrom: isLimited ? (firstRunning === undefined ? no : firstRunning - 1) : base.runningFrom,
    queues,
  }
}

function nextIn({ nextAt, nowUs }: StoredView, { put }: JobChanges): number | undefined {
  let next = nextAt
  for (const { state, dueAt } of put)
    if ((state === 'scheduled' || state === 'retry_scheduled' || state === 'waiting') && !(dueAt > (next ?? Infinity)))
      next = dueAt
  return next === undefined ? undefined : Math.max(0, next - nowUs)
}
