// A look at an app in which all is well, to be changed where a test wants something else.
import type { Look } from '../../src/operations/look.ts'
import type { ReadModelStatus } from '../../src/pump/read-model-status.ts'
import type { SubscriberStatus } from '../../src/pump/subscriber-status.ts'

export const atUs = 1_800_000_000_000_000

export function well(fields: Partial<Look> = {}): Look {
  return {
    atUs,
    readModels: [model()],
    subscribers: [subscriber()],
    sources: [{ state: 'live', lastError: undefined }],
    relay: { state: 'live', sent: 1, held: 0, dead: 0, lastError: undefined },
    commandLog: { recorded: 3, sampled: 0, lost: 0, lastError: undefined, retentionError: undefined, copy: undefined },
    audit: { sampled: 0, lost: 0, lastError: undefined },
    fanout: { clients: 2, sent: 9, dropped: 0, refused: 0 },
    outbox: { waiting: 0, dead: 0, commitsBehind: 0, oldestUs: undefined },
    cache: undefined,
    config: undefined,
    queues: [{ queue: 'mail', isPaused: false, counts: { pending: 2 }, oldestPendingUs: 0 }],
    jobWorker: undefined,
    crons: [{ name: 'Report.Nightly', lastError: undefined }],
    processes: [{ name: 'Order.Payment', parked: 0, untold: [] }],
    storeError: undefined,
    ...fields,
  }
}
export function model({ metrics, ...fields }: Partial<ReadModelStatus> = {}): ReadModelStatus {
  return {
    name: 'Orders',
    modelVersion: 1,
    state: 'live',
    owned: true,
    generation: 1,
    restore: undefined,
    parked: 0,
    lastError: undefined,
    failedAt: undefined,
    metrics: {
      processed: 5,
      applied: 4,
      skipped: 1,
      failed: 0,
      lastPosition: 5,
      lastEventAt: undefined,
      lagEvents: 0,
      lagMs: 0,
      latencyMs: { p50: 1, p95: 2, p99: 3 },
      ...metrics,
    },
    ...fields,
  }
}
export function subscriber(fields: Partial<SubscriberStatus> = {}): SubscriberStatus {
  return { name: 'Mails', durable: true, state: 'live', position: 5, lag: 0, lastError: undefined, ...fields }
}
