// The job store in memory: the jobs of the log in memory, and what has become of them. The shortest illustration of the port: read a
// view, plan, keep the changes, all in one synchronous step.
import type { Clock } from '../../time/clock.ts'
import type { MemoryEventStore } from '../event/memory-event-store.ts'
import { pageOf } from '../page.ts'
import { askJobs, checkExchange, checkJobChange, checkJobFilter, checkJobPrune } from './check-jobs.ts'
import { changedJob } from './end-run.ts'
import type { ClaimedJob, JobPlace, JobRow } from './job.ts'
import { isTimed, isUnfinished } from './job-state.ts'
import type { JobExchange, JobFilter, JobStore, QueueState } from './job-store.ts'
import type { MemoryJobs, StoredJob } from './memory-jobs.ts'
import { arrivingMax, limitKey, placeKey, planExchange, takenIn } from './plan-exchange.ts'
import type { JobChanges, JobView } from './plan-exchange.ts'

/** The jobs of an event store; it lives and closes with it. */
export function createMemoryJobStore(events: Pick<MemoryEventStore, 'jobs'>, clock: Pick<Clock, 'nowUs'>): JobStore {
  const kept = (): MemoryJobs => events.jobs()
  const now = (): number => clock.nowUs()
  /** Those that nobody has taken in yet as well, as they would be. */
  const all = (): readonly JobRow[] => {
    const { arriving, rows, stored } = kept()
    const untaken = arriving.map((place) => takenIn((stored.get(place) as StoredJob).job, now(), 1))
    return [...rows.values(), ...untaken]
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
    const jobs = kept()
    for (const row of all())
      jobs.rows.set(placeKey(row), row.no === 1 && !jobs.rows.has(placeKey(row)) ? { ...row, no: ++jobs.no } : row)
    jobs.arriving = []
  }

  return {
    exchange: async (request) => {
      checkExchange(request)
      const jobs = kept()
      const nowUs = now()
      const view = viewOf(jobs, request, nowUs)
      const { changes, refused, lost, cancelled } = planExchange(request, view)
      keep(jobs, changes, nowUs)
      if (request.leaseMs > 0) jobs.workers.set(request.worker, nowUs + request.leaseMs * 1000)
      else jobs.workers.delete(request.worker)
      const times = [...jobs.rows.values()].filter(({ state }) => isTimed(state)).map(({ dueAt }) => dueAt)
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
      const rows = 'length' in which ? which.flatMap((place) => jobs.rows.get(placeKey(place)) ?? []) : found(which)
      let count = 0
      for (const row of new Set(rows)) {
        const changed = changedJob(row, action, reason, now(), ++jobs.no)
        if (changed === undefined) continue
        jobs.rows.set(placeKey(row), changed)
        count++
      }
      return count
    },
    pause: async (queue, isPaused) => {
      if (isPaused) kept().paused.add(queue)
      else kept().paused.delete(queue)
    },
    queues: async () => queuesOf(all(), kept().paused, now()),
    prune: async (request) => {
      checkJobPrune(request)
      const { states, endedBeforeUs, limit } = request
      const old = found({ states }).filter(({ endedAt }) => endedAt !== undefined && endedAt < endedBeforeUs)
      const gone = old.toReversed().slice(0, limit)
      for (const row of gone) {
        kept().rows.delete(placeKey(row))
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

function viewOf(jobs: MemoryJobs, request: JobExchange, nowUs: number): JobView {
  const arriving = jobs.arriving.slice(0, arrivingMax).map((place) => (jobs.stored.get(place) as StoredJob).job)
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
    cursor: { commitNo: 0, index: 0 },
    arriving,
    rivals: rows.filter(({ uniqueKey }) => uniqueKey !== undefined),
    runs: running,
    due: rows.filter(({ state, dueAt }) => isTimed(state) && dueAt <= nowUs).toSorted((a, b) => a.dueAt - b.dueAt),
    late: rows.filter(
      ({ state, expiresAt }) => state !== 'running' && isUnfinished(state) && (expiresAt ?? Infinity) <= nowUs,
    ),
    orphaned: running.filter(({ worker }) => !isAlive(worker)),
    ready: rows.filter(({ state }) => state === 'pending'),
    paused: jobs.paused,
    running: counts,
    begun: new Map(
      request.wishes.map(({ queue, rate }) => {
        const since = nowUs - (rate?.periodUs ?? 0)
        const begun = jobs.begun.filter((one) => one.queue === queue && one.at > since)
        return [queue, begun.reduce((sum, { count }) => sum + count, 0)]
      }),
    ),
    cancelAsked: running.filter(({ worker, isCancelAsked }) => isCancelAsked && worker === request.worker),
  }
}

function keep(jobs: MemoryJobs, { no, put, ended, begun }: JobChanges, nowUs: number): void {
  jobs.no = no
  jobs.arriving = jobs.arriving.slice(arrivingMax)
  for (const row of [...put, ...ended]) jobs.rows.set(placeKey(row), row)
  if (begun.length > 0) jobs.begun = [...jobs.begun.slice(-10_000), ...begun.map((one) => ({ ...one, at: nowUs }))]
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
