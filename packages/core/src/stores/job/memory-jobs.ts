// What the log in memory keeps of jobs: the commit adds them, the job store does the rest.
import type { Commit, Receipt } from '../commit.ts'
import { decodeTerms } from './job-terms.ts'
import type { JobRow } from './job.ts'
import type { ArrivingJob } from './take-in.ts'

export interface StoredJob {
  readonly job: ArrivingJob
  readonly data: string
  readonly context: string
}
export interface MemoryJobs {
  /** By place, in order. */
  readonly stored: Map<string, StoredJob>
  /** Places of those that nobody has taken in. */
  arriving: string[]
  /** What has become of those that were taken in, by place: unfinished ones, and those that have ended. */
  readonly rows: Map<string, JobRow>
  readonly ended: Map<string, JobRow>
  no: number
  /** Until when each worker is held to be there, microseconds. */
  readonly workers: Map<string, number>
  readonly paused: Set<string>
  /** When jobs of queues with a rate were begun. */
  begun: readonly { readonly queue: string; readonly at: number; readonly count: number }[]
}

/** @param no the last number that was given before: also after a reset none is given twice */
export function createMemoryJobs(no = 0): MemoryJobs {
  return {
    stored: new Map(),
    arriving: [],
    rows: new Map(),
    ended: new Map(),
    no,
    workers: new Map(),
    paused: new Set(),
    begun: [],
  }
}

export function addJobs({ stored, arriving }: MemoryJobs, commit: Commit, { commitNo }: Receipt): void {
  const { tenant, commandId, context, recordedAt: enqueuedAt } = commit
  for (const [index, { type, data, terms }] of commit.jobs.entries()) {
    const place = `${commitNo}.${index}`
    const job = { commitNo, index, tenant, commandId, type, terms: decodeTerms(terms), enqueuedAt }
    stored.set(place, { job, data, context })
    arriving.push(place)
  }
}
