// What one exchange does, decided on what the store has read under its lock: a pure function, the same for every backend. A store reads
// a `JobView`, asks, and writes the changes in the same transaction.
import { endRun, failRun } from './end-run.ts'
import { emptyStory, failuresMax, linesMax } from './job.ts'
import type { JobPlace, JobRow, JobStory, JobTerms } from './job.ts'
import { isUnfinished } from './job-state.ts'
import type { JobExchange, JobExchanged, QueueWish } from './job-store.ts'

/** A job that no exchange has taken in yet. */
export interface ArrivingJob extends JobPlace {
  readonly tenant: string
  readonly commandId: string
  readonly type: string
  readonly terms: JobTerms
  readonly enqueuedAt: number
}
/** A job that holds a unique key. */
export type JobRival = Pick<JobRow, 'tenant' | 'uniqueKey' | 'state' | 'enqueuedAt' | 'commandId' | 'index'>

/** What a store has read, at one moment, under its lock. */
export interface JobView {
  /** The database's time, microseconds UTC. */
  readonly nowUs: number
  /** The last number that was given. */
  readonly no: number
  /** The last job that was taken in. */
  readonly cursor: JobPlace
  /** Jobs behind the cursor, in order, `arrivingMax` at most. */
  readonly arriving: readonly ArrivingJob[]
  /** Other jobs, unfinished or ended, that hold a unique key of those that arrive; of ended ones at least the newest of each state. */
  readonly rivals: readonly JobRival[]
  /** The rows of runs that end or report or are held, as far as they are running. */
  readonly runs: readonly JobRow[]
  /** Jobs whose time has come, earliest first. */
  readonly due: readonly JobRow[]
  /** Jobs that are not running and were not begun in time. */
  readonly late: readonly JobRow[]
  /** Running jobs of workers whose lease has run out, without those of this worker. */
  readonly orphaned: readonly JobRow[]
  /** Pending jobs of the queues that are wished for, of types that can be run, by queue, priority and number. */
  readonly ready: readonly JobRow[]
  readonly paused: ReadonlySet<string>
  /** Running jobs of queues with a limit: how many by queue, and by `limitKey`. */
  readonly running: ReadonlyMap<string, number>
  /** Jobs that were begun in the period of a queue with a rate, by queue. */
  readonly begun: ReadonlyMap<string, number>
  /** Running jobs of this worker that shall end. */
  readonly cancelAsked: readonly JobPlace[]
}
/** What a store writes. A row is in `put` or `ended` or neither, once. */
export interface JobChanges {
  readonly no: number
  readonly cursor: JobPlace
  /** Unfinished jobs as they are now: new ones, or others in their place. */
  readonly put: readonly JobRow[]
  /** Jobs that have ended: no longer among the unfinished ones, if they were. */
  readonly ended: readonly JobRow[]
  /** Also in `put`, as running. */
  readonly claimed: readonly JobRow[]
  /** Jobs that were begun now, of queues with a rate. */
  readonly begun: readonly { readonly queue: string; readonly count: number }[]
}
export interface JobPlan extends Pick<JobExchanged, 'refused' | 'lost' | 'cancelled'> {
  readonly changes: JobChanges
}

/** Arriving, due, late and orphaned jobs that one exchange looks at. */
export const arrivingMax = 2_000

export function planExchange(request: JobExchange, view: JobView): JobPlan {
  const { nowUs } = view
  let { no } = view
  const rows = new Map<string, JobRow>()
  const put = (row: JobRow): void => void rows.set(placeKey(row), row)
  const running = new Map(view.runs.map((row) => [placeKey(row), row]))

  const refused: JobPlace[] = []
  for (const { ending, ...end } of request.ends) {
    const row = ownRun(running, end, request.worker)
    if (row === undefined) refused.push({ commitNo: end.commitNo, index: end.index })
    else put(endRun(told(row, end), ending, nowUs, ++no))
  }
  for (const report of request.reports) {
    const row = ownRun(running, report, request.worker)
    if (row !== undefined && !rows.has(placeKey(row))) put(told(row, report))
  }
  const lost = (request.holding ?? [])
    .filter((run) => ownRun(running, run, request.worker) === undefined)
    .map(({ commitNo, index }) => ({ commitNo, index }))

  for (const row of view.orphaned) put(failRun(row, { error: 'worker_lost', retryInUs: 0 }, nowUs, ++no))
  for (const row of view.late) put(ended(row, 'expired', 'It was not begun in time.', nowUs))
  for (const row of view.due) if (!rows.has(placeKey(row))) put({ ...row, state: 'pending', no: ++no })
  const holders = new Map<string, JobRival[]>()
  for (const rival of view.rivals) addHolder(holders, rival)
  for (const job of view.arriving) {
    const row = takenIn(job, nowUs, ++no, holders)
    if (row.uniqueKey !== undefined) addHolder(holders, row)
    put(row)
  }

  const candidates = [...view.ready.filter((row) => !rows.has(placeKey(row))), ...rows.values()]
    .filter(({ state }) => state === 'pending')
    .toSorted((one, other) => one.priority - other.priority || one.no - other.no)
  const claims = claimsOf(request.wishes, candidates, view)
  const claimed = claims.rows.map((row): JobRow => {
    const { worker } = request
    return {
      ...row,
      state: 'running',
      no: ++no,
      attempt: row.attempt + 1,
      worker,
      startedAt: nowUs,
      endedAt: undefined,
    }
  })
  for (const row of claimed) put(row)

  const changed = [...rows.values()]
  return {
    refused,
    lost,
    cancelled: view.cancelAsked,
    changes: {
      no,
      cursor: view.arriving.at(-1) ?? view.cursor,
      put: changed.filter(({ state }) => isUnfinished(state)),
      ended: changed.filter(({ state }) => !isUnfinished(state)),
      claimed,
      begun: claims.begun,
    },
  }
}

