// Changes of jobs, on the connection that appends. Each runs in a transaction that its caller begins and ends. Runs in the writer thread.
import {
  arrivingMax,
  changeable,
  changedJob,
  isUnfinished,
  placeKey,
  planArrivals,
  planExchange,
} from '@gesta/core/ports'
import type { JobAction, JobChanges, JobExchange, JobFilter, JobPlace, JobRow, JobState } from '@gesta/core/ports'
import { firstRow, prepareRows } from './database.ts'
import type { Cell, Database } from './database.ts'
import { decodeExchange, flatPlaces } from './job-cells.ts'
import type { SentExchange, SentExchanged } from './job-cells.ts'
import { createPassedJobs } from './job-passed.ts'
import { createJobReader } from './job-reader.ts'
import { cellsOfJob, claimedCells, jobColumns, jobValues } from './job-rows.ts'
import { createJobViews } from './job-view.ts'
import type { ReadyJobs } from './job-ready.ts'
import { createJobWorkers } from './job-workers.ts'
import { flattenRows } from './row-cells.ts'

/** What the writer thread is asked to change. */
export type JobsChange =
  | {
      readonly change: 'jobs'
      readonly action: JobAction
      readonly which: readonly JobPlace[] | JobFilter
      readonly reason: string | undefined
      readonly nowUs: number
    }
  | { readonly change: 'pauseQueue'; readonly queue: string; readonly isPaused: boolean }
  /** The list is short: who asks goes step by step. */
  | {
      readonly change: 'pruneJobs'
      readonly places: readonly JobPlace[]
      readonly states: readonly JobState[]
      readonly endedBeforeUs: number
    }

export interface JobWriter {
  exchange(sent: SentExchange): SentExchanged
  /** How many jobs were changed. */
  change(change: JobsChange): number
  /** What was read of the file is no longer so. */
  forget(): void
}

const putOpen = `REPLACE INTO open_jobs (${jobColumns}) VALUES (${jobValues})`
const putEnded = `REPLACE INTO ended_jobs (${jobColumns}) VALUES (${jobValues})`
const dropOpen = 'DELETE FROM open_jobs WHERE commit_no = ? AND idx = ?'
const dropEnded = 'DELETE FROM ended_jobs WHERE commit_no = ? AND idx = ?'
const moveCursor = 'UPDATE job_cursor SET no = ?, commit_no = ?, idx = ?'
const readPayload =
  'SELECT j.data, c.context FROM jobs j CROSS JOIN commits c ON c.commit_no = j.commit_no WHERE j.commit_no = ? AND j.idx = ?'
const readNextDue =
  "SELECT min(due_at) FROM open_jobs INDEXED BY open_jobs_timed WHERE state IN ('scheduled', 'retry_scheduled', 'waiting')"
const addStart = 'INSERT INTO job_starts (queue, started_at, count) VALUES (?, ?, ?)'
const dropStarts = 'DELETE FROM job_starts WHERE queue = ? AND started_at <= ?'
const pauseQueue = 'INSERT INTO paused_queues (queue) VALUES (?) ON CONFLICT DO NOTHING'
const resumeQueue = 'DELETE FROM paused_queues WHERE queue = ?'
const pruneEnded = `${dropEnded} AND state IN (SELECT value FROM json_each(?)) AND ended_at < ?`
const prunePayload = 'DELETE FROM jobs WHERE commit_no = ? AND idx = ?'

