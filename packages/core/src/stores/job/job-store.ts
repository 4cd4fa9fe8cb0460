// The job store: jobs that commits have stored, until they have ended and are forgotten. Jobs are added by commits alone; this port takes
// them in, hands them to workers, settles what these did, and is what operators look at and change.
import type { Page, PageRequest, Store } from '../store.ts'
import type { ClaimedJob, JobLine, JobPlace, JobProgress, JobRow } from './job.ts'
import type { JobState } from './job-state.ts'

/** A run, by the number under which its job was claimed. */
export interface JobRun extends JobPlace {
  readonly no: number
}
/** How a run ended. Times are microseconds from the store's now. */
export type JobEnding =
  | { readonly kind: 'succeeded'; readonly result?: string | undefined }
  /** `retryInUs` absent: it is given up at once. Beyond `attemptsMax` it is given up anyway. */
  | { readonly kind: 'failed'; readonly error: string; readonly retryInUs?: number | undefined }
  | { readonly kind: 'snoozed'; readonly forUs: number }
  /** It was not begun, or can be begun again: the run does not count. */
  | { readonly kind: 'released' }
  | { readonly kind: 'cancelled'; readonly reason: string }
export interface JobEnd extends JobRun {
  readonly ending: JobEnding
  /** Lines and progress since the last report. */
  readonly lines?: readonly JobLine[] | undefined
  readonly progress?: JobProgress | undefined
}
/** What a run that goes on has to say. */
export interface JobReport extends JobRun {
  readonly lines?: readonly JobLine[] | undefined
  readonly progress?: JobProgress | undefined
}
/** What a worker would take of one queue, and the limits of the queue over all processes. */
export interface QueueWish {
  readonly queue: string
  /** Jobs that it has room for now, 0 to 10,000. */
  readonly room: number
  /** The types that it can run; those of others are left alone. */
  readonly types: readonly string[]
  /** Jobs of the queue that run at once, in all processes. */
  readonly runningMax?: number | undefined
  /** Jobs of one key of a tenant that run at once, in all processes; those without a key are not limited. */
  readonly runningPerKeyMax?: number | undefined
  /** Jobs of the queue that are begun in any `periodUs`, in all processes. */
  readonly rate?: { readonly max: number; readonly periodUs: number } | undefined
}
export interface JobExchange {
  /** Unique among processes, such as a random id. */
  readonly worker: string
  /** Milliseconds from now on after which the worker is held to be gone, and its runs are given to others. 0: it leaves. */
  readonly leaseMs: number
  readonly ends: readonly JobEnd[]
  readonly reports: readonly JobReport[]
  /** Runs that it goes on with; the answer says which of them are no longer its own. Absent: it does not ask. */
  readonly holding?: readonly JobRun[] | undefined
  readonly wishes: readonly QueueWish[]
}
export interface JobExchanged {
  /** In the order in which they should be begun. */
  readonly claimed: readonly ClaimedJob[]
  /** Ends that came too late: another run has the job. Nothing of them was kept. */
  readonly refused: readonly JobPlace[]
  /** Runs it holds, or held, that are not its own any more. */
  readonly lost: readonly JobPlace[]
  /** Runs of its own that somebody wants to end. */
  readonly cancelled: readonly JobPlace[]
  /** There is more to do at once: jobs that were not taken in or looked at yet. */
  readonly hasMore: boolean
  /** Microseconds from now until the next job is due, or another worker may turn out to be gone; absent: nothing waits for a time. */
  readonly nextInUs: number | undefined
}

export interface JobFilter {
  readonly states?: readonly JobState[] | undefined
  readonly queue?: string | undefined
  readonly tenant?: string | undefined
  readonly type?: string | undefined
  readonly key?: string | undefined
}
/** What somebody wants of jobs; those that cannot be changed so are left alone. */
export type JobAction =
  /** Unfinished ones: not begun, or told to end. */
  | 'cancel'
  /** Dead letters, cancelled and expired ones: run again, with all their attempts. */
  | 'requeue'
  /** Dead letters: given up for good. */
  | 'discard'
  /** Those that wait for a time: due now. */
  | 'hurry'
export interface JobChange {
  readonly action: JobAction
  readonly which: readonly JobPlace[] | JobFilter
  /** A few words, kept with jobs that end by it. */
  readonly reason?: string | undefined
}
export interface QueueState {
  readonly queue: string
  readonly isPaused: boolean
  /** By state, of unfinished and given-up jobs; states without jobs are absent. */
  readonly counts: { readonly [State in JobState]?: number | undefined }
  /** Microseconds since the oldest pending job could have run; absent: none is pending. */
  readonly oldestPendingUs: number | undefined
}

/**
 * Order: pending jobs of a queue are claimed by priority, and then in the order in which they became pending; limits let later ones pass.
 * Atomicity: an exchange is kept as a whole or not at all; a commit's jobs are there with the commit. A change of many jobs may be kept
 * step by step, each step as a whole: asked for again after a failure, it changes the rest.
 * Concurrency: any number of processes; a job is claimed by one of them, and limits hold over all.
 * Durability: a change is kept like a commit. The last exchanges before a power cut may be lost: their jobs then run again.
 * Time: the database's. Incarnation: goes back with the log; a `fork` or `reset` of the log leaves nothing that is not in it.
 * Errors: `store_*`; `invalid_key`, `invalid_cursor`; a plain `RangeError` for numbers that are none.
 * Reference: docs/reference/job-store.md.
 */
export interface JobStore extends Store {
  /** The one step of a worker: renews its lease, settles, takes in new jobs, ends what was lost or is too late, and claims. */
  exchange(request: JobExchange): Promise<JobExchanged>
  /** Jobs, newest first. Those that nobody has taken in yet are shown as they would be taken in now, unique keys apart. */
  list(filter: JobFilter, page?: PageRequest): Promise<Page<JobRow>>
  /** How many jobs the filter finds. */
  total(filter?: JobFilter): Promise<number>
  /** One job with its payload; absent when there is none, or it was forgotten. */
  get(tenant: string, commandId: string, index: number): Promise<ClaimedJob | undefined>
  /** Does what somebody wants; how many jobs it has changed. */
  change(change: JobChange): Promise<number>
  /** Takes nothing more from a queue, in all processes, until it is resumed. What runs goes on. */
  pause(queue: string, isPaused: boolean): Promise<void>
  /** Queues that have unfinished or given-up jobs, or are paused, by name. */
  queues(): Promise<readonly QueueState[]>
  /** Forgets jobs that ended before a time, with their payloads, `limit` (1 to 10,000) at most; how many. Unfinished ones stay. */
  prune(request: {
    readonly states: readonly JobState[]
    readonly endedBeforeUs: number
    readonly limit: number
  }): Promise<number>
}
