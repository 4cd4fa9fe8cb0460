// The worker of a process: one loop that tells the store what has ended, takes what there is room for, and starts it. While one exchange is
// on its way the ends of many runs gather, so that the next one settles them together.
import type { Engine } from '../dispatch/engine.ts'
import { redactError } from '../errors/redact-error.ts'
import type { ClaimedJob } from '../stores/job/job.ts'
import type { JobEnding, JobExchanged, JobStore, QueueWish } from '../stores/job/job-store.ts'
import { backoffMs } from '../time/backoff.ts'
import type { JobsSettings } from './options.ts'
import { placeKey } from '../stores/job/plan-exchange.ts'
import { runJob } from './run-job.ts'
import { createRuns } from './runs.ts'
import { straysOf } from './strays.ts'
import { createWake } from './wake.ts'

/** `retrying`: the store does not answer; `draining`: it takes nothing more. */
export type JobWorkerState = 'working' | 'retrying' | 'draining' | 'stopped'
export interface JobWorkerStatus {
  /** Its id, as jobs have it. */
  readonly worker: string
  readonly state: JobWorkerState
  /** Jobs that run now, by queue. */
  readonly running: { readonly [queue: string]: number }
  /** Runs since it began, by how they ended. */
  readonly ended: { readonly [Kind in JobEnding['kind']]: number }
  /**
   * Runs whose end came too late, or that others were given: what they did was done again. An end that is refused after its first
   * telling got no answer is not counted: most likely the store has kept it.
   */
  readonly lost: number
  /** Why the last exchange failed, as codes and names; absent while all is well. */
  readonly lastError: string | undefined
}
export interface JobWorker {
  readonly status: JobWorkerStatus
  /** There may be something to do. */
  wake(): void
  /** Works until it was stopped. Never rejects. */
  run(): Promise<void>
  /** Takes nothing more; resolves when nothing runs and the store knows of everything. */
  drain(): Promise<void>
  /** Drains, aborts after `patienceMs` (default 10,000) what still runs, releases the rest, and leaves. Never rejects. */
  stop(patienceMs?: number): Promise<void>
}
export interface JobWorkerParts {
  readonly engine: Engine
  readonly jobs: JobStore
  readonly settings: JobsSettings
  /** Types of jobs that this process can run. */
  readonly types: readonly string[]
  /** Queues that it works on. */
  readonly queues: readonly string[]
  /** Whether other processes use the store: then it has to be looked at now and then. */
  readonly isShared: boolean
  /** A run is over. It must not throw. */
  readonly onEnd?: ((job: ClaimedJob, ending: JobEnding) => void) | undefined
}

/** What others have done, should nobody tell, what runs have to say, and room that comes with time. Milliseconds. */
const pollMs = 500
const never = Number.POSITIVE_INFINITY
const retryDelay = { firstMs: 50, maxMs: 2_000 }
/** How long a stopping worker waits for its runs, then for their ends after they were aborted, then for the store. Milliseconds. */
const drainMs = 10_000
const abortMs = 1_000
const farewellMs = 5_000

