// Tells processes what became a dead letter of what they have sent. It looks at the jobs themselves, so it does not matter how they died.
import type { Alarms } from '../time/alarms.ts'
import { jobId } from '../stores/job/job.ts'
import type { JobRow } from '../stores/job/job.ts'
import type { JobStore } from '../stores/job/job-store.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { processManagerOf } from '../process-managers/process.ts'
import type { ProcessManagerParts } from '../process-managers/process-manager-parts.ts'
import { SendCommand } from '../process-managers/sent-jobs.ts'
import type { SendData } from '../process-managers/sent-jobs.ts'
import type { SentFailed } from '../process-managers/process-manager.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { pause } from '../time/unless-aborted.ts'
import type { TellProcess } from './process-reactions.ts'

export interface FailureWatch {
  readonly managers: ReadonlyMap<string, ProcessManagerParts>
  readonly jobs: JobStore
  readonly store: Pick<EventStore, 'get'>
  readonly alarms: Alarms
  readonly tell: TellProcess
}

const lookMs = 1_000
const pageJobs = 100

/** Looks every second until the signal aborts. Never rejects: what cannot be told now is told at the next look. */
export async function watchFailures(watch: FailureWatch, stop: AbortSignal): Promise<void> {
  const { managers, jobs, alarms } = watch
  const awaited = [...managers.values()].flatMap(({ failures }) => [...failures.keys()])
  const types = new Set(awaited.map((name) => (name.startsWith('job:') ? name.slice(4) : SendCommand.type)))
  let told: ReadonlySet<string> = new Set()
  while (!stop.aborted) {
    const found = new Set<string>()
    for (const type of types) {
      for (let cursor: string | undefined; !stop.aborted;) {
        const page = await jobs
          .list({ states: ['dead_letter'], type }, { limit: pageJobs, cursor })
          .catch(() => undefined)
        for (const row of page?.items ?? []) {
          const name = nameOf(row)
          const isTold = told.has(name) || (await tellFailure(watch, row, stop).catch(() => false))
          if (isTold) found.add(name)
        }
        cursor = page?.cursor
        if (cursor === undefined) break
      }
    }
    told = found
    await pause(alarms.clock, lookMs, stop).catch(() => undefined)
  }
}

/** A job that was requeued and died again has another name. */
function nameOf({ tenant, commandId, index, story }: JobRow): string {
  return JSON.stringify([tenant, commandId, index, story.requeued ?? 0])
}

/** Whether there is nothing more to be told of it. */
async function tellFailure(
  { managers, jobs, store, tell }: FailureWatch,
  row: JobRow,
  signal: AbortSignal,
): Promise<boolean> {
  const { tenant, commandId, index, type, attempt, story } = row
  // The first event of the commit that has stored the job is the step of the process, if one has.
  const step = await store.get({ tenant, commandId, index: 0 })
  const manager = managers.get(processManagerOf(step?.aggregateType ?? '') ?? '')
  if (step === undefined || manager === undefined) return true
  const job = await jobs.get(tenant, commandId, index)
  if (job === undefined) return true
  const input: unknown = JSON.parse(job.data)
  const isCommand = type === SendCommand.type
  const { type: command, data } = input as SendData
  const name = isCommand ? `command:${command}` : `job:${type}`
  if (!manager.failures.has(name)) return true
  const id = jobId(row)
  const context: RequestContext = { ...(JSON.parse(job.context) as RequestContext), causationId: id }
  const failed: SentFailed<unknown> = {
    data: isCommand ? data : input,
    error: story.failures.at(-1)?.error ?? story.reason ?? 'unknown',
    attempts: attempt,
  }
  const happened = { kind: 'failed', name, told: failed } as const
  const occasion = ['failed', tenant, id, story.requeued ?? 0]
  const reaction = await tell(manager, { key: step.aggregateId, cause: id, context, signal, occasion, happened })
  return reaction === 'done'
}
