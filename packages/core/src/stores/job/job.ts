// A job as a store keeps it: the terms under which it was stored, and what has become of it since.
import type { JobState } from './job-state.ts'

/** Place of a job in the order: the commit's number, and the job's index among those of the commit. */
export interface JobPlace {
  readonly commitNo: number
  readonly index: number
}
/** How a job wants to be run, as it is stored beside its payload. Times are microseconds UTC. */
export interface JobTerms {
  readonly queue: string
  /** 0 to 9; lower ones go first. */
  readonly priority: number
  /** Not before this time; absent: at once. */
  readonly dueAt?: number | undefined
  /** Not begun after this time. */
  readonly expiresAt?: number | undefined
  /** What limits per key count by. */
  readonly key?: string | undefined
  readonly unique?: JobUniqueness | undefined
  /** Runs after which it is given up, from 1. */
  readonly attemptsMax: number
}
/** A job is a repetition, and ends as `cancelled`, while another one of its tenant with the same key is in one of the states. */
export interface JobUniqueness {
  readonly key: string
  /** Only jobs that were stored so many microseconds before; absent: however long before. */
  readonly withinUs?: number | undefined
  /** Absent: all unfinished ones. */
  readonly states?: readonly JobState[] | undefined
}

/** A run that failed. */
export interface JobFailure {
  /** Which run, from 1. */
  readonly attempt: number
  /** Microseconds UTC. */
  readonly at: number
  /** Codes and names along the chain of causes, without messages. */
  readonly error: string
  readonly worker: string | undefined
}
/** A line that a run has left. */
export interface JobLine {
  readonly at: number
  readonly attempt: number
  readonly text: string
}
/** What a run says of how far it is. */
export interface JobProgress {
  readonly done: number
  readonly of: number | undefined
  readonly note: string | undefined
}
/** What is kept of a job for people; as one JSON text in stores. */
export interface JobStory {
  /** The oldest are left out beyond `failuresMax`. */
  readonly failures: readonly JobFailure[]
  /** The oldest are left out beyond `linesMax`. */
  readonly lines: readonly JobLine[]
  readonly progress?: JobProgress | undefined
  /** JSON text. */
  readonly result?: string | undefined
  /** Why it was cancelled, expired or given up: a code and a few words. */
  readonly reason?: string | undefined
  /** The id of the job that it repeats, for which it was cancelled when it was taken in; absent: it is no repetition. */
  readonly repeats?: string | undefined
  /** How often it was requeued. */
  readonly requeued?: number | undefined
}
export const failuresMax = 100
export const linesMax = 200
export const emptyStory: JobStory = { failures: [], lines: [] }

/** A job and what has become of it, without its payload. */
export interface JobRow extends JobPlace {
  readonly tenant: string
  /** Of the command that stored it; the job's id is `<command id>.j<index>`. */
  readonly commandId: string
  readonly type: string
  readonly queue: string
  readonly priority: number
  readonly key: string | undefined
  readonly uniqueKey: string | undefined
  readonly attemptsMax: number
  readonly state: JobState
  /**
   * A number that grows with every step: pending jobs of one priority go in its order, and a run is known by it (the fencing token), so
   * that one which was given to somebody else can settle nothing.
   */
  readonly no: number
  /** Runs begun so far. */
  readonly attempt: number
  /** Microseconds UTC, like all times: when its command was recorded. */
  readonly enqueuedAt: number
  /** Since when it may run. */
  readonly dueAt: number
  readonly expiresAt: number | undefined
  /** Who runs it, or ran it last. */
  readonly worker: string | undefined
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  /** Its run shall end. */
  readonly isCancelAsked: boolean
  readonly story: JobStory
}
/** A job that was claimed, with what it takes to run it. */
export interface ClaimedJob extends JobRow {
  /** Exact JSON text. */
  readonly data: string
  /** JSON text of the request context of the command that stored it. */
  readonly context: string
}

/** The id of a job, as traces and records have it. */
export function jobId({ commandId, index }: { readonly commandId: string; readonly index: number }): string {
  return `${commandId}.j${index}`
}
