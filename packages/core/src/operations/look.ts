// One look at a running app: everything that metrics and operational events are made of, read at one moment.
import type { AuditStatus } from '../audit/app-audit.ts'
import type { CacheState } from '../cache/cache.ts'
import type { CommandLogStatus } from '../command-log/command-log-status.ts'
import type { ConfigStatus } from '../config/config.ts'
import type { OutboxRelayStatus } from '../delivery/outbox-relay.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { ReadModelStatus } from '../pump/read-model-status.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import type { JobWorkerStatus } from '../queue/worker.ts'
import type { QueueState } from '../stores/job/job-store.ts'
import type { Clock } from '../time/clock.ts'

/** Messages on their way out. */
interface LookedOutbox {
  readonly waiting: number
  readonly dead: number
  readonly commitsBehind: number
  /** Microseconds UTC: when the oldest message that was not sent was recorded; absent when there is none. */
  readonly oldestUs: number | undefined
}
interface LookedSource {
  readonly state: string
  readonly lastError: string | undefined
}
/** A cron that this process fires. */
interface LookedCron {
  readonly name: string
  readonly lastError: string | undefined
}
/** Of one process manager, in this process. */
interface LookedProcesses {
  readonly name: string
  /** Events that were parked since the process began. */
  readonly parked: number
  /** Errors of dead letters that it could not be told of. */
  readonly untold: readonly string[]
}
/** Of the hub of presentation events. */
interface LookedFanout {
  readonly clients: number
  readonly sent: number
  readonly dropped: number
  readonly refused: number
}
/** What an app lets itself be looked at by. */
export interface Looked {
  /** Microseconds UTC. */
  nowUs(): number
  readModels(): readonly ReadModelStatus[]
  subscribers(): readonly SubscriberStatus[]
  sources(): readonly LookedSource[]
  relay(): OutboxRelayStatus | undefined
  commandLog(): CommandLogStatus
  audit(): AuditStatus
  /** Absent: the app sends presentation events to nobody, or to something that does not count. */
  fanout(): LookedFanout | undefined
  /** Absent: nothing was asked of the cache yet. */
  cache(): CacheState | undefined
  /** Absent: the app has no domain `Config`. */
  config(): ConfigStatus | undefined
  /** The next two are of the store, for all processes: absent in processes that leave them to others. */
  readonly outbox: (() => Promise<LookedOutbox>) | undefined
  readonly queues: (() => Promise<readonly QueueState[]>) | undefined
  jobWorker(): JobWorkerStatus | undefined
  crons(): readonly LookedCron[]
  processes(): readonly LookedProcesses[]
}
export interface Look {
  readonly atUs: number
  readonly readModels: readonly ReadModelStatus[]
  readonly subscribers: readonly SubscriberStatus[]
  readonly sources: readonly LookedSource[]
  readonly relay: OutboxRelayStatus | undefined
  readonly commandLog: CommandLogStatus
  readonly audit: AuditStatus
  readonly fanout: LookedFanout | undefined
  readonly cache: CacheState | undefined
  readonly config: ConfigStatus | undefined
  readonly outbox: LookedOutbox | undefined
  readonly queues: readonly QueueState[]
  readonly jobWorker: JobWorkerStatus | undefined
  readonly crons: readonly LookedCron[]
  readonly processes: readonly LookedProcesses[]
  /** Why the store did not answer, as codes and names; absent when it did. */
  readonly storeError: string | undefined
}

/** Milliseconds that a look waits for the store: fewer than scrapers wait for an answer. */
const storeMs = 5_000

/** Looks at an app. A look never rejects, and ends in time: what cannot be read is told. */
export function createLook(app: Looked, clock: Pick<Clock, 'after'>): () => Promise<Look> {
  const readOutbox = app.outbox && inTime(app.outbox, clock)
  const readQueues = app.queues && inTime(app.queues, clock)
  return async () => {
    let storeError: string | undefined
    const read = async <Part>(reading: (() => Promise<Part>) | undefined): Promise<Part | undefined> => {
      try {
        return await reading?.()
      } catch (cause) {
        storeError = redactError(cause)
        return undefined
      }
    }
    const [outbox, queues = []] = await Promise.all([read(readOutbox), read(readQueues)])
    return {
      atUs: app.nowUs(),
      readModels: app.readModels(),
      subscribers: app.subscribers(),
      sources: app.sources(),
      relay: app.relay(),
      commandLog: app.commandLog(),
      audit: app.audit(),
      fanout: app.fanout(),
      cache: app.cache(),
      config: app.config(),
      outbox,
      queues,
      jobWorker: app.jobWorker(),
      crons: app.crons(),
      processes: app.processes(),
      storeError,
    }
  }
}

/** A store that hangs is not asked again before it has answered. */
function inTime<Part>(reading: () => Promise<Part>, clock: Pick<Clock, 'after'>): () => Promise<Part> {
  let isReading = false
  return async () => {
    if (isReading) throw silent()
    isReading = true
    const late = Promise.withResolvers<never>()
    const timer = clock.after(storeMs, () => late.reject(silent()))
    try {
      return await Promise.race([reading().finally(() => (isReading = false)), late.promise])
    } finally {
      timer.cancel()
    }
  }
}

function silent(): GestaError {
  return new GestaError(
    'deadline_exceeded',
    `Expected the store to answer within ${storeMs} ms. See what it waits for.`,
  )
}
