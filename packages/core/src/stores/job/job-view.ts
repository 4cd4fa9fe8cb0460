// What a store reads before an exchange, and what it writes after: both sides of the plan.
import type { JobPlace, JobRow } from './job.ts'
import type { ArrivingJob, JobRival } from './take-in.ts'

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
  /**
   * Pending jobs of the queues that are wished for, of types that can be run, by queue, priority and number: as many as the wishes can
   * get by `stillRunning`, without those whose key has no room.
   */
  readonly ready: readonly JobRow[]
  readonly paused: ReadonlySet<string>
  /** Running jobs of queues with a limit, how many by queue and by `limitKey`: also those that this exchange ends. */
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
