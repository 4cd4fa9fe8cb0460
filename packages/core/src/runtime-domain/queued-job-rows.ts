// A stored job as operators see it: in lists without what it was given, alone with all that may be shown.
import { flag, listOf, optional, record, text, time, whole, oneOf, number } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import { jobStates } from '../stores/job/job-state.ts'
import type { JobState } from '../stores/job/job-state.ts'
import { jobId } from '../stores/job/job.ts'
import type { JobPlace, JobRow } from '../stores/job/job.ts'
import { timeText } from '../time/clock.ts'

export interface QueuedJobRow extends JobPlace {
  readonly jobId: string
  readonly tenant: string
  readonly type: string
  readonly queue: string
  readonly priority: number
  readonly key?: string | undefined
  readonly uniqueKey?: string | undefined
  readonly state: JobState
  /** Runs begun so far, and after how many it is given up. */
  readonly attempt: number
  readonly attemptsMax: number
  readonly requeued: number
  readonly isCancelAsked: boolean
  readonly enqueuedAt: string
  readonly dueAt: string
  readonly expiresAt?: string | undefined
  readonly startedAt?: string | undefined
  readonly endedAt?: string | undefined
  readonly worker?: string | undefined
  readonly progress?: ShownProgress | undefined
  /** Why it ended: a code and a few words. */
  readonly reason?: string | undefined
  /** The id of the job that it repeats, for which it was cancelled. */
  readonly repeats?: string | undefined
  /** Of the last run that failed: codes and names. */
  readonly lastError?: string | undefined
}
interface ShownProgress {
  readonly done: number
  readonly of?: number | undefined
  readonly note?: string | undefined
}
interface ShownFailure {
  readonly attempt: number
  readonly at: string
  readonly error: string
  readonly worker?: string | undefined
}
interface ShownLine {
  readonly attempt: number
  readonly at: string
  readonly text: string
}
export interface QueuedJob extends QueuedJobRow {
  /** JSON text, fields that its contract marks replaced; absent when nobody can say what is marked. */
  readonly payload?: string | undefined
  /** The fields that were replaced; `*` when nothing is shown. */
  readonly redacted: readonly string[]
  readonly failures: readonly ShownFailure[]
  readonly lines: readonly ShownLine[]
  /** JSON text. */
  readonly result?: string | undefined
}

const rowFields = {
  commitNo: whole(),
  index: whole(),
  jobId: text(),
  tenant: text(),
  type: text(),
  queue: text(),
  priority: whole(),
  key: optional(text()),
  uniqueKey: optional(text()),
  state: oneOf(jobStates),
  attempt: whole(),
  attemptsMax: whole(),
  requeued: whole(),
  isCancelAsked: flag,
  enqueuedAt: time,
  dueAt: time,
  expiresAt: optional(time),
  startedAt: optional(time),
  endedAt: optional(time),
  worker: optional(text()),
  progress: optional(record<ShownProgress>({ done: number, of: optional(number), note: optional(text()) })),
  reason: optional(text()),
  repeats: optional(text()),
  lastError: optional(text()),
}
export const queuedJobRow: PlainSchema<QueuedJobRow> = record<QueuedJobRow>(rowFields)
export const queuedJobSchema: PlainSchema<QueuedJob> = record<QueuedJob>({
  ...rowFields,
  payload: optional(text()),
  redacted: listOf(text()),
  failures: listOf(record<ShownFailure>({ attempt: whole(), at: time, error: text(), worker: optional(text()) })),
  lines: listOf(record<ShownLine>({ attempt: whole(), at: time, text: text() })),
  result: optional(text()),
})

export function rowOfJob(job: JobRow): QueuedJobRow {
  const { commitNo, index, tenant, type, queue, priority, key, uniqueKey, state, attempt, attemptsMax, worker } = job
  const { progress, reason, repeats, requeued = 0, failures } = job.story
  return {
    commitNo,
    index,
    jobId: jobId(job),
    tenant,
    type,
    queue,
    priority,
    key,
    uniqueKey,
    state,
    attempt,
    attemptsMax,
    requeued,
    isCancelAsked: job.isCancelAsked,
    enqueuedAt: timeText(job.enqueuedAt),
    dueAt: timeText(job.dueAt),
    expiresAt: timeOf(job.expiresAt),
    startedAt: timeOf(job.startedAt),
    endedAt: timeOf(job.endedAt),
    worker,
    progress: progress && { ...progress },
    reason,
    repeats,
    lastError: failures.at(-1)?.error,
  }
}

/** What may be shown of one job. */
export type ShownJob = JobRow & Pick<QueuedJob, 'redacted'> & { readonly payload: string | undefined }

export function detailOf(job: ShownJob): QueuedJob {
  const { failures, lines, result } = job.story
  return {
    ...rowOfJob(job),
    payload: job.payload,
    redacted: [...job.redacted],
    failures: failures.map(({ at, ...failure }) => ({ ...failure, at: timeText(at) })),
    lines: lines.map(({ at, ...line }) => ({ ...line, at: timeText(at) })),
    result,
  }
}

function timeOf(us: number | undefined): string | undefined {
  return us === undefined ? undefined : timeText(us)
}
