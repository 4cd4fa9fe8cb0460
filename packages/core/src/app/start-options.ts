// What `start()` may be told, checked before anything is opened.
import { checkCommandLogOptions } from '../command-log/check-options.ts'
import type { CommandLogOptions } from '../command-log/options.ts'
import type { Role } from '../contracts/messages.ts'
import type { Observe } from '../observation/observation.ts'
import type { Tracing } from '../observation/tracing.ts'
import { checkAuditOptions } from '../audit/options.ts'
import type { AuditOptions } from '../audit/options.ts'
import type { Directory } from '../permissions/directory.ts'
import type { PermissionOptions } from '../permissions/options.ts'
import { outboxSettings } from '../delivery/outbox-relay-options.ts'
import type { OutboxOptions } from '../delivery/outbox-relay-options.ts'
import { jobsSettings } from '../queue/options.ts'
import type { JobsOptions } from '../queue/options.ts'
import type { Fanout } from '../registry/delivery-ports.ts'
import type { OnOperation } from '../operations/operational-event.ts'
import { operationsSettings } from '../operations/options.ts'
import type { OperationsOptions } from '../operations/options.ts'
import { roles as knownRoles } from '../registry/roles.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import { cachingSettings } from '../cache/options.ts'
import type { CachingOptions } from '../cache/options.ts'
import type { EncryptionOptions } from './encryption.ts'
import { checkBroker } from './open-broker.ts'
import type { AppBroker } from './open-broker.ts'
import { checkPermissionOptions } from './permissions.ts'
import type { StoreOptions } from './open-stores.ts'
import { checkIdempotencyOptions } from './retention.ts'
import type { IdempotencyOptions } from './retention.ts'
import { checkSources } from './source-workers.ts'
import type { AppSource } from './source-workers.ts'

export interface StartOptions extends StoreOptions {
  /** What kind of process this is; its contracts' roles are enforced. Default: none, for tests and scripts. */
  readonly role?: Role | undefined
  /** Stops the app when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Called with every observation; keep it quick, it runs on the hot path. */
  readonly observe?: Observe | undefined
  /**
   * Called when something that an operator should know of begins, such as a read model that fails or a job that was given up, and when it
   * is over. Reference: docs/reference/operational-events.md.
   */
  readonly onOperation?: OnOperation | undefined
  /** From when on something is worth telling. Reference: docs/reference/operational-events.md. */
  readonly operations?: OperationsOptions | undefined
  /** Spans around commands, queries, commits, jobs and subscribers. Default: none. Reference: docs/guides/telemetry.md. */
  readonly tracing?: Tracing | undefined
  /** Where presentation events go after the commit. Default: nowhere. */
  readonly fanout?: Fanout | undefined
  /**
   * Where integration events go: a broker, or the description of one, which the app opens and closes. In a process without a role, or
   * with the role `worker`, a relay sends what commands leave in the outbox. Default: it stays there until one is given.
   */
  readonly broker?: AppBroker | undefined
  /** How the relay sends. Reference: docs/reference/outbox.md. */
  readonly outbox?: OutboxOptions | undefined
  /**
   * Where integration events come from. In a process without a role, or with the role `worker`, each is worked on for the app's
   * subscribers; in others it is left alone. Default: none.
   */
  readonly sources?: readonly AppSource[] | undefined
  /** Aggregates whose folded state is kept in memory, 0 for none. Default 10,000. */
  readonly cachedAggregatesMax?: number | undefined
  /**
   * Threads that build one view together, 0 to 64, for read models with `partitionBy` and `module`; fewer than two build nothing.
   * Default: as many as the machine has processors beside two, at most 4.
   */
  readonly restoreWorkers?: number | undefined
  /** The secrets that personal data is sealed by. Needed as soon as an event has personal fields. Default: nothing is sealed. */
  readonly encryption?: EncryptionOptions | undefined
  /**
   * What is recorded of commands, and for how long. `false`: no more than it takes to repeat a command, and nothing of refused ones.
   * Reference: docs/reference/command-log.md.
   */
  readonly commandLog?: CommandLogOptions | false | undefined
  /**
   * Who belongs to which groups and workspaces. Default: nobody to any, so what asks for an identity's groups is denied.
   * Reference: docs/reference/permissions.md.
   */
  readonly directory?: Directory | undefined
  /** How permissions are looked at. Reference: docs/reference/permissions.md. */
  readonly permissions?: PermissionOptions | undefined
  /** What the audit log needs. Reference: docs/reference/audit.md. */
  readonly audit?: AuditOptions | undefined
  /** The version of the application, for people who look at it. Default: none. */
  readonly version?: string | undefined
  /** Milliseconds that each domain may take to start, and to stop, 1 to 3,600,000. Default 30,000. Reference: docs/reference/domains.md. */
  readonly domainTimeoutMs?: number | undefined
  /** How much the cache keeps, and where. Reference: docs/reference/cache.md. */
  readonly caching?: CachingOptions | undefined
  /** How long idempotency keys are kept. Reference: docs/reference/idempotency.md. */
  readonly idempotency?: IdempotencyOptions | undefined
  /** How jobs are run. Reference: docs/reference/jobs.md. */
  readonly jobs?: JobsOptions | undefined
}
const optionNames = [
  'store',
  'data',
  'cache',
  'log',
  'role',
  'signal',
  'observe',
  'tracing',
  'onOperation',
  'operations',
  'fanout',
  'broker',
  'outbox',
  'sources',
  'cachedAggregatesMax',
  'restoreWorkers',
  'encryption',
  'commandLog',
  'idempotency',
  'jobs',
  'directory',
  'permissions',
  'audit',
  'version',
  'caching',
  'domainTimeoutMs',
] as const

/** Errors: plain ones and a `RangeError`, for what is unknown or out of bounds. */
export function checkStartOptions(name: string, options: StartOptions): void {
  checkOptions(options, optionNames, `start() of the app ${name}`)
  const { role, cachedAggregatesMax = 0, restoreWorkers = 0, outbox = {}, sources = [], broker, fanout } = options
  const { commandLog, idempotency = {} } = options
  if (commandLog !== undefined && commandLog !== false) checkCommandLogOptions(commandLog, name)
  checkIdempotencyOptions(idempotency, name)
  checkAuditOptions(options.audit ?? {}, name)
  checkWhole(restoreWorkers, 'option restoreWorkers', 0, 64)
  checkSources(sources)
  checkBroker(broker)
  if (fanout !== undefined && typeof fanout.sendPresentationEvents !== 'function')
    throw new Error('Expected fanout to have sendPresentationEvents, received something else.')
  outboxSettings(outbox, name)
  jobsSettings(options.jobs ?? {}, name)
  operationsSettings(options.operations ?? {}, name)
  checkWhole(options.domainTimeoutMs ?? 1, 'option domainTimeoutMs', 1, 3_600_000)
  cachingSettings(options.caching ?? {}, `caching of the app ${name}`)
  checkPermissionOptions(options.permissions ?? {}, options.directory, name)
  if (role !== undefined && !knownRoles.includes(role))
    throw new Error(`Expected role to be one of ${knownRoles.join(', ')}, received "${role}".`)
  if (!Number.isSafeInteger(cachedAggregatesMax) || cachedAggregatesMax < 0) {
    throw new Error(`Expected cachedAggregatesMax to be a whole number from 0, received ${cachedAggregatesMax}.`)
  }
}
