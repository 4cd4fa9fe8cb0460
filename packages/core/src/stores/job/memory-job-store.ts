// The job store in memory: the jobs of the log in memory, and what has become of them. The shortest illustration of the port: read a
// view, plan, keep the changes, all in one synchronous step.
import { checkQueue } from '../../contracts/check-job-options.ts'
import type { Clock } from '../../time/clock.ts'
import type { MemoryEventStore } from '../event/memory-event-store.ts'
import { pageOf } from '../page.ts'
import { askJobs, checkExchange, checkJobChange, checkJobFilter, checkJobPrune } from './check-jobs.ts'
import { changeable, changedJob } from './end-run.ts'
import type { ClaimedJob, JobPlace, JobRow } from './job.ts'
import { isTimed, isUnfinished } from './job-state.ts'
import type { JobExchange, JobFilter, JobStore, QueueState } from './job-store.ts'
import type { MemoryJobs, StoredJob } from './memory-jobs.ts'
import { limitKey } from './claim.ts'
import { arrivingMax, placeKey, planArrivals, planExchange } from './plan-exchange.ts'
import type { JobChanges, JobView } from './job-view.ts'
import { isLate, takenIn } from './take-in.ts'

/** The jobs of an event store; it lives and closes with it. */
export function createMemoryJobStore(events: Pick<MemoryEventStore, 'jobs'>, clock: Pick<Clock, 'nowUs'>): JobStore {
  const kept = (): MemoryJobs => events.jobs()
  const now = (): number => clock.nowUs()
  /** Those that nobody has taken in yet as well, as they would be. */
  const all = (): readonly JobRow[] => {
    const { arriving, rows, ended, stored } = kept()
    const untaken = arriving.map((place) => takenIn((stored.get(place) as StoredJob).job, now(), 1))
    return [...rows.values(), ...ended.values(), ...untaken]
  }
  const found = (filter: JobFilter = {}): readonly JobRow[] => {
    checkJobFilter(filter)
    return all().filter(matches(filter)).toSorted(newestFirst)
  }
  const withPayload = (row: JobRow): ClaimedJob => {
    const { data, context } = kept().stored.get(placeKey(row)) as StoredJob
    return { ...row, data, context }
  }
  /** Changes need a row. */
  const takeAllIn = (): void => {
    for (const jobs = kept(); jobs.arriving.length > 0;)
      keep(jobs, planArrivals({ nowUs: now(), no: jobs.no, cursor: start, ...arrivalsOf(jobs) }), now())
  }

  return {
    exchange: async (request) => {
      checkExchange(request)
      const jobs = kept()
      const nowUs = now()
      const view = viewOf(jobs, request, nowUs)
      const { changes, refused, lost, cancelled } = planExchange(request, view)
      keep(jobs, changes, nowUs)
      // Of a worker that is gone nothing is left: its runs have failed in this step.
      for (const [worker, untilUs] of jobs.workers) if (untilUs <= nowUs) jobs.workers.delete(worker)
      if (request.leaseMs > 0) jobs.workers.set(request.worker, nowUs + request.leaseMs * 1000)
      else jobs.workers.delete(request.worker)
      const dueTimes = [...jobs.rows.values()].filter(({ state }) => isTimed(state)).map(({ dueAt }) => dueAt)
      const leases = [...jobs.workers].flatMap(([worker, untilUs]) => (worker === request.worker ? [] : untilUs))
      const times = [...dueTimes, ...leases]
      return {
        claimed: changes.claimed.map(withPayload),
        refused,
        lost,
        cancelled,
        hasMore: jobs.arriving.length > 0,
        nextInUs: times.length === 0 ? undefined : Math.max(0, times.reduce((a, b) => Math.min(a, b)) - nowUs),
      }
    },
    list: async (filter, page) => {
      const asked = askJobs(filter, page)
      const rows = found(filter)
      const [commitNo, index] = asked.after ?? [Number.POSITIVE_INFINITY, 0]
      const rest = rows.filter((row) => newestFirst(row, { commitNo, index }) > 0).slice(asked.offset)
      return pageOf(asked, rest, (row) => [row.commitNo, row.index], asked.withTotal ? rows.length : undefined)
    },
    total: async (filter) => found(filter).length,
    get: async (tenant, commandId, index) => {
      const row = all().find((one) => one.tenant === tenant && one.commandId === commandId && one.index === index)
      return row && withPayload(row)
    },
    change: async (change) => {
      checkJobChange(change)
      takeAllIn()
      const jobs = kept()
      const { action, which, reason } = change
      const at = (place: string): JobRow | undefined => jobs.rows.get(place) ?? jobs.ended.get(place)
      const rows =
        'length' in which
          ? which.flatMap((place) => at(placeKey(place)) ?? [])
          : found(changeable(action, which)).toReversed()
      let count = 0
      for (const row of new Set(rows)) {
        const changed = changedJob(row, action, reason, now(), ++jobs.no)
        if (changed === undefined) continue
        keepRow(jobs, changed)
        count++
      }
      return count
    },
    pause: async (queue, isPaused) => {
      checkQueue(queue, 'pause')
      if (isPaused) kept().paused.add(queue)
      else kept().paused.delete(queue)
    },
    queues: async () => queuesOf(all(), kept().paused, now()),
    prune: async (request) => {
      checkJobPrune(request)
      const { states, endedBeforeUs, limit } = request
      const old = [...kept().ended.values()]
        .filter(({ state, endedAt = 0 }) => states.includes(state) && endedAt < endedBeforeUs)
        .toSorted((one, other) => (one.endedAt ?? 0) - (other.endedAt ?? 0))
      const gone = old.slice(0, limit)
      for (const row of gone) {
        kept().ended.delete(placeKey(row))
        kept().stored.delete(placeKey(row))
      }
      return gone.length
    },
    info: async () => {
      const rows = all()
      const details = { unfinished: rows.filter(({ state }) => isUnfinished(state)).length, paused: kept().paused.size }
      return { store: 'job', backend: 'memory', readOnly: false, items: rows.length, details }
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const start = { commitNo: 0, index: 0 }

function arrivalsOf(jobs: MemoryJobs): Pick<JobView, 'arriving' | 'rivals'> {
  const arriving = jobs.arriving.slice(0, arrivingMax).map((place) => (jobs.stored.get(place) as StoredJob).job)
  const keys = new Set(arriving.flatMap(({ terms }) => terms.unique?.key ?? []))
  const isRival = ({ uniqueKey }: JobRow): boolean => uniqueKey !== undefined && keys.has(uniqueKey)
  const rivals = keys.size === 0 ? [] : [...jobs.rows.values(), ...jobs.ended.values()].filter(isRival)
  return { arriving, rivals }
}

function viewOf(jobs: MemoryJobs, request: JobExchange, nowUs: number): JobView {
  const rows = [...jobs.rows.values()]
  const isAlive = (worker = ''): boolean => worker === request.worker || (jobs.workers.get(worker) ?? 0) > nowUs
  const running = rows.filter(({ state }) => state === 'running')
  const counts = new Map<string, number>()
  for (const row of running)
    for (const name of [row.queue, ...(row.key === undefined ? [] : [limitKey(row)])])
      counts.set(name, (counts.get(name) ?? 0) + 1)
  return {
    nowUs,
    no: jobs.no,
    cursor: start,
    ...arrivalsOf(jobs),
    runs: running,
    due: rows.filter(({ state, dueAt }) => isTimed(state) && dueAt <= nowUs).toSorted((a, b) => a.dueAt - b.dueAt),
    late: rows.filter((row) => isLate(row, nowUs)),
    orphaned: running.filter(({ worker }) => !isAlive(worker)),
    ready: rows.filter(({ state }) => state === 'pending'),
    paused: jobs.paused,
    running: counts,
    begun: begunOf(jobs, request, nowUs),
    cancelAsked: running.filter(({ worker, isCancelAsked }) => isCancelAsked && worker === request.worker),
  }
}

/** How many jobs were begun in the period of each queue with a rate; what is older is forgotten, and what the clock has gone back behind. */
function begunOf(jobs: MemoryJobs, { wishes }: JobExchange, nowUs: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { queue, rate } of wishes) {
    if (rate === undefined) continue
    const isRecent = (at: number): boolean => at > nowUs - rate.periodUs && at <= nowUs
    jobs.begun = jobs.begun.filter((one) => one.queue !== queue || isRecent(one.at))
    const own = jobs.begun.filter((one) => one.queue === queue)
    counts.set(
      queue,
      own.reduce((sum, { count }) => sum + count, 0),
    )
  }
  return counts
}

function keep(jobs: MemoryJobs, { no, put, ended, begun }: JobChanges, nowUs: number): void {
  jobs.no = no
  jobs.arriving = jobs.arriving.slice(arrivingMax)
  for (const row of [...put, ...ended]) keepRow(jobs, row)
  jobs.begun = [...jobs.begun, ...begun.map((one) => ({ ...one, at: nowUs }))]
}
function keepRow({ rows, ended }: MemoryJobs, row: JobRow): void {
  const [to, from] = isUnfinished(row.state) ? [rows, ended] : [ended, rows]
  from.delete(placeKey(row))
  to.set(placeKey(row), row)
}

function queuesOf(rows: readonly JobRow[], paused: ReadonlySet<string>, nowUs: number): readonly QueueState[] {
  const open = rows.filter(({ state }) => isUnfinished(state) || state === 'dead_letter')
  const names = new Set([...open.map(({ queue }) => queue), ...paused])
  return [...names].toSorted().map((queue) => {
    const own = open.filter((row) => row.queue === queue)
    const counts: { [State in JobRow['state']]?: number } = {}
    for (const { state } of own) counts[state] = (counts[state] ?? 0) + 1
    const times = own.filter(({ state }) => state === 'pending').map(({ dueAt }) => dueAt)
    const oldestPendingUs = times.length === 0 ? undefined : Math.max(0, nowUs - times.reduce((a, b) => Math.min(a, b)))
    return { queue, isPaused: paused.has(queue), counts, oldestPendingUs }
  })
}

function newestFirst(one: JobPlace, other: JobPlace): number {
  return other.commitNo - one.commitNo || other.index - one.index
}

function matches({ states, queue, tenant, type, key }: JobFilter): (row: JobRow) => boolean {
  return (row) =>
    (states === undefined || states.includes(row.state)) &&
    (queue === undefined || row.queue === queue) &&
    (tenant === undefined || row.tenant === tenant) &&
    (type === undefined || row.type === type) &&
    (key === undefined || row.key === key)
}
