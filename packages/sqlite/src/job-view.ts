// What an exchange is decided on, read over the connection that appends. Runs in the writer thread, in a transaction of its caller.
import { arrivingMax } from '@gesta/core/ports'
import type { JobExchange, JobRow, JobView } from '@gesta/core/ports'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database, Row } from './database.ts'
import { createJobArrivals } from './job-arrivals.ts'
import type { JobArrivals } from './job-arrivals.ts'
import { createReadyJobs } from './job-ready.ts'
import type { PassedJobs } from './job-passed.ts'
import type { ReadyJobs } from './job-ready.ts'
import { distinctPlaces, jobColumns, toJob, toJobPlace } from './job-rows.ts'

const readOne = `SELECT ${jobColumns} FROM open_jobs WHERE commit_no = ? AND idx = ?`
/** Time, time, limit. What is too late is found by the next one. */
const readDue = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_timed
  WHERE state IN ('scheduled', 'retry_scheduled', 'waiting') AND due_at <= ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY due_at LIMIT ?`
const readLate = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_expiring
  WHERE expires_at IS NOT NULL AND state <> 'running' AND expires_at <= ? ORDER BY expires_at LIMIT ?`
/** Worker, limit. A worker is rarely gone, and no more jobs run than workers have room for: no index begins with it. */
const readOfWorker = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_running WHERE state = 'running' AND worker = ? LIMIT ?`
const readCancelled = 'SELECT commit_no, idx FROM open_jobs WHERE is_cancel_asked = 1 AND worker = ?'

export interface JobViews {
  /** `gone`: workers whose lease has run out. `hasMore`: jobs were left out, which the next exchange looks at. */
  read(
    request: JobExchange,
    nowUs: number,
    gone: readonly string[],
  ): { readonly view: JobView; readonly hasMore: boolean; readonly rooms: ReadyJobs['rooms'] }
  /** Of jobs behind the cursor alone. */
  arrivals(nowUs: number): JobArrivals
}

export function createJobViews(db: Database, passed: PassedJobs): JobViews {
  const arrivalsOf = createJobArrivals(db)
  const readyOf = createReadyJobs(db, arrivingMax, passed)
  const one = prepareRows(db, readOne)
  const dueRows = prepareRows(db, readDue)
  const lateRows = prepareRows(db, readLate)
  const ofWorker = prepareRows(db, readOfWorker)
  const cancelled = prepareRows(db, readCancelled)
  const arrivals = (nowUs: number): JobArrivals => arrivalsOf(nowUs, arrivingMax)
  const runsOf = ({ ends, reports, holding = [] }: JobExchange): readonly JobRow[] =>
    distinctPlaces([...ends, ...reports, ...holding]).flatMap(({ commitNo, index }) => {
      const row = firstRow(one, commitNo, index)
      return row === undefined ? [] : [toJob(row)]
    })
  const orphanedBy = (gone: readonly string[]): readonly JobRow[] => {
    const found: Row[] = []
    for (const worker of gone)
      if (found.length < arrivingMax) found.push(...allRows(ofWorker, worker, arrivingMax - found.length))
    return jobs(found)
  }

  return {
    arrivals,
    read: (request, nowUs, gone) => {
      const arrived = arrivals(nowUs)
      const settled = { runs: runsOf(request), orphaned: orphanedBy(gone) }
      const { rooms, ...ready } = readyOf(request, { ...settled, no: arrived.no }, nowUs)
      const due = jobs(allRows(dueRows, nowUs, nowUs, arrivingMax))
      const late = jobs(allRows(lateRows, nowUs, arrivingMax))
      const cancelAsked = allRows(cancelled, request.worker).map(toJobPlace)
      const lists: readonly (readonly unknown[])[] = [arrived.arriving, settled.orphaned, due, late]
      return {
        view: { ...arrived, ...settled, ...ready, due, late, cancelAsked },
        hasMore: lists.some(({ length }) => length === arrivingMax),
        rooms,
      }
    },
  }
}

function jobs(rows: readonly Row[]): readonly JobRow[] {
  return rows.map((row) => toJob(row))
}
