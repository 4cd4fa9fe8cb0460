// Stored jobs for operators: what waits, runs and was given up, and what they do about it. (`Runtime.JobList` names the contracts.)
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { listOf, oneOf, optional, record, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import { jobStates } from '../stores/job/job-state.ts'
import type { JobState } from '../stores/job/job-state.ts'
import type { JobPlace } from '../stores/job/job.ts'
import type { JobAction, JobFilter } from '../stores/job/job-store.ts'
import { introspecting } from './introspecting.ts'
import { detailOf, queuedJobRow, queuedJobSchema, rowOfJob } from './queued-job-rows.ts'
import type { QueuedJob, QueuedJobRow } from './queued-job-rows.ts'
import type { RateLimit } from './rate-limit.ts'
import { guarded } from './store-guard.ts'
import { askedPage, name, pageFields, reason, shownPage, storeChange, storePage, tenant } from './store-pages.ts'
import type { StoreChange, StorePage, StorePageInput } from './store-pages.ts'

/** Which jobs; each part that is there narrows. */
interface JobsWanted {
  readonly states?: readonly JobState[] | undefined
  readonly queue?: string | undefined
  readonly tenant?: string | undefined
  readonly type?: string | undefined
  readonly key?: string | undefined
}
export interface QueuedJobQuestion extends StorePageInput, JobsWanted {}
export interface OneJob {
  readonly jobId: string
  /** Default: that of an app without tenants. */
  readonly tenant?: string | undefined
}
export interface FoundJob {
  /** Absent when there is none, or it was forgotten. */
  readonly job?: QueuedJob | undefined
}
const jobActions = ['cancel', 'requeue', 'discard', 'hurry'] as const
/** Either `jobs`, the places of those that were listed, or `filter`, which narrows by something. */
export interface JobControlInput {
  readonly action: JobAction
  /** At most 1,000. */
  readonly jobs?: readonly JobPlace[] | undefined
  readonly filter?: JobsWanted | undefined
  readonly reason: string
}

const wanted = {
  states: optional(listOf(oneOf(jobStates), 10)),
  queue: optional(name),
  tenant: optional(tenant),
  type: optional(name),
  key: optional(name),
}
const place: PlainSchema<JobPlace> = record<JobPlace>({ commitNo: whole(1), index: whole() })

export const QueuedJobListQuery: QueryContract<
  'Runtime.QueuedJobList',
  QueuedJobQuestion,
  StorePage<QueuedJobRow>
> = query('Runtime.QueuedJobList', {
  description: 'See the stored jobs of all tenants, newest first, without what they were given.',
  input: record<QueuedJobQuestion>({ ...pageFields, ...wanted }),
  result: storePage(queuedJobRow),
})
export const QueuedJobQuery: QueryContract<'Runtime.QueuedJob', OneJob, FoundJob> = query('Runtime.QueuedJob', {
  description: 'See one stored job: what it was given, its failures, its lines and its result.',
  input: record<OneJob>({ jobId: name, tenant: optional(tenant) }),
  result: record<FoundJob>({ job: optional(queuedJobSchema) }),
})
export const ControlJob: CommandContract<'Runtime.ControlJob', JobControlInput, StoreChange> = command(
  'Runtime.ControlJob',
  {
    description: 'Cancel, requeue, discard and hurry stored jobs.',
    input: record<JobControlInput>({
      action: oneOf(jobActions),
      jobs: optional(listOf(place, 1_000)),
      filter: optional(record<JobsWanted>(wanted)),
      reason,
    }),
    result: storeChange,
    audited: true,
  },
)

export type QueuedJobContract = typeof QueuedJobListQuery | typeof QueuedJobQuery | typeof ControlJob

export function queuedJobHandlers(rate: RateLimit): readonly Handler<QueuedJobContract>[] {
  return [
    introspecting(QueuedJobListQuery, (app) => async (asked) => {
      return shownPage(await app.jobs.list(filterOf(asked), askedPage(asked)), rowOfJob)
    }),
    guarded(
      QueuedJobQuery,
      rate,
      (asked) => ({ resource: `job/${asked.tenant ?? ''}/${asked.jobId}` }),
      async ({ jobs }, asked) => {
        const found = await jobs.get(asked.jobId, asked.tenant)
        return found === undefined ? {} : { job: detailOf(found) }
      },
    ),
    guarded(
      ControlJob,
      rate,
      (asked) => ({ resource: `job/${asked.action}`, reason: `${asked.reason}: ${whichText(asked)}`.slice(0, 1_024) }),
      async ({ jobs }, asked) => ({
        changed: await jobs.change({ action: asked.action, which: whichOf(asked), reason: asked.reason }),
      }),
    ),
  ]
}

function filterOf({ states, queue, tenant: of, type, key }: JobsWanted): JobFilter {
  return { states, queue, tenant: of, type, key }
}

/** Errors: `invalid_input` for both, neither, and a filter that lets everything pass: nobody means all jobs of all tenants by leaving out words. */
function whichOf({ jobs, filter }: JobControlInput): readonly JobPlace[] | JobFilter {
  if (jobs !== undefined && filter === undefined) return jobs
  if (jobs === undefined && filter !== undefined && Object.values(filter).some((part) => part !== undefined))
    return filterOf(filter)
  throw new GestaError(
    'invalid_input',
    'Expected jobs, a list of places, or filter, which names states, a queue, a tenant, a type or a key; one of the two. Say which jobs are meant.',
    { facts: { violations: [{ path: 'jobs', reason: 'expected either jobs or a filter that narrows' }] } },
  )
}

/** For the audit log. */
function whichText(asked: JobControlInput): string {
  return JSON.stringify(asked.jobs?.map(({ commitNo, index }) => `${commitNo}.${index}`) ?? asked.filter ?? {})
}
