// Jobs that a worker can be given, within the limits of their queues. Runs in the writer thread.
import { limitKey, stillRunning } from '@gesta/core/ports'
import type { JobExchange, JobRow, JobView, QueueWish } from '@gesta/core/ports'
import { allRows, eachRow, firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { jobColumns, toJob } from './job-rows.ts'

/** Queue, types, tenants and keys that have no room, time, limit. */
const readReady = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_ready
  WHERE state = 'pending' AND queue = ? AND type IN (SELECT value FROM json_each(?))
    AND (key IS NULL OR (tenant, key) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)))
    AND (expires_at IS NULL OR expires_at > ?) ORDER BY priority, no LIMIT ?`
const readRunning = `SELECT tenant, key, count(*) FROM open_jobs INDEXED BY open_jobs_running
  WHERE state = 'running' AND queue = ? GROUP BY tenant, key`
/** What was begun after now was begun before the clock went back: it must not close the queue until then. */
const readStarts =
  'SELECT coalesce(sum(count), 0) FROM job_starts WHERE queue = ? AND started_at > ? AND started_at <= ?'
const readPaused = 'SELECT queue FROM paused_queues'

/** Jobs that are passed over in one exchange because others of their key were found before them; the next one asks without these keys. */
const passedMax = 1_000

export interface ReadyJobs extends Pick<JobView, 'ready' | 'paused' | 'running' | 'begun'> {
  /** How many each queue has room for, within all limits, and whether more of them may be there than were read. */
  readonly rooms: ReadonlyMap<string, { readonly room: number; readonly isCut: boolean }>
}
interface RunningCount {
  readonly queue: string
  readonly tenant: string
  readonly key: string | undefined
  readonly count: number
}

/** Reads at most `limit` of each queue. */
export function createReadyJobs(
  db: Database,
  limit: number,
): (request: JobExchange, settled: Pick<JobView, 'runs' | 'orphaned'>, nowUs: number) => ReadyJobs {
  const readyRows = prepareRows(db, readReady)
  const runningRows = prepareRows(db, readRunning)
  const starts = prepareRows(db, readStarts)
  const pausedRows = prepareRows(db, readPaused)
  const countsOf = (wishes: readonly QueueWish[]): readonly RunningCount[] =>
    wishes.filter(isLimited).flatMap(({ queue }) =>
      allRows(runningRows, queue).map(([tenant, key, count]) => {
        return { queue, tenant: String(tenant), key: typeof key === 'string' ? key : undefined, count: Number(count) }
      }),
    )
  const begunOf = (wishes: readonly QueueWish[], nowUs: number): ReadonlyMap<string, number> =>
    new Map(
      wishes.flatMap(({ queue, rate }) => {
        if (rate === undefined) return []
        return [[queue, Number(firstRow(starts, queue, nowUs - rate.periodUs, nowUs)?.[0])] as const]
      }),
    )

  /** Jobs of keys that have room; `hasRoom` is asked once for each, as more of a key may wait than have room together. */
  const rowsOf = (
    { queue, types }: QueueWish,
    full: readonly RunningCount[],
    nowUs: number,
    max: number,
    hasRoom: (row: JobRow) => boolean,
  ): { readonly rows: readonly JobRow[]; readonly isCut: boolean } => {
    const fullKeys = JSON.stringify(full.map(({ tenant, key }) => [tenant, key]))
    const rows: JobRow[] = []
    let looked = 0
    for (const cells of eachRow(readyRows, queue, JSON.stringify(types), fullKeys, nowUs, max + passedMax)) {
      const row = toJob(cells)
      looked += 1
      if (hasRoom(row)) rows.push(row)
      if (rows.length === max) break
    }
    return { rows, isCut: rows.length === max || looked === max + passedMax }
  }

  return (request, settled, nowUs) => {
    const { wishes } = request
    const paused = new Set(allRows(pausedRows).map(([queue]) => String(queue)))
    const counts = countsOf(wishes)
    const running = sumsOf(counts)
    const still = stillRunning(request, { ...settled, running })
    const begun = begunOf(wishes, nowUs)
    const rooms = new Map<string, { readonly room: number; readonly isCut: boolean }>()
    const ready: JobRow[] = []
    for (const wish of wishes) {
      const { queue, runningPerKeyMax = Number.POSITIVE_INFINITY } = wish
      const room = paused.has(queue) ? 0 : roomOf(wish, still.get(queue), begun.get(queue))
      if (room <= 0) continue
      const ofKeys = new Map(still)
      const full = counts.filter((one) => {
        return one.queue === queue && one.key !== undefined && (ofKeys.get(limitKey(one)) ?? 0) >= runningPerKeyMax
      })
      const { rows, isCut } = rowsOf(wish, full, nowUs, Math.min(room, limit), (row) => {
        if (row.key === undefined || wish.runningPerKeyMax === undefined) return true
        const count = (ofKeys.get(limitKey(row)) ?? 0) + 1
        ofKeys.set(limitKey(row), count)
        return count <= runningPerKeyMax
      })
      rooms.set(queue, { room, isCut })
      ready.push(...rows)
    }
    return { ready, paused, running, begun, rooms }
  }
}

function isLimited({ runningMax, runningPerKeyMax }: QueueWish): boolean {
  return runningMax !== undefined || runningPerKeyMax !== undefined
}

function roomOf({ room, runningMax, rate }: QueueWish, running = 0, begun = 0): number {
  const limits = [room, (runningMax ?? Number.POSITIVE_INFINITY) - running]
  if (rate !== undefined) limits.push(rate.max - begun)
  return Math.min(...limits)
}

/** By queue, and by key. */
function sumsOf(counts: readonly RunningCount[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const one of counts) {
    sums.set(one.queue, (sums.get(one.queue) ?? 0) + one.count)
    if (one.key !== undefined) sums.set(limitKey(one), one.count)
  }
  return sums
}
