// A started app, as its users and its transports see it.
import type { AppAudit } from '../audit/app-audit.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Command, Query, Role } from '../contracts/messages.ts'
import type { Token } from '../contracts/recorded-event.ts'
import type { Outcome } from '../dispatch/handler.ts'
import type { WithHistory } from '../dispatch/history.ts'
import type { DispatchOptions, QueryOptions } from '../dispatch/options.ts'
import type { Erasure, EraseRequest } from '../erasure/erase.ts'
import type { Level } from '../permissions/permission.ts'
import type { HistoryAsked } from '../read-models/history.ts'
import type { ReadModels } from '../pump/read-model-status.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import type { JobWorkerStatus } from '../queue/worker.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { RuntimeStream } from '../runtime-domain/introspection.ts'
import type { CacheStore } from '../stores/cache/cache-store.ts'
import type { Credentials } from '../stores/credential/credentials.ts'
import type { DataStore } from '../stores/data/data-store.ts'
import type { LogStore } from '../stores/log/log-store.ts'
import type { AppCache } from './caching.ts'
import type { AppJobs } from './jobs.ts'
import type { AppMetrics } from '../operations/metric.ts'
import type { AppOperations } from './operations.ts'
import type { AppOutbox } from './outbox.ts'
import type { AppCrons } from './crons.ts'
import type { AppProcessManagers } from './parked-processes.ts'
import type { Rotation } from './rotation.ts'
import type { SourceStatus } from './source-workers.ts'

/** What an app keeps beside its log, and no commit touches. Whoever holds the app may use all of it: no permission is checked here. */
export interface AppStores {
  /** Reference: docs/reference/data-store.md. */
  readonly data: DataStore
  /** Reference: docs/reference/cache-store.md. */
  readonly cache: CacheStore
  /** Reference: docs/reference/log-store.md. */
  readonly log: LogStore
  /** Throws a plain error when the app was given no encryption. Reference: docs/reference/credential-store.md. */
  readonly credentials: Credentials
}

/** A query's answer: with `history` it carries the histories of what it shows. */
export type Asked<Result, History extends HistoryAsked> = History extends false | undefined
  ? Result
  : WithHistory<Result>

/** A started app. Type arguments are names only: a call costs the compiler the same with ten contracts and with a thousand. */
export interface Running<CommandType extends string, QueryType extends string> extends AsyncDisposable {
  /** Runs a command to its outcome. A rejection is a value; errors are thrown, by code. Reference: docs/reference/app.md. */
  dispatch<Result, Rejections>(
    command: Command<CommandType, unknown, Result, Rejections>,
    options?: DispatchOptions,
  ): Promise<Outcome<Result, Rejections>>
  /** Runs a query. Reference: docs/reference/app.md. */
  query<Result, History extends HistoryAsked = undefined>(
    query: Query<QueryType, unknown, Result>,
    options?: QueryOptions<History>,
  ): Promise<Asked<Result, History>>
  /** The same app for one caller. */
  as(context: RequestContext): Pick<Running<CommandType, QueryType>, 'dispatch' | 'query'>
  /** Resolves when every read model has reached what the log holds now. Errors: `read_model_failed`. */
  caughtUp(): Promise<void>
  /**
   * Erases a subject: destroys its key, so that its personal fields are `Erased` wherever they are read, removes its credentials, and tells
   * it with the event `Gesta.SubjectErased`. Harmless to repeat; the first erasure is told. Errors: `permission_denied`, `invalid_key`, `store_*`,
   * `outcome_unknown`; a plain one when the app was given no encryption.
   * @param caller who asks: it needs the permission `Gesta.Erase` in the subject's tenant. Without one it is the host program itself.
   * Reference: docs/reference/erasure.md.
   */
  erase(request: EraseRequest, caller?: RequestContext): Promise<Erasure & { readonly token: Token }>
  /**
   * Seals all keys and credentials anew by the first secret of `encryption.secrets`. Harmless to repeat and to interrupt. Errors: `key_unreadable`,
   * `store_*`; a plain one when the app was given no encryption.
   * @param caller who asks: it needs the permission `Gesta.RotateKeys` in the tenant `SYSTEM`. Without one it is the host program itself.
   * Reference: docs/reference/erasure.md.
   */
  rotateKeys(caller?: RequestContext): Promise<Rotation>
  /** The read models: how they are, and what operators tell them. Reference: docs/reference/read-models.md. */
  readonly readModels: ReadModels
  /** The subscribers of domain events that this process runs, and how they are. Reference: docs/reference/subscribers.md. */
  subscribers(): readonly SubscriberStatus[]
  /** The sources that this process works on, in the order of `start({ sources })`. Reference: docs/reference/subscribers.md. */
  sources(): readonly SourceStatus[]
  /** Processes, and what operators do about events that they could not take. Reference: docs/reference/process-managers.md. */
  readonly processManagers: AppProcessManagers
  /** What is begun on a schedule: when it is next, and what operators tell it. Reference: docs/reference/cron.md. */
  readonly crons: AppCrons
  /** Messages on their way out: how far the relay is, what could not be sent, and what operators do about it. */
  readonly outbox: AppOutbox
  /** Jobs: stored, looked at, changed; and the worker of this process. Reference: docs/reference/jobs.md. */
  readonly jobs: AppJobs
  /** Every command and what came of it: looked up, traced, issued again. Reference: docs/reference/command-log.md. */
  readonly commandLog: AppCommandLog
  /** What is not well, and what is counted. Reference: docs/reference/operational-events.md. */
  readonly operations: AppOperations
  /** Who may do what, and why. Reference: docs/reference/permissions.md. */
  readonly permissions: AppPermissions
  /** Who did what. Reference: docs/reference/audit.md. */
  readonly audit: AppAudit
  /** What was loaded before and is still so. Reference: docs/reference/cache.md. */
  readonly cache: AppCache
  /** Open until the app has stopped. */
  readonly stores: AppStores
}

