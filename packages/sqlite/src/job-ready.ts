// Jobs that a worker can be given, within the limits of their queues. Runs in the writer thread.
import { limitKey, stillRunning } from '@gesta/core/ports'
import type { JobExchange, JobRow, JobView, QueueWish } from '@gesta/core/ports'
import { allRows, eachRow, firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import type { PassedJobs } from './job-passed.ts'
import { jobColumns, toJob } from './job-rows.ts'

/** Queue, priority, number, types, time. */
const readReady = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_ready
  WHERE state = 'pending' AND queue = ? AND priority = ? AND no > ? AND type IN (SELECT value FROM json_each(?))
    AND (expires_at IS NULL OR expires_at > ?) ORDER BY no`
/** Queue, priority, tenant, key, the last number, types, time, limit. */
const readOfKey = `SELECT ${jobColumns} FROM open_jobs INDEXED BY open_jobs_keys
  WHERE state = 'pending' AND key IS NOT NULL AND queue = ? AND priority = ? AND tenant = ? AND key = ? AND no <= ?
    AND type IN (SELECT value FROM json_each(?)) AND (expires_at IS NULL OR expires_at > ?) ORDER BY no LIMIT ?`
const readRunning = `SELECT tenant, key, count(*) FROM open_jobs INDEXED BY open_jobs_running
  WHERE state = 'running' AND queue = ? GROUP BY tenant, key`
/** What was begun after now was begun before the clock went back: it must not close the queue until then. */
const readStarts =
  'SELECT coalesce(sum(count), 0) FROM job_starts WHERE queue = ? AND started_at > ? AND started_at <= ?'
const readPaused = 'SELECT queue FROM paused_queues'

/** Jobs that are passed in one exchange because their key has no room: commits wait for it. The next one goes on behind them. */
const passedMax = 2_000

export interface ReadyJobs extends Pick<JobView, 'ready' | 'paused' | 'running' | 'begun'> {
  /**
   * How many each queue has room for, within all limits, and whether more of them may be there than were read. `most`: how many may be begun
   * now, when not all were looked at that go before what arrives.
   */
  readonly rooms: ReadonlyMap<string, { readonly room: number; readonly isCut: boolean; readonly most?: number }>
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
  passedJobs: PassedJobs,
): (request: JobExchange, settled: Pick<JobView, 'runs' | 'orphaned' | 'no'>, nowUs: number) => ReadyJobs {
  const readyRows = prepareRows(db, readReady)
  const ofKey = prepareRows(db, readOfKey)
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

  /** As many jobs as there is room for, of keys that have room: first those that others have passed before, then on from there. */
  const rowsOf = (wish: QueueWish, keys: KeyRooms, { nowUs, no, max }: Look): Found => {
    const { queue } = wish
    const types = JSON.stringify(wish.types)
    const rows: JobRow[] = []
    let left = passedMax
    const takes = (row: JobRow): boolean => {
      if (rows.length >= max || !keys.takes(row)) return false
      rows.push(row)
      return true
    }
    for (const [priority, passed] of passedJobs.of(wish).entries()) {
      if (rows.length >= max) break
      const waiting: JobRow[] = []
      for (const [name, { tenant, key }] of passed.keys) {
        const room = Math.min(keys.roomOf(name), max)
        if (room <= 0) continue
        const found = allRows(ofKey, queue, priority, tenant, key, passed.upTo, types, nowUs, room)
        if (found.length === 0) passed.keys.delete(name)
        waiting.push(...found.map((cells) => toJob(cells)))
      }
      for (const row of waiting.toSorted((one, other) => one.no - other.no)) takes(row)
      if (rows.length >= max) break
      let last = passed.upTo
      for (const cells of eachRow(readyRows, queue, priority, passed.upTo, types, nowUs)) {
        const row = toJob(cells)
        last = row.no
        if (!takes(row)) {
          passed.keys.set(limitKey(row), { tenant: row.tenant, key: row.key ?? '' })
          left--
        }
        if (rows.length >= max || left === 0) break
      }
      passed.upTo = rows.length >= max || left === 0 ? last : no
      if (left === 0) break
    }
    return { rows, isWhole: left > 0 }
  }

  return (request, settled, nowUs) => {
    const { wishes } = request
    const paused = new Set(allRows(pausedRows).map(([queue]) => String(queue)))
    const counts = countsOf(wishes)
    const running = sumsOf(counts)
    const still = stillRunning(request, { ...settled, running })
    const { no } = settled
    const begun = begunOf(wishes, nowUs)
    const rooms = new Map<string, { readonly room: number; readonly isCut: boolean; readonly most?: number }>()
    const ready: JobRow[] = []
    for (const wish of wishes) {
      const { queue, runningPerKeyMax = Number.POSITIVE_INFINITY } = wish
      const room = paused.has(queue) ? 0 : queueRoom(wish, still.get(queue), begun.get(queue))
      if (room <= 0) continue
      const keys = keyRooms(still, runningPerKeyMax)
      const max = Math.min(room, limit)
      const { rows, isWhole } = rowsOf(wish, keys, { nowUs, no, max })
      rooms.set(queue, { room, isCut: !isWhole || rows.length === max, ...(!isWhole && { most: rows.length }) })
      ready.push(...rows)
    }
    return { ready, paused, running, begun, rooms }
  }
}

interface Found {
  readonly rows: readonly JobRow[]
  /** Whether no job was left out but those of keys without room. */
  readonly isWhole: boolean
}
interface Look {
  readonly nowUs: number
  /** The last number that was given. */
  readonly no: number
  /** Jobs, at most. */
  readonly max: number
}
/** What room the keys of a queue have left while jobs are chosen; names are those of `limitKey`. */
interface KeyRooms {
  roomOf(name: string): number
  /** Whether there is room for it, which it takes then. */
  takes(row: JobRow): boolean
}

/** `counts`: how many run, by name. */
function keyRooms(counts: ReadonlyMap<string, number>, max: number): KeyRooms {
  const taken = new Map(counts)
  const roomOf = (name: string): number => max - (taken.get(name) ?? 0)
  return {
    roomOf,
    takes: (row) => {
      if (row.key === undefined || max === Number.POSITIVE_INFINITY) return true
      const name = limitKey(row)
      if (roomOf(name) <= 0) return false
      taken.set(name, (taken.get(name) ?? 0) + 1)
      return true
    },
  }
}

function isLimited({ runningMax, runningPerKeyMax }: QueueWish): boolean {
  return runningMax !== undefined || runningPerKeyMax !== undefined
}

function queueRoom({ room, runningMax, rate }: QueueWish, running = 0, begun = 0): number {
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
