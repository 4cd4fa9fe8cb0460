// What running a read model in a process needs.
import type { Ids } from '../ids/ids.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { KeyScope } from '../stores/key/key-store.ts'
import type { LeaseStore } from '../stores/lease/lease-store.ts'
import type { ReadModelStore } from '../stores/read-model/read-model-store.ts'
import type { Alarms } from '../time/alarms.ts'
import type { PartitionWorkers } from './partitions.ts'
import type { Pump } from './pump.ts'

export interface RunnerParts {
  readonly model: ReadModelParts
  readonly views: ReadModelStore
  readonly leases: LeaseStore
  readonly store: EventStore
  readonly pump: Pump
  readonly alarms: Alarms
  readonly ids: Ids
  readonly decoder: EventDecoder
  /** What folds a view that is built in parts; absent: it is built in one. */
  readonly workers: PartitionWorkers | undefined
  /** How erased subjects leave the view; absent when no person's data gets into it. */
  readonly erasures: Erasures | undefined
}
export interface Erasures {
  /** Forgets in this process what it knows of a subject that was erased. Harmless to repeat. */
  forget(scope: KeyScope): Promise<void>
  /** Up to this position of the log all erasures are forgotten here. */
  readonly clearedUpTo: number
}