/** A command or query that a transport may expose. */
export interface ExposedContract {
  readonly domain: string
  readonly contract: ContractParts
  /** Who may run it; empty: nobody who has a role. */
  readonly roles: readonly (Role | 'any')[]
  /** A level of the permission table, or `custom` for a function. */
  readonly permission: Level | 'custom'
  /** Commands that one aggregate decides: their outcome has a version, and `expectedVersion` is understood. */
  readonly versioned: boolean
}
/** A query's answer with what transports add to it. */
export interface QueryAnswer {
  readonly result: unknown
  /** The version of the one aggregate that the answer shows, when it shows exactly one. */
  readonly version: number | undefined
}
/** What the runtime domain gives to transports beside its contracts. */
export interface HostRuntime {
  /** Reference: docs/reference/runtime.md. */
  readonly stream: RuntimeStream
}
/** A started app, untyped, for authors of transports (`@gesta/core/host`). */
export interface Host {
  readonly name: string
  /** The incarnation of the log, for ETags. */
  readonly incarnation: string
  readonly contracts: readonly ExposedContract[]
  /** `live`, until the app begins to stop. */
  readonly state: 'live' | 'stopping'
  dispatch(message: UntypedMessage, options: DispatchOptions): Promise<Outcome<unknown, { [code: string]: unknown }>>
  query(message: UntypedMessage, options: QueryOptions<HistoryAsked>): Promise<QueryAnswer>
  /** Of the process; absent in one that does everything. */
  readonly role: Role | undefined
  readonly readModels: ReadModels
  subscribers(): readonly SubscriberStatus[]
  /** The worker of jobs of this process; absent when it has none. */
  jobWorker(): JobWorkerStatus | undefined
  readonly commandLog: AppCommandLog
  readonly permissions: AppPermissions
  readonly audit: AppAudit
  /** Absent when the app has no runtime domain. */
  readonly runtime: HostRuntime | undefined
  /** What is counted and measured now. Never rejects. Reference: docs/reference/operational-events.md. */
  metrics(): Promise<AppMetrics>
  /**
   * Stops the app as disposing of it does, with a time for those that have a deadline: after `patienceMs` the signals of subscribers and
   * jobs that still run abort. Default 10,000. An app that is stopping already goes on as it began.
   */
  stop(patienceMs?: number): Promise<void>
  /** The last position of the log. Errors: `store_*`. */
  head(): Promise<number>
  /** Read models that are not following the log, by name, with the reason. */
  unready(): readonly { readonly readModel: string; readonly state: string; readonly reason: string }[]
}
export interface UntypedMessage {
  readonly type: string
  readonly data: unknown
}

const hosts = new WeakMap<object, Host>()

/** The host behind a started app. Errors: a plain one for something that no `start()` returned. */
export function hostOf(running: object): Host {
  const host = hosts.get(running)
  if (host === undefined) throw new Error('Expected a started app, as createApp(...).start() resolves to.')
  return host
}

/** For the composition root alone. */
export function registerHost(running: object, host: Host): void {
  hosts.set(running, host)
}
