// What an exchange is decided on, read over the connection that appends. Runs in the writer thread, in a transaction of its caller.
import { decodeTerms, isUnfinished, limitKey, unfinishedStates } from '@gesta/core/ports'
import type { ArrivingJob, JobExchange, JobPlace, JobRival, JobRow, JobView, QueueWish } from '@gesta/core/ports'
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Cell, Database, Row } from './database.ts'
import { jobColumns, toJob, toJobPlace } from './job-rows.ts'

/** Jobs of each kind that one exchange looks at: it holds commits up for a moment only. */
export const rowsPerExchange = 500

const readCursor = 'SELECT no, commit_no, idx FROM job_cursor'
/** Exclusive place, limit. CROSS JOIN keeps the order of the tables. */
const readArriving = `SELECT j.commit_no, j.idx, c.tenant, c.command_id, j.type, j.terms, c.recorded_at
  FROM jobs j CROSS JOIN commits c ON c.commit_no = j.commit_no WHERE (j.commit_no, j.idx) > (?, ?) ORDER BY j.commit_no, j.idx LIMIT ?`
const readOne = `SELECT ${jobColumns} FROM open_jobs WHERE commit_no = ? AND idx = ?`
/** Time, time, limit. What is too late is found by the next one. */
const readDue = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_timed
  WHERE state IN ('scheduled', 'retry_scheduled', 'waiting') AND due_at <= ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY due_at LIMIT ?`
const readLate = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_expiring
  WHERE expires_at IS NOT NULL AND state <> 'running' AND expires_at <= ? ORDER BY expires_at LIMIT ?`
/** Worker, limit. A worker is rarely gone, and no more jobs run than workers have room for: no index begins with it. */
const readOfWorker = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_running WHERE state = 'running' AND worker = ? LIMIT ?`
const readCancelled = 'SELECT commit_no, idx FROM open_jobs WHERE is_cancel_asked = 1 AND worker = ?'
/** Queue, types, tenants and keys that may not run now, time, limit. */
const readReady = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_ready
  WHERE state = 'pending' AND queue = ? AND type IN (SELECT value FROM json_each(?))
    AND (key IS NULL OR (tenant, key) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)))
    AND (expires_at IS NULL OR expires_at > ?) ORDER BY priority, no LIMIT ?`
const readRunning = `SELECT tenant, key, count(*) FROM open_jobs INDEXED BY open_jobs_running
  WHERE state = 'running' AND queue = ? GROUP BY tenant, key`
const readStarts = 'SELECT coalesce(sum(count), 0) FROM job_starts WHERE queue = ? AND started_at > ?'
const readPaused = 'SELECT queue FROM paused_queues'
/** Tenant, unique key, state. */
const readRival = (
  table: string,
): string => `SELECT tenant, unique_key, state, enqueued_at, command_id, idx FROM ${table}
  WHERE tenant = ? AND unique_key = ? AND state = ? ORDER BY enqueued_at DESC LIMIT 1`

export interface ReadView {
  readonly view: JobView
  /** Jobs were left out, which the next exchange looks at. */
  readonly hasMore: boolean
  /** By queue: how many ready jobs there is room for, within all limits, and whether more of them may be there than were read. */
  readonly rooms: ReadonlyMap<string, { readonly room: number; readonly isCut: boolean }>
}
export interface JobViews {
  /** `gone`: workers whose lease has run out. */
  read(request: JobExchange, nowUs: number, gone: readonly string[]): ReadView
  /** Of jobs behind the cursor alone. */
  readArriving(nowUs: number): ReadView
}

