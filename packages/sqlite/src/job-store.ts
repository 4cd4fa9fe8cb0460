// The job store on SQLite: it lies in the log's file. Reads are a reader thread's; exchanges and changes are the writer thread's, between
// the groups of commits.
import {
  askJobs,
  changePlaces,
  checkExchange,
  checkJobChange,
  checkJobFilter,
  checkJobPrune,
  checkQueue,
  GestaError,
  isGestaError,
  pageOf,
  storeClosed,
} from '@gesta/core/ports'
import type { BackendRuntime, JobFilter, JobStore, QueueState } from '@gesta/core/ports'
import type { Row } from './database.ts'
import { encodeExchange, placesOf } from './job-cells.ts'
import type { JobQuestion, JobReads } from './job-reader.ts'
import { claimedCells, jobCells, toClaimed, toJob } from './job-rows.ts'
import type { ReadingThreads } from './reader.ts'
import { unflattenRows } from './row-cells.ts'
import type { Writer } from './writer.ts'

/** Jobs that one step forgets. */
const placesPerStep = 500

export interface SqliteJobStoreOptions {
  readonly path: string
  /** Both are the event store's, and end with it. */
  readonly reader: ReadingThreads
  readonly writer: Writer
  readonly clock: BackendRuntime['clock']
}

export function createSqliteJobStore({ path, reader, writer, clock }: SqliteJobStoreOptions): JobStore {
  let closed = false
  const ask = async <Name extends keyof JobReads>(
    name: Name,
    ...given: Parameters<JobReads[Name]>
  ): Promise<ReturnType<JobReads[Name]>> => {
    if (closed) throw storeClosed()
    const ofJobs = { ask: name, given } as unknown as JobQuestion
    return (await reader.call({ do: name === 'get' ? 'jobs' : 'jobsScan', path, ofJobs })) as never
  }
  const changed = async <Answer>(change: () => Promise<Answer>): Promise<Answer> => {
    if (closed) throw storeClosed()
    try {
      return await change()
    } catch (error) {
      throw isGestaError(error, 'outcome_unknown') ? unsettled(path, error) : error
    }
  }

  return {
    exchange: async (request) => {
      checkExchange(request)
      const { claimed, refused, lost, cancelled, hasMore, nextInUs } = await changed(() =>
        writer.exchange(encodeExchange(request, clock.nowUs())),
      )
      return {
        claimed: unflattenRows(claimed, claimedCells, toClaimed),
        refused: placesOf(refused),
        lost: placesOf(lost),
        cancelled: placesOf(cancelled),
        hasMore,
        nextInUs,
      }
    },
    list: async (filter, page) => {
      const asked = askJobs(filter, page)
      const { cells, limit, total } = await ask('list', filter, asked, clock.nowUs())
      const rows = unflattenRows(cells, jobCells, toJob)
      return pageOf({ ...asked, limit }, rows, ({ commitNo, index }) => [commitNo, index], total)
    },
    total: async (filter = {}) => {
      checkJobFilter(filter)
      return ask('total', filter, clock.nowUs())
    },
    get: async (tenant, commandId, index) =>
      unflattenRows(await ask('get', tenant, commandId, index, clock.nowUs()), claimedCells, toClaimed)[0],
    change: async (change) => {
      checkJobChange(change)
      const { action, which, reason } = change
      const named = 'length' in which ? which.map(({ commitNo, index }) => ({ commitNo, index })) : plainFilter(which)
      return changed(() => writer.change({ change: 'jobs', action, which: named, reason, nowUs: clock.nowUs() }))
    },
    pause: async (queue, isPaused) => {
      checkQueue(queue, 'pause()')
      await changed(() => writer.change({ change: 'pauseQueue', queue, isPaused }))
    },
    queues: async () => {
      const nowUs = clock.nowUs()
      const [rows, paused] = await Promise.all([ask('queues', nowUs), ask('paused')])
      return queuesOf(rows, paused, nowUs)
    },
    prune: async (request) => {
      checkJobPrune(request)
      const { endedBeforeUs, limit } = request
      const states = [...new Set(request.states)]
      if (states.length === 0) return 0
      const old = await ask('oldPlaces', states, endedBeforeUs, limit)
      return changePlaces(old, placesPerStep, (places) =>
        changed(() => writer.change({ change: 'pruneJobs', places, states, endedBeforeUs })),
      )
    },
    info: async () => {
      const [[unfinished = 0, items = 0], paused] = await Promise.all([ask('extent', clock.nowUs()), ask('paused')])
      return { store: 'job', backend: 'sqlite', readOnly: false, items, details: { unfinished, paused: paused.length } }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

/** Without what callers may have left in it: it goes to another thread. */
function plainFilter({ states, queue, tenant, type, key }: JobFilter): JobFilter {
  return { states: states && [...states], queue, tenant, type, key }
}

/** `rows`: queue, state, number, and since when the first of them may run. */
function queuesOf(rows: readonly Row[], paused: readonly string[], nowUs: number): readonly QueueState[] {
  const names = new Set([...rows.map(([queue]) => String(queue)), ...paused])
  return [...names].toSorted().map((queue) => {
    const own = rows.filter(([name]) => name === queue)
    const counts = Object.fromEntries(own.map(([, state, count]) => [state, count])) as QueueState['counts']
    const oldest = own.find(([, state]) => state === 'pending')?.[3]
    const oldestPendingUs = oldest === undefined ? undefined : Math.max(0, nowUs - Number(oldest))
    return { queue, isPaused: paused.includes(queue), counts, oldestPendingUs }
  })
}

function unsettled(path: string, cause: GestaError): GestaError {
  const message = `Expected ${path} to say whether a change of its jobs was kept, but its writer failed meanwhile. Look at the jobs, and go on from there.`
  return new GestaError('store_unavailable', message, { cause, facts: { path } })
}