export function createJobWorker(parts: JobWorkerParts): JobWorker {
  const { engine, jobs, settings, types, queues, isShared } = parts
  const { clock, alarms, ids } = engine
  const worker = ids.newId()
  const ended = { succeeded: 0, failed: 0, snoozed: 0, released: 0, cancelled: 0 }
  const wake = createWake(engine.store, alarms)
  const runs = createRuns((job, ending) => {
    ended[ending.kind]++
    parts.onEnd?.(job, ending)
    wake.ring()
  })
  let isBegun = false
  let isTaking = true
  let isLeaving = false
  let isGone = false
  let failures = 0
  let lost = 0
  let lastError: string | undefined
  /** Monotonic: when the next look is due, whatever happens, and when the store has to hear which runs go on. */
  let lookUs = 0
  let heartbeatUs = 0
  /** Monotonic: when the store is asked which runs it takes for this worker's. */
  let compareUs = never
  /** Ends that were told before, without an answer: the store may have kept them. */
  let repeated: ReadonlySet<string> = new Set()
  let whenIdle: (() => void)[] = []
  const heartbeatMs = settings.leaseMs / 3
  const hasRates = queues.some((queue) => settings.limitsOf(queue).rate !== undefined)

  const wishes = (): readonly QueueWish[] =>
    isTaking
      ? queues.flatMap((queue) => {
          const room = settings.concurrencyOf(queue) - runs.countOf(queue)
          return room > 0 ? { queue, room, types, ...settings.limitsOf(queue) } : []
        })
      : []
  const take = ({ claimed, cancelled, lost: gone, refused, hasMore, nextInUs }: JobExchanged): void => {
    runs.lose(gone)
    lost += gone.length + refused.filter((place) => !repeated.has(placeKey(place))).length
    runs.interrupt('cancelled', cancelled)
    for (const job of claimed) runs.begin(runJob(engine, job))
    const quietUs = isShared || hasRates ? pollMs * 1000 : never
    const pollUs = runs.size > 0 ? Math.min(pollMs, heartbeatMs) * 1000 : quietUs
    const idleUs = Math.min(pollUs, nextInUs ?? never)
    lookUs = clock.monotonicUs() + (hasMore && isTaking ? 0 : idleUs)
  }
  const exchange = async (): Promise<void> => {
    wake.begin()
    const nowUs = clock.monotonicUs()
    const holding = nowUs >= heartbeatUs ? runs.holding() : undefined
    const ends = runs.takeEnds()
    const reports = runs.takeReports()
    const leaseMs = isLeaving ? 0 : settings.leaseMs
    try {
      const isComparing = nowUs >= compareUs
      const strays = isComparing ? await straysOf(jobs, worker, [...runs.holding(), ...ends]) : []
      // A job that is this worker's under another number was given to it after its end was told, which the store has kept then.
      const isBack = new Set(strays.map(placeKey))
      const told = [...ends.filter((end) => !isBack.has(placeKey(end))), ...strays]
      take(await jobs.exchange({ worker, leaseMs, ends: told, reports, holding, wishes: wishes() }))
      if (holding !== undefined) heartbeatUs = nowUs + heartbeatMs * 1000
      // Once more later: what was taken for lost may still have been on its way to the store.
      if (isComparing) compareUs = failures > 0 ? nowUs + settings.leaseMs * 1000 : never
      lookUs = Math.min(lookUs, compareUs)
      failures = 0
      repeated = new Set()
      lastError = undefined
      isGone = isLeaving
    } catch (cause) {
      runs.putBack(ends)
      repeated = new Set(ends.map(placeKey))
      lastError = redactError(cause)
      // It may have been done all the same: the next one asks which runs are its own, and gives back what it does not know of.
      heartbeatUs = 0
      compareUs = 0
      lookUs = clock.monotonicUs() + backoffMs(retryDelay, ++failures, ids.random) * 1000
    }
    if (runs.size > 0 || runs.hasEnds) return
    for (const resolve of whenIdle) resolve()
    whenIdle = []
  }
  const rest = async (): Promise<void> => {
    // After a failure only time helps.
    if (failures > 0 && !isLeaving) {
      await new Promise<void>((resolve) => alarms.set(lookUs, resolve))
    } else if (!runs.hasEnds || failures > 0) await wake.until(lookUs)
  }
  const drain = (): Promise<void> => {
    isTaking = false
    // Where no loop runs, nothing does.
    if (!isBegun || isGone) return Promise.resolve()
    return new Promise((resolve) => {
      whenIdle.push(resolve)
      wake.ring()
    })
  }
  const within = (ms: number, work: Promise<unknown>): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = clock.after(ms, resolve)
    return Promise.race([work, promise]).finally(() => timer.cancel())
  }
  const stateNow = (): JobWorkerState => {
    if (isGone) return 'stopped'
    if (!isTaking) return 'draining'
    return failures > 0 ? 'retrying' : 'working'
  }
  let running: Promise<void> = Promise.resolve()
  const loop = async (): Promise<void> => {
    while (!isGone) {
      await rest()
      if (!isGone) await exchange()
    }
  }
  return {
    get status() {
      return {
        worker,
        state: stateNow(),
        running: Object.fromEntries(runs.counts),
        ended: { ...ended },
        lost,
        lastError,
      }
    },
    wake: wake.ring,
    run: () => {
      isBegun = true
      return (running = loop())
    },
    drain,
    stop: async (patienceMs = drainMs) => {
      await within(patienceMs, drain())
      runs.interrupt('stopping')
      if (runs.size > 0) await within(Math.min(abortMs, patienceMs), drain())
      runs.abandon()
      isLeaving = true
      wake.ring()
      await within(farewellMs, running)
      isGone = true
      wake[Symbol.dispose]()
    },
  }
}
