// A backend: one database that offers every port that a commit touches.
import type { Clock } from '../time/clock.ts'
import type { Ids } from '../ids/ids.ts'
import type { MigrationTarget } from '../migrations/migration-target.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { CacheStore } from './cache/cache-store.ts'
import type { CommandLog } from './command-log/command-log.ts'
import type { CredentialStore } from './credential/credential-store.ts'
import type { DataStore } from './data/data-store.ts'
import type { EventStore } from './event/event-store.ts'
import type { JobStore } from './job/job-store.ts'
import type { KeyStore } from './key/key-store.ts'
import type { LeaseStore } from './lease/lease-store.ts'
import type { LogStore } from './log/log-store.ts'
import type { OutboxStore } from './outbox/outbox-store.ts'
import type { ReadModelStore } from './read-model/read-model-store.ts'
import type { SeenStore } from './seen/seen-store.ts'
import type { SnapshotStore } from './snapshot/snapshot-store.ts'

/** What the composition root lends to a backend. */
export interface BackendRuntime {
  readonly clock: Clock
  readonly ids: Ids
}
/** A description of a store; nothing is opened before the app starts. */
export interface Backend {
  /** `memory`, `sqlite`, ... */
  readonly backend: string
  open(runtime: BackendRuntime): Promise<OpenBackend>
}
export interface OpenBackend extends AsyncDisposable {
  readonly events: EventStore
  /** The headers of commits, read back. */
  readonly commandLog: CommandLog
  /** The audit entries of commits, read back. */
  readonly audit: AuditLog
  readonly readModels: ReadModelStore
  /** Folded states, to begin a cold load with. */
  readonly snapshots: SnapshotStore
  /** Who owns a name for a while. */
  readonly leases: LeaseStore
  /** The sealed keys of subjects and tenants, and the ledger of destroyed ones. */
  readonly keys: KeyStore
  /** Sealed secrets of people and programs. */
  readonly credentials: CredentialStore
  /** Objects such as uploads; can be replaced singly, like the next two. */
  readonly data: DataStore
  /** Values that may vanish. */
  readonly cache: CacheStore
  /** Lines of the application's logger. */
  readonly log: LogStore
  /** Integration events that commits stored, until they are sent. */
  readonly outbox: OutboxStore
  /** Jobs that commits stored, until they have ended. */
  readonly jobs: JobStore
  /** Which events a worker has dealt with. */
  readonly seen: SeenStore
  /**
   * What is left of acknowledged commits. `full`: all of them, also after a power cut. `normal`: all of them after a killed process;
   * a power cut can take the last ones. `none`: none after the process ends.
   */
  readonly durability: 'full' | 'normal' | 'none'
  /** Other processes may append to the same log at the same time. Absent: no. */
  readonly shared?: boolean | undefined
  /** Where domains have tables of their own: beside the store's, with a ledger and a lock of their own. Absent: it has no tables. */
  readonly domainTables?: MigrationTarget | undefined
  /** Every port refuses changes; an app keeps its views in memory then. Absent: no. */
  readonly readOnly?: boolean | undefined
}
