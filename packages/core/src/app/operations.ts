// What operators watch of a started app: its metrics, and events when something is not well.
import type { FanoutHub } from '../delivery/fanout-hub.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { Looked } from '../operations/look.ts'
import { lookMetrics } from '../operations/look-metrics.ts'
import type { MessageMeter } from '../operations/message-meter.ts'
import type { AppMetrics } from '../operations/metric.ts'
import type { OnOperation, OperationalEvent } from '../operations/operational-event.ts'
import { operationsSettings } from '../operations/options.ts'
import type { OperationsOptions } from '../operations/options.ts'
import { createOperationsWatcher } from '../operations/watcher.ts'
import type { AppAudit } from '../audit/app-audit.ts'
import type { CacheState } from '../cache/cache.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import type { ConfigStatus } from '../config/config.ts'
import type { ReadModels } from '../pump/read-model-status.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import type { AppJobs } from './jobs.ts'
import type { AppOutbox } from './outbox.ts'
import type { Subscribing } from './subscribing.ts'

export interface OperationsParts {
  readonly engine: Pick<Engine, 'clock' | 'role'>
  readonly name: string
  readonly options: OperationsOptions | undefined
  readonly onOperation: OnOperation | undefined
  readonly jobs: AppJobs
  readonly readModels: ReadModels
  readonly subscribing: Subscribing
  readonly outbox: AppOutbox
  readonly commandLog: AppCommandLog
  readonly audit: AppAudit
  readonly fanout: Fanout | undefined
  readonly messages: MessageMeter
  readonly cache: () => CacheState | undefined
  readonly config: (() => ConfigStatus) | undefined
  readonly crons: Looked['crons']
  readonly processes: Looked['processes']
}
/** Whoever holds the app may use it: no permission is checked here. Reference: docs/reference/operational-events.md. */
export interface AppOperations {
  /** Operational events as of the last look, newest first: those that are not over, and then the last 1,000 that are. */
  list(): readonly OperationalEvent[]
  /** Looks at the app now; what is not well, oldest first. Never rejects. */
  look(): Promise<readonly OperationalEvent[]>
  /** Looks as well: what is counted and measured now. Never rejects. */
  metrics(): Promise<AppMetrics>
}
export interface OpenedOperations extends AsyncDisposable {
  readonly operations: AppOperations
}

/** Looks when it is asked, and by itself where somebody listens, until it is disposed of. Errors: those of `operationsSettings`. */
export function openOperations(parts: OperationsParts): OpenedOperations {
  const { name, engine, jobs, readModels, subscribing, outbox, commandLog, audit, fanout, messages, options } = parts
  // What lies in the store is the same in all processes: those that work it off tell it.
  const isWorking = engine.role === undefined || engine.role === 'worker'
  const looked: Looked = {
    nowUs: engine.clock.nowUs,
    readModels: () => readModels.list(),
    subscribers: () => subscribing.subscribers,
    sources: () => subscribing.sources,
    relay: () => outbox.relay,
    commandLog: () => commandLog.status,
    audit: () => audit.status,
    fanout: () => (isHub(fanout) ? fanout.counters() : undefined),
    outbox: isWorking ? () => outbox.info() : undefined,
    queues: isWorking ? () => jobs.queues() : undefined,
    jobWorker: () => jobs.status,
    cache: parts.cache,
    config: () => parts.config?.(),
    crons: parts.crons,
    processes: parts.processes,
  }
  const { clock } = engine
  const watcher = createOperationsWatcher(looked, operationsSettings(options ?? {}, name), parts.onOperation, clock)
  const leaving = new AbortController()
  const watching = watcher.run(leaving.signal)
  return {
    operations: {
      list: watcher.list,
      look: async () => {
        await watcher.look()
        return watcher.active()
      },
      metrics: async () => {
        const seen = await watcher.look()
        return [...messages.metrics(), ...lookMetrics(seen), ...watcher.metrics()]
      },
    },
    [Symbol.asyncDispose]: async () => {
      leaving.abort()
      await watching
    },
  }
}

function isHub(fanout: Fanout | undefined): fanout is FanoutHub {
  return fanout !== undefined && 'counters' in fanout && typeof fanout.counters === 'function'
}
