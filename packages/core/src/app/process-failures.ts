// Tells processes what became a dead letter of what they have sent. It looks at the jobs themselves, so it does not matter how they died.
import type { Alarms } from '../time/alarms.ts'
import { jobId } from '../stores/job/job.ts'
import type { JobRow } from '../stores/job/job.ts'
import type { JobStore } from '../stores/job/job-store.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { contextOfJob } from '../queue/job-context.ts'
import { processManagerOf } from '../process-managers/process.ts'
import type { ProcessManagerParts } from '../process-managers/process-manager-parts.ts'
import type { Reaction } from '../process-managers/react.ts'
import { SendCommand } from '../process-managers/sent-jobs.ts'
import type { SendData } from '../process-managers/sent-jobs.ts'
import type { SentFailed } from '../process-managers/process-manager.ts'
import { longestBackoffMs } from '../time/backoff.ts'
import { pause } from '../time/unless-aborted.ts'
import { waitingMs } from './process-jobs.ts'
import type { TellProcess } from './process-reactions.ts'

export interface FailureWatch {
  readonly managers: ReadonlyMap<string, ProcessManagerParts>
  readonly jobs: JobStore
  readonly store: Pick<EventStore, 'get'>
  readonly alarms: Alarms
  readonly tell: TellProcess
}
/** What is known of a dead letter here. */
interface Known {
  /** Monotonic: when it is told again; never, when nothing is left to be told. */
  readonly againUs: number
  readonly failures: number
}

const lookMs = 1_000
/** A look reads all dead letters of its types: where they are many, it is had as much more seldom as it takes longer. */
const restPerLook = 20
const pageJobs = 100
/** Each try in vain leaves a line in the command log. */
const retryDelay = { firstMs: 1_000, maxMs: 300_000 }

/** Looks every second until the signal aborts. Never rejects: what cannot be told now is told later. */
export async function watchFailures(watch: FailureWatch, stop: AbortSignal): Promise<void> {
  const { managers, jobs, alarms } = watch
  const { clock } = alarms
  const awaited = [...managers.values()].flatMap(({ failures }) => [...failures.keys()])
  const types = new Set(awaited.map((name) => (name.startsWith('job:') ? name.slice(4) : SendCommand.type)))
  let known: ReadonlyMap<string, Known> = new Map()
  while (!stop.aborted) {
    const begunUs = clock.monotonicUs()
    const found = new Map<string, Known>()
    let isWhole = true
    for (const type of types) {
      for (let cursor: string | undefined; !stop.aborted;) {
        const page = await jobs
          .list({ states: ['dead_letter'], type }, { limit: pageJobs, cursor })
          .catch(() => undefined)
        for (const row of page?.items ?? []) {
          const name = nameOf(row)
          const { againUs, failures } = known.get(name) ?? { againUs: 0, failures: 0 }
          const isDue = againUs <= clock.monotonicUs()
          found.set(name, isDue ? await told(watch, row, failures, stop) : { againUs, failures })
        }
        isWhole &&= page !== undefined
        cursor = page?.cursor
        if (cursor === undefined) break
      }
    }
    known = isWhole ? found : new Map([...known, ...found])
    const tookMs = (clock.monotonicUs() - begunUs) / 1000
    await pause(clock, Math.max(lookMs, tookMs * restPerLook), stop).catch(() => undefined)
  }
}

/** A job that was requeued and died again has another name. */
function nameOf({ tenant, commandId, index, story }: JobRow): string {
  return JSON.stringify([tenant, commandId, index, story.requeued ?? 0])
}

async function told(watch: FailureWatch, row: JobRow, failures: number, stop: AbortSignal): Promise<Known> {
  const { clock } = watch.alarms
  const after = (ms: number): number => clock.monotonicUs() + ms * 1000
  try {
    const reaction = await tellFailure(watch, row, stop)
    return { againUs: reaction === 'waiting' ? after(waitingMs) : Number.POSITIVE_INFINITY, failures: 0 }
  } catch {
    return { againUs: after(longestBackoffMs(retryDelay, failures + 1)), failures: failures + 1 }
  }
}

async function tellFailure(
  { managers, jobs, store, tell }: FailureWatch,
  row: JobRow,
  signal: AbortSignal,
): Promise<Reaction> {
  const { tenant, commandId, index, type, attempt, story } = row
  // The first event of the commit that has stored the job is the step of the process, if one has.
  const step = await store.get({ tenant, commandId, index: 0 })
  const manager = managers.get(processManagerOf(step?.aggregateType ?? '') ?? '')
  if (step === undefined || manager === undefined) return 'done'
  const job = await jobs.get(tenant, commandId, index)
  if (job === undefined) return 'done'
  const input: unknown = JSON.parse(job.data)
  const isCommand = type === SendCommand.type
  const { type: command, data } = input as SendData
  const name = isCommand ? `command:${command}` : `job:${type}`
  if (!manager.failures.has(name)) return 'done'
  const id = jobId(row)
  const failed: SentFailed<unknown> = {
    data: isCommand ? data : input,
    error: story.failures.at(-1)?.error ?? story.reason ?? 'unknown',
    attempts: attempt,
  }
  const happened = { kind: 'failed', name, told: failed } as const
  const occasion = ['failed', tenant, id, story.requeued ?? 0]
  return tell(manager, { key: step.aggregateId, cause: id, context: contextOfJob(job), signal, occasion, happened })
}