export function createJobViews(db: Database): JobViews {
  const cursorRow = prepareRows(db, readCursor)
  const arrivingRows = prepareRows(db, readArriving)
  const one = prepareRows(db, readOne)
  const due = prepareRows(db, readDue)
  const late = prepareRows(db, readLate)
  const ofWorker = prepareRows(db, readOfWorker)
  const cancelled = prepareRows(db, readCancelled)
  const ready = prepareRows(db, readReady)
  const runningRows = prepareRows(db, readRunning)
  const starts = prepareRows(db, readStarts)
  const pausedRows = prepareRows(db, readPaused)
  const [openRival, endedRival] = [prepareRows(db, readRival('open_jobs')), prepareRows(db, readRival('ended_jobs'))]
  const jobs = (rows: readonly Row[]): readonly JobRow[] => rows.map((row) => toJob(row))

  const rivalsOf = (arriving: readonly ArrivingJob[]): readonly JobRival[] =>
    arriving.flatMap(({ tenant, terms: { unique } }) =>
      (unique?.states ?? (unique && unfinishedStates) ?? []).flatMap((state) => {
        const rival = firstRow(isUnfinished(state) ? openRival : endedRival, tenant, unique?.key ?? null, state)
        return rival === undefined ? [] : [toRival(rival)]
      }),
    )
  const runsOf = (places: readonly JobPlace[]): readonly JobRow[] =>
    places.flatMap(({ commitNo, index }) => {
      const row = firstRow(one, commitNo, index)
      return row === undefined ? [] : [toJob(row)]
    })
  const orphanedBy = (gone: readonly string[]): readonly JobRow[] => {
    const found: Row[] = []
    for (const worker of gone)
      if (found.length < rowsPerExchange) found.push(...allRows(ofWorker, worker, rowsPerExchange - found.length))
    return jobs(found)
  }
  const arrivingView = (nowUs: number): ReadView & { readonly view: JobView } => {
    const [no, commitNo, index] = (firstRow(cursorRow) ?? []).map(Number) as [number, number, number]
    const arriving = allRows(arrivingRows, commitNo, index, rowsPerExchange).map(toArriving)
    const view: JobView = {
      ...nothingElse,
      nowUs,
      no,
      cursor: { commitNo, index },
      arriving,
      rivals: rivalsOf(arriving),
    }
    return { view, hasMore: arriving.length === rowsPerExchange, rooms: new Map() }
  }

  return {
    readArriving: arrivingView,
    read: (request, nowUs, gone) => {
      const { view, hasMore } = arrivingView(nowUs)
      const { worker, ends, reports, holding = [], wishes } = request
      const paused = new Set(allRows(pausedRows).map(([queue]) => String(queue)))
      const running = new Map<string, number>()
      const begun = new Map<string, number>()
      const rooms = new Map<string, { readonly room: number; readonly isCut: boolean }>()
      const found: JobRow[] = []
      for (const wish of wishes) {
        const { queue, runningMax, runningPerKeyMax, rate } = wish
        const isLimited = runningMax !== undefined || runningPerKeyMax !== undefined
        const ofKeys = isLimited ? allRows(runningRows, queue).map(toCount) : []
        for (const { tenant, key, count } of ofKeys) {
          running.set(queue, (running.get(queue) ?? 0) + count)
          if (key !== undefined) running.set(limitKey({ queue, tenant, key }), count)
        }
        if (rate !== undefined) begun.set(queue, Number(firstRow(starts, queue, nowUs - rate.periodUs)?.[0]))
        const room = paused.has(queue) ? 0 : roomOf(wish, running.get(queue), begun.get(queue))
        if (room <= 0) continue
        const full = ofKeys.filter(({ key, count }) => key !== undefined && count >= (runningPerKeyMax ?? Infinity))
        const looked = Math.min(room, rowsPerExchange)
        const rows = jobs(
          allRows(
            ready,
            queue,
            JSON.stringify(wish.types),
            JSON.stringify(full.map(({ tenant, key }) => [tenant, key])),
            nowUs,
            looked,
          ),
        )
        rooms.set(queue, { room, isCut: rows.length === looked })
        found.push(...rows)
      }
      const orphaned = orphanedBy(gone)
      const dueRows = jobs(allRows(due, nowUs, nowUs, rowsPerExchange))
      const lateRows = jobs(allRows(late, nowUs, rowsPerExchange))
      const isCut = [orphaned, dueRows, lateRows].some(({ length }) => length === rowsPerExchange)
      return {
        view: {
          ...view,
          runs: runsOf(distinct([...ends, ...reports, ...holding])),
          due: dueRows,
          late: lateRows,
          orphaned,
          ready: found,
          paused,
          running,
          begun,
          cancelAsked: allRows(cancelled, worker).map(toJobPlace),
        },
        hasMore: hasMore || isCut,
        rooms,
      }
    },
  }
}

const nothingElse = {
  runs: [],
  due: [],
  late: [],
  orphaned: [],
  ready: [],
  paused: new Set<string>(),
  running: new Map<string, number>(),
  begun: new Map<string, number>(),
  cancelAsked: [],
}

function roomOf({ room, runningMax, rate }: QueueWish, running = 0, begun = 0): number {
  const limits = [room]
  if (runningMax !== undefined) limits.push(runningMax - running)
  if (rate !== undefined) limits.push(rate.max - begun)
  return Math.min(...limits)
}

function toCount([tenant, key, count]: Row): {
  readonly tenant: string
  readonly key: string | undefined
  readonly count: number
} {
  return { tenant: String(tenant), key: typeof key === 'string' ? key : undefined, count: Number(count) }
}

function distinct(places: readonly JobPlace[]): readonly JobPlace[] {
  return [...new Map(places.map((place) => [`${place.commitNo}.${place.index}`, place])).values()]
}

function toArriving([commitNo, index, tenant, commandId, type, terms, enqueuedAt]: Row): ArrivingJob {
  const decoded = decodeTerms(typeof terms === 'string' ? terms : undefined)
  return { commitNo, index, tenant, commandId, type, terms: decoded, enqueuedAt } as ArrivingJob
}

function toRival([tenant, uniqueKey, state, enqueuedAt, commandId, index]: readonly (Cell | undefined)[]): JobRival {
  return { tenant, uniqueKey, state, enqueuedAt, commandId, index } as JobRival
}