/** Names a key of a tenant in a queue, as running jobs are counted by. */
export function limitKey({ queue, tenant, key }: Pick<JobRow, 'queue' | 'tenant' | 'key'>): string {
  return JSON.stringify([queue, tenant, key])
}

/** A job that arrives, as it is kept from now on. */
export function takenIn(
  job: ArrivingJob,
  nowUs: number,
  no: number,
  holders: ReadonlyMap<string, readonly JobRival[]> = new Map(),
): JobRow {
  const { commitNo, index, tenant, commandId, type, terms, enqueuedAt } = job
  const { queue, priority, key, unique, attemptsMax, dueAt = enqueuedAt, expiresAt } = terms
  const row: JobRow = {
    commitNo,
    index,
    tenant,
    commandId,
    type,
    queue,
    priority,
    key,
    attemptsMax,
    no,
    enqueuedAt,
    dueAt,
    expiresAt,
    uniqueKey: unique?.key,
    state: dueAt > nowUs ? 'scheduled' : 'pending',
    attempt: 0,
    worker: undefined,
    startedAt: undefined,
    endedAt: undefined,
    isCancelAsked: false,
    story: emptyStory,
  }
  if (expiresAt !== undefined && expiresAt <= nowUs) return ended(row, 'expired', 'It was not begun in time.', nowUs)
  if (unique === undefined) return row
  const first = (holders.get(uniqueName(tenant, unique.key)) ?? []).find(
    (rival) =>
      (unique.states?.includes(rival.state) ?? isUnfinished(rival.state)) &&
      (unique.withinUs === undefined || enqueuedAt - rival.enqueuedAt < unique.withinUs),
  )
  if (first === undefined) return row
  return ended(row, 'cancelled', `It repeats ${first.commandId}.j${first.index}.`, nowUs)
}

/** A job that is over. */
export function ended(
  row: JobRow,
  state: 'cancelled' | 'expired' | 'dead_letter' | 'succeeded',
  reason: string | undefined,
  nowUs: number,
): JobRow {
  const story = reason === undefined ? row.story : { ...row.story, reason }
  return { ...row, state, endedAt: nowUs, isCancelAsked: false, story }
}

function claimsOf(
  wishes: readonly QueueWish[],
  candidates: readonly JobRow[],
  { paused, running, begun }: JobView,
): { readonly rows: readonly JobRow[]; readonly begun: JobChanges['begun'] } {
  const rows: JobRow[] = []
  const starts: { queue: string; count: number }[] = []
  for (const wish of wishes) {
    const { queue, runningMax = Number.POSITIVE_INFINITY, runningPerKeyMax, rate } = wish
    if (paused.has(queue)) continue
    const types = new Set(wish.types)
    let left = Math.min(wish.room, runningMax - (running.get(queue) ?? 0), leftOf(rate, begun.get(queue)))
    const from = rows.length
    const counts = new Map<string, number>()
    for (const row of candidates) {
      if (left <= 0) break
      if (row.queue !== queue || !types.has(row.type)) continue
      if (runningPerKeyMax !== undefined && row.key !== undefined) {
        const name = limitKey(row)
        const count = counts.get(name) ?? running.get(name) ?? 0
        if (count >= runningPerKeyMax) continue
        counts.set(name, count + 1)
      }
      rows.push(row)
      left--
    }
    if (rate !== undefined && rows.length > from) starts.push({ queue, count: rows.length - from })
  }
  return { rows, begun: starts }
}

function leftOf(rate: QueueWish['rate'], begun = 0): number {
  return rate === undefined ? Number.POSITIVE_INFINITY : rate.max - begun
}

function ownRun(
  running: ReadonlyMap<string, JobRow>,
  run: JobPlace & { readonly no: number },
  worker: string,
): JobRow | undefined {
  const row = running.get(placeKey(run))
  return row !== undefined && row.state === 'running' && row.no === run.no && row.worker === worker ? row : undefined
}

/** With what a run has told of itself. */
function told(
  row: JobRow,
  { lines = [], progress }: { lines?: JobStory['lines'] | undefined; progress?: JobStory['progress'] },
): JobRow {
  if (lines.length === 0 && progress === undefined) return row
  const { story } = row
  return {
    ...row,
    story: {
      ...story,
      failures: story.failures.slice(-failuresMax),
      lines: [...story.lines, ...lines].slice(-linesMax),
      progress: progress ?? story.progress,
    },
  }
}

function addHolder(holders: Map<string, JobRival[]>, rival: JobRival): void {
  if (rival.uniqueKey === undefined) return
  const name = uniqueName(rival.tenant, rival.uniqueKey)
  const known = holders.get(name)
  if (known === undefined) holders.set(name, [rival])
  else known.push(rival)
}

function uniqueName(tenant: string, key: string): string {
  return JSON.stringify([tenant, key])
}

export function placeKey({ commitNo, index }: JobPlace): string {
  return `${commitNo}.${index}`
}
