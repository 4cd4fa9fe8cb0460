// What operators watch of a started app: its metrics.
import type { FanoutHub } from '../delivery/fanout-hub.ts'
import type { Engine } from '../dispatch/engine.ts'
import { look } from '../operations/look.ts'
import type { Looked } from '../operations/look.ts'
import { lookMetrics } from '../operations/look-metrics.ts'
import type { MessageMeter } from '../operations/message-meter.ts'
import type { AppMetrics } from '../operations/metric.ts'
import type { AppAudit } from '../audit/app-audit.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import type { ReadModels } from '../pump/read-model-status.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import type { OpenBackend } from '../stores/backend.ts'
import type { AppOutbox } from './outbox.ts'
import type { Subscribing } from './subscribing.ts'

export interface OperationsParts {
  readonly engine: Pick<Engine, 'clock' | 'role'>
  readonly backend: Pick<OpenBackend, 'jobs'>
  readonly readModels: ReadModels
  readonly subscribing: Subscribing
  readonly outbox: AppOutbox
  readonly commandLog: AppCommandLog
  readonly audit: AppAudit
  readonly fanout: Fanout | undefined
  readonly messages: MessageMeter
}
export interface AppOperations {
  /** What is counted and measured now. Never rejects. Reference: docs/reference/operational-events.md. */
  metrics(): Promise<AppMetrics>
}

export function openOperations(parts: OperationsParts): AppOperations {
  const { engine, backend, readModels, subscribing, outbox, commandLog, audit, fanout, messages } = parts
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
    queues: isWorking ? () => backend.jobs.queues() : undefined,
  }
  return { metrics: async () => [...messages.metrics(), ...lookMetrics(await look(looked))] }
}

function isHub(fanout: Fanout | undefined): fanout is FanoutHub {
  return fanout !== undefined && 'counters' in fanout && typeof fanout.counters === 'function'
}
