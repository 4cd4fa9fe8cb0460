// What the handler of a job may do: read, ask, send commands, and say how far it is.
import type { SentOptions } from '../dispatch/options.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { JobAnswer, JobContext } from '../dispatch/handler.ts'
import { queryContext } from '../dispatch/query.ts'
import type { Sending } from '../dispatch/sending.ts'
import { dispatchInRounds, sentCommandId } from '../dispatch/sent-command.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkWhole } from '../stores/check-text.ts'
import { senderOf } from '../stores/job/job-sender.ts'
import { jobId } from '../stores/job/job.ts'
import type { ClaimedJob } from '../stores/job/job.ts'
import type { Deadline } from '../time/deadline.ts'
import { snoozeMsMax } from './job-ending.ts'
import type { Telling } from './telling.ts'

export interface JobScope {
  readonly engine: Engine
  readonly job: ClaimedJob
  /** What it does, it does on behalf of this. */
  readonly context: RequestContext
  readonly sending: Sending
  readonly telling: Telling
  readonly limit: Deadline
  /** Of the run: ends what it sends. */
  readonly signal: AbortSignal
}

/** On behalf of who stored the job, in the tenant that it lies in, with the job as the cause. */
export function contextOfJob(job: ClaimedJob): RequestContext {
  const { tenant, commandId } = job
  const stored = senderOf(job.context)
  return {
    ...stored,
    ...(tenantOf(stored) === tenant ? undefined : { targetTenant: tenant }),
    correlationId: stored.correlationId ?? commandId,
    causationId: jobId(job),
  }
}

export function jobContext({ engine, job, context, sending, telling, limit, signal }: JobScope): JobContext {
  const id = jobId(job)
  const asking = { role: engine.role, after: undefined, deadline: limit, metadata: undefined }
  let sent = 0
  const own: Pick<JobContext, 'jobId' | 'attempt' | 'dispatch' | 'progress' | 'log' | 'snooze' | 'giveUp'> = {
    jobId: id,
    attempt: job.attempt,
    dispatch: (command, options: SentOptions = {}) => {
      const sender = ['job', job.tenant, id, sent++]
      const idOf = (round: number): string => sentCommandId(engine.store.identity, sender, round)
      const given = { ...options, context: { ...context, ...options.context }, signal }
      return sending.send(command.type, () => dispatchInRounds(engine, command, given, idOf)) as never
    },
    progress: (done, of, note) => telling.progress(done, of, note),
    log: (text) => telling.log(text),
    snooze: (forMs): JobAnswer => {
      checkWhole(forMs, 'time of a snoozed job', 0, snoozeMsMax)
      return { jobAnswer: 'snooze', forMs }
    },
    giveUp: (reason): JobAnswer => ({ jobAnswer: 'give_up', reason }),
  }
  return Object.assign(queryContext(engine, context, asking), own)
}
