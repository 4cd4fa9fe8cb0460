// A job that arrives: what is kept of it from now on, and whether it repeats another one.
import { emptyStory, jobId } from './job.ts'
import type { JobPlace, JobRow, JobTerms } from './job.ts'
import { isUnfinished } from './job-state.ts'

/** A job that no exchange has taken in yet. */
export interface ArrivingJob extends JobPlace {
  readonly tenant: string
  readonly commandId: string
  readonly type: string
  readonly terms: JobTerms
  readonly enqueuedAt: number
}
/** A job that holds a unique key. */
export type JobRival = Pick<JobRow, 'tenant' | 'uniqueKey' | 'state' | 'enqueuedAt' | 'commandId' | 'index'>

/** A job that arrives, as it is kept from now on. `holders`: by `uniqueName`; without them it is no repetition. */
export function takenIn(
  job: ArrivingJob,
  nowUs: number,
  no: number,
  holders: ReadonlyMap<string, readonly JobRival[]> = new Map(),
): JobRow {
  const { commitNo, index, tenant, commandId, type, terms, enqueuedAt } = job
  const { queue, priority, key, unique, attemptsMax, dueAt = enqueuedAt, expiresAt } = terms
  const row: JobRow = {
    commitNo,
    index,
    tenant,
    commandId,
    type,
    queue,
    priority,
    key,
    attemptsMax,
    no,
    enqueuedAt,
    dueAt,
    expiresAt,
    uniqueKey: unique?.key,
    state: dueAt > nowUs ? 'scheduled' : 'pending',
    attempt: 0,
    worker: undefined,
    startedAt: undefined,
    endedAt: undefined,
    isCancelAsked: false,
    story: emptyStory,
  }
  if (isLate(row, nowUs)) return expired(row, nowUs)
  if (unique === undefined) return row
  const first = (holders.get(uniqueName(tenant, unique.key)) ?? []).find(
    (rival) =>
      (unique.states?.includes(rival.state) ?? isUnfinished(rival.state)) &&
      (unique.withinUs === undefined || enqueuedAt - rival.enqueuedAt < unique.withinUs),
  )
  if (first === undefined) return row
  const repeats = jobId(first)
  return ended({ ...row, story: { ...row.story, repeats } }, 'cancelled', `It repeats ${repeats}.`, nowUs)
}

/** Jobs that take part in a comparison of unique keys, by tenant and key. */
export function holdersOf(rivals: readonly JobRival[]): Map<string, JobRival[]> {
  const holders = new Map<string, JobRival[]>()
  for (const rival of rivals) addHolder(holders, rival)
  return holders
}
export function addHolder(holders: Map<string, JobRival[]>, rival: JobRival): void {
  if (rival.uniqueKey === undefined) return
  const name = uniqueName(rival.tenant, rival.uniqueKey)
  const known = holders.get(name)
  if (known === undefined) holders.set(name, [rival])
  else known.push(rival)
}

/** A job that waits, and that may not be begun any more. */
export function isLate({ state, expiresAt }: Pick<JobRow, 'state' | 'expiresAt'>, nowUs: number): boolean {
  return expiresAt !== undefined && expiresAt <= nowUs && state !== 'running' && isUnfinished(state)
}
export function expired(row: JobRow, nowUs: number): JobRow {
  return ended(row, 'expired', 'It was not begun in time.', nowUs)
}

function ended(row: JobRow, state: 'cancelled' | 'expired', reason: string, nowUs: number): JobRow {
  return { ...row, state, endedAt: nowUs, isCancelAsked: false, story: { ...row.story, reason } }
}
function uniqueName(tenant: string, key: string): string {
  return JSON.stringify([tenant, key])
}
