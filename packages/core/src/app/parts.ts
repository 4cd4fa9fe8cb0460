// Everything of a started app that is used while it runs and stopped at its end.
import type { AppAudit } from '../audit/app-audit.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { RunningReadModels } from '../pump/read-models.ts'
import type { AppCache } from './caching.ts'
import type { Catalogue } from './catalogue.ts'
import type { AppStores, HostRuntime } from './running.ts'
import type { DomainLife } from './domain-life.ts'
import type { Encryption } from './encryption.ts'
import type { Erasing } from './erasing.ts'
import type { OpenedJobs } from './jobs.ts'
import type { AppOperations } from './operations.ts'
import type { AppOutbox } from './outbox.ts'
import type { AppCrons } from './crons.ts'
import type { AppProcessManagers } from './parked-processes.ts'
import type { Subscribing } from './subscribing.ts'

export interface Parts {
  readonly engine: Engine
  readonly catalogue: Catalogue
  readonly readModels: RunningReadModels
  readonly stores: AppStores
  /** Both absent when the app was given no encryption. */
  readonly encryption: Encryption | undefined
  readonly erasing: Erasing | undefined
  readonly subscribing: Subscribing
  readonly outbox: AppOutbox
  readonly jobs: OpenedJobs
  readonly processManagers: AppProcessManagers
  readonly crons: AppCrons
  readonly commandLog: AppCommandLog
  readonly permissions: AppPermissions
  readonly audit: AppAudit
  readonly cache: AppCache
  readonly domainLife: DomainLife
  /** Absent when the app has no runtime domain. */
  readonly runtime: HostRuntime | undefined
  readonly operations: AppOperations
  /** Deliveries, jobs and crons begin, once the domains have started. */
  begin(): void
  /** Ends what follows the log and frees what is held, in order; the store last. */
  stop(): Promise<void>
}
