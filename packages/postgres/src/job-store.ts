// The job store on PostgreSQL: claims are made one after the other, under one lock (src/job-exchange.ts); payloads stay where their
// commits have put them. Appends have nothing to do with the lock.
import { checkExchange, checkJobChange, checkJobPrune, checkQueue, GestaError, isUnfinished } from '@gesta/core/ports'
import type { JobChange, JobStore } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import { createChangeJobs } from './job-changes.ts'
import { createExchange, createJobWriter } from './job-exchange.ts'
import { createJobLists } from './job-lists.ts'
import { lockNotAvailable, stateOf } from './postgres-errors.ts'
import type { DecidingAccess } from './store-access.ts'

/**
 * Ends sessions that keep the claim lock and are silent: one whose transaction does not go on, and one whose client takes no answer, which
 * no time limit of the server ends.
 */
const endSilent = `SELECT pg_terminate_backend(a.pid, 1000) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.relation = to_regclass($1) AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.granted
    AND (a.state LIKE 'idle in transaction%' OR a.wait_event_type = 'Client') AND a.state_change < now() - interval '4 seconds'`

export interface JobStoreOptions {
  /** Milliseconds that is waited for the claim lock. */
  readonly lockTimeoutMs: number
  /** For errors. */
  readonly place: string
}

export function createPostgresJobStore(access: DecidingAccess, { lockTimeoutMs, place }: JobStoreOptions): JobStore {
  const { schema: s, read, write } = access
  const writer = createJobWriter(s)
  const { exchange, takeIn } = createExchange(access, writer, lockTimeoutMs)
  const lists = createJobLists(access)
  const prune = `SELECT ${s}.prune_jobs($1, $2, $3, $4)`
  const pause = `SELECT ${s}.pause_jobs($1, $2, $3)`

  /** Who waited for the lock in vain sees to it that nobody keeps it silently, and tries once more. */
  const locking = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      if (stateOf(error) !== lockNotAvailable) throw error
      await read(endSilent, [`${s}.job_gate`])
      return work().catch((again: unknown) => {
        throw stateOf(again) === lockNotAvailable ? locked(place, lockTimeoutMs, again) : again
      })
    }
  }

  const change = createChangeJobs(access, writer, { lockTimeoutMs, locking })

  return {
    exchange: async (request) => {
      checkExchange(request)
      return locking(() => exchange(request))
    },
    list: lists.list,
    total: lists.total,
    get: lists.get,
    queues: lists.queues,
    change: async (wanted) => {
      checkJobChange(wanted)
      if (mayBeUntaken(wanted)) while (await locking(takeIn));
      return change(wanted)
    },
    pause: async (queue, isPaused) => {
      checkQueue(queue, 'pausing')
      await locking(() => write(pause, [queue, isPaused, lockTimeoutMs]))
    },
    prune: async (request) => {
      checkJobPrune(request)
      const { states, endedBeforeUs, limit } = request
      const values = [textArray(states), endedBeforeUs, limit, lockTimeoutMs]
      return Number((await locking(() => write(prune, values)))[0]?.[0])
    },
    info: async () => {
      const { unfinished, items, paused } = await lists.extent()
      return { store: 'job', backend: 'postgres', readOnly: false, items, details: { unfinished, paused } }
    },
    [Symbol.asyncDispose]: async () => access.close(),
  }
}

function locked(place: string, lockTimeoutMs: number, cause: unknown): GestaError {
  const message = `Expected to change jobs of ${place} within ${lockTimeoutMs} ms, but another transaction keeps them locked. What is not changed yet is as it was. Try again; if it goes on, end the transaction that holds the table job_gate.`
  return new GestaError('store_locked', message, { cause, facts: { place, lockTimeoutMs } })
}

/** Whether jobs are meant that nobody may have taken in yet. */
function mayBeUntaken({ which }: JobChange): boolean {
  return (
    'length' in which ||
    which.states === undefined ||
    which.states.some((state) => isUnfinished(state) || state === 'expired')
  )
}