export function createJobWriter(db: Database): JobWriter {
  const passed = createPassedJobs()
  const views = createJobViews(db, passed)
  const workers = createJobWorkers(db)
  const reader = createJobReader(db)
  const payload = prepareRows(db, readPayload)
  const nextDue = prepareRows(db, readNextDue)
  const run = (sql: string): ((...values: readonly Cell[]) => number) => {
    const statement = db.prepare(sql)
    return (...values) => Number(statement.run(...values).changes)
  }
  const [open, end, unopen, unend] = [run(putOpen), run(putEnded), run(dropOpen), run(dropEnded)]
  const [move, start, forgetStarts] = [run(moveCursor), run(addStart), run(dropStarts)]
  const [pause, resume, pruneRow, pruneData] = [run(pauseQueue), run(resumeQueue), run(pruneEnded), run(prunePayload)]

  const keep = ({ no, cursor, put, ended }: Pick<JobChanges, 'no' | 'cursor' | 'put' | 'ended'>): void => {
    for (const row of put) open(...cellsOfJob(row))
    for (const row of ended) {
      unopen(row.commitNo, row.index)
      end(...cellsOfJob(row))
    }
    if (put.length + ended.length > 0) move(no, cursor.commitNo, cursor.index)
  }
  const keepStarts = ({ wishes }: JobExchange, begun: JobChanges['begun'], nowUs: number): void => {
    for (const { queue, count } of begun) {
      const { rate } = wishes.find((wish) => wish.queue === queue) ?? {}
      forgetStarts(queue, nowUs - (rate?.periodUs ?? 0))
      start(queue, nowUs, count)
    }
  }
  /** Jobs are changed by their rows. */
  const takeAllIn = (nowUs: number): { no: number; readonly cursor: JobPlace } => {
    for (;;) {
      const arrivals = views.arrivals(nowUs)
      if (arrivals.arriving.length === 0) return { no: arrivals.no, cursor: arrivals.cursor }
      keep(planArrivals(arrivals))
    }
  }

  return {
    exchange: (sent) => {
      const { nowUs } = sent
      const request = decodeExchange(sent)
      const { worker, leaseMs, wishes } = request
      const read = views.read(request, nowUs, workers.gone(worker, nowUs))
      const mostOf = (queue: string): number => read.rooms.get(queue)?.most ?? arrivingMax
      const bounded = wishes.map((wish) => ({ ...wish, room: Math.min(wish.room, mostOf(wish.queue)) }))
      const { changes, refused, lost, cancelled } = planExchange({ ...request, wishes: bounded }, read.view)
      const claimed = new Set(changes.claimed.map(placeKey))
      for (const row of read.view.ready.filter((each) => !claimed.has(placeKey(each)))) {
        const wish = wishes.find(({ queue }) => queue === row.queue)
        if (wish !== undefined) passed.leave(wish, row)
      }
      keep(changes)
      keepStarts(request, changes.begun, nowUs)
      workers.renew(worker, leaseMs, nowUs)
      const rows = changes.claimed.map((row) => [
        ...cellsOfJob(row),
        ...(firstRow(payload, row.commitNo, row.index) ?? []),
      ])
      const due = firstRow(nextDue)?.[0]
      const next = Math.min(typeof due === 'number' ? due : Infinity, workers.nextEnd(worker, nowUs))
      return {
        claimed: flattenRows(rows, claimedCells),
        refused: flatPlaces(refused),
        lost: flatPlaces(lost),
        cancelled: flatPlaces(cancelled),
        hasMore: read.hasMore || hasMoreReady(read.rooms, changes.claimed),
        nextInUs: Number.isFinite(next) ? Math.max(0, next - nowUs) : undefined,
      }
    },
    change: (asked) => {
      if (asked.change === 'pauseQueue') return asked.isPaused ? pause(asked.queue) : resume(asked.queue)
      if (asked.change === 'pruneJobs') {
        const states = JSON.stringify(asked.states)
        return asked.places.reduce((count, { commitNo, index }) => {
          if (pruneRow(commitNo, index, states, asked.endedBeforeUs) === 0) return count
          pruneData(commitNo, index)
          return count + 1
        }, 0)
      }
      const { action, which, reason, nowUs } = asked
      const after = takeAllIn(nowUs)
      const rows = 'length' in which ? reader.rowsAt(which) : reader.rowsOf(changeable(action, which))
      const changed = rows.flatMap((row) => changedJob(row, action, reason, nowUs, ++after.no) ?? [])
      for (const { commitNo, index } of changed) unend(commitNo, index)
      const [put, ended] = [changed.filter(isOpen), changed.filter((row) => !isOpen(row))]
      keep({ ...after, put, ended })
      return changed.length
    },
    forget: () => {
      workers.forget()
      passed.forget()
    },
  }
}

function isOpen({ state }: JobRow): boolean {
  return isUnfinished(state)
}

/** A queue has room left, and more jobs than were looked at: what there was of keys that are full now was passed over. */
function hasMoreReady(rooms: ReadyJobs['rooms'], claimed: readonly JobRow[]): boolean {
  return [...rooms].some(
    ([queue, { room, isCut }]) => isCut && claimed.filter((row) => row.queue === queue).length < room,
  )
}
