// Tells processes what became a dead letter of what they have sent. It looks at the jobs themselves, so it does not matter how they died.
import { decode } from '../codec/json.ts'
import { isAway } from '../dispatch/away.ts'
import { redactError } from '../errors/redact-error.ts'
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

/** A dead letter that this process cannot take to its process manager. */
export interface UntoldFailure {
  readonly processManager: string
  readonly tenant: string
  /** Names the process. */
  readonly key: string
  /** The dead letter. */
  readonly jobId: string
  /** How often it was tried since this process has begun. */
  readonly attempts: number
  /** What went wrong last, as codes and names. */
  readonly error: string
}
export interface FailureWatch {
  readonly managers: ReadonlyMap<string, ProcessManagerParts>
  readonly jobs: JobStore
  readonly store: Pick<EventStore, 'get'>
  readonly alarms: Alarms
  readonly tell: TellProcess
  /** Given what could not be told, after each look. */
  readonly onLook: (untold: readonly UntoldFailure[]) => void
}
/** What is known of a dead letter here. */
interface Known {
  /** Monotonic: when it is told again; never, when nothing is left to be told. */
  readonly againUs: number
  readonly failures: number
  readonly untold?: UntoldFailure | undefined
}

const lookMs = 1_000
/** A look reads all dead letters of its types: where they are many, it is had as much more seldom as reading them takes longer. */
const restPerLook = 20
const pageJobs = 100
/** Each try in vain leaves a line in the command log, but for those that did not get so far. */
const retryDelay = { firstMs: 1_000, maxMs: 300_000 }
const awayDelay = { ...retryDelay, maxMs: 10_000 }

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
    let tellingUs = 0
    for (const type of types) {
      for (let cursor: string | undefined; !stop.aborted;) {
        const page = await jobs
          .list({ states: ['dead_letter'], type }, { limit: pageJobs, cursor })
          .catch(() => undefined)
        const nowUs = clock.monotonicUs()
        const tellOne = async (row: JobRow): Promise<void> => {
          const name = nameOf(row)
          const before = known.get(name) ?? { againUs: 0, failures: 0 }
          found.set(name, before.againUs <= nowUs ? await told(watch, row, before.failures, stop) : before)
        }
        // A page at once: those of other processes share their commits, those of one process take their turns.
        await Promise.all((page?.items ?? []).map(tellOne))
        tellingUs += clock.monotonicUs() - nowUs
        isWhole &&= page !== undefined
        cursor = page?.cursor
        if (cursor === undefined) break
      }
    }
    known = isWhole ? found : new Map([...known, ...found])
    watch.onLook([...known.values()].flatMap(({ untold }) => untold ?? []))
    const tookMs = (clock.monotonicUs() - begunUs - tellingUs) / 1000
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
  let whose = { processManager: '', key: '' }
  try {
    // The first event of the commit that has stored the job is the step of the process, if one has.
    const step = await watch.store.get({ tenant: row.tenant, commandId: row.commandId, index: 0 })
    const manager = watch.managers.get(processManagerOf(step?.aggregateType ?? '') ?? '')
    if (step === undefined || manager === undefined) return over
    whose = { processManager: manager.name, key: step.aggregateId }
    const reaction = await tellFailure(watch, manager, whose.key, row, stop)
    return reaction === 'waiting' ? { againUs: after(waitingMs), failures: 0 } : over
  } catch (cause) {
    const attempts = failures + 1
    const againUs = after(longestBackoffMs(isAway(cause) ? awayDelay : retryDelay, attempts))
    const untold = { ...whose, tenant: row.tenant, jobId: jobId(row), attempts, error: redactError(cause) }
    return { againUs, failures: attempts, untold }
  }
}
const over: Known = { againUs: Number.POSITIVE_INFINITY, failures: 0 }

async function tellFailure(
  { jobs, tell }: FailureWatch,
  manager: ProcessManagerParts,
  key: string,
  row: JobRow,
  signal: AbortSignal,
): Promise<Reaction> {
  const { tenant, commandId, index, type, attempt, story } = row
  const job = await jobs.get(tenant, commandId, index)
  if (job === undefined) return 'done'
  const input = decode(job.data)
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
  return tell(manager, { key, cause: id, context: contextOfJob(job), signal, occasion, happened })
}
