// What the runtime domain sees of a running app: handed to its handlers when the app starts, because a definition knows no app.
import type { AppAudit } from '../audit/app-audit.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { RunHandler } from '../dispatch/handler.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { Level } from '../permissions/permission.ts'
import type { ReadModels } from '../pump/read-model-status.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { OpenBackend } from '../stores/backend.ts'
import type { EventKey, StoredEvent } from '../stores/event/event-store.ts'
import type { JobChange, JobFilter, QueueState } from '../stores/job/job-store.ts'
import type { JobRow } from '../stores/job/job.ts'
import type { Page, PageRequest } from '../stores/store.ts'
import type { Clock } from '../time/clock.ts'
import type { ShownJob } from './queued-job-rows.ts'

/** A command, query or job that the app has a handler for. */
export interface KnownContract {
  readonly domain: string
  readonly contract: ContractParts
  readonly roles: readonly (Role | 'any')[]
  /** `decider`: an aggregate decides it; `handler`: a function in the general form. */
  readonly handledBy: 'decider' | 'handler'
  /** Which one decides it. */
  readonly aggregate: string | undefined
  /** What is asked of callers; absent for jobs. */
  readonly level: Level | 'custom' | undefined
}
export interface KnownEvent {
  readonly domain: string
  readonly contract: ContractParts
  readonly aggregates: readonly string[]
  readonly handlers: readonly string[]
}
export interface KnownAggregate {
  readonly domain: string
  readonly name: string
  readonly stateVersion: number
  readonly events: readonly string[]
  readonly commands: readonly string[]
}
export interface KnownEventHandler {
  readonly domain: string
  readonly name: string
  readonly isProcessManager?: boolean
}
/** What changes a stored event. */
interface EventChange extends EventKey {
  /** Where the request came from, for the audit log. */
  readonly metadata: { readonly [name: string]: string } | undefined
  /** Absent: it is deleted. */
  readonly data: unknown
  readonly reason: string
}
export interface Introspection {
  readonly name: string
  readonly version: string | undefined
  /** Of this process, new with every start. */
  readonly instance: string
  /** Microseconds UTC. */
  readonly startedAt: number
  readonly clock: Clock
  /** The version of Node. */
  readonly node: string
  readonly role: Role | undefined
  /** Each after those that it depends on. */
  readonly domains: readonly {
    readonly name: string
    readonly version: string | undefined
    readonly dependsOn: readonly string[]
  }[]
  readonly contracts: readonly KnownContract[]
  readonly events: readonly KnownEvent[]
  readonly aggregates: readonly KnownAggregate[]
  /** Which domain brings a read model, a subscriber or a process manager. */
  readonly eventHandlers: readonly KnownEventHandler[]
  readonly readModels: ReadModels
  subscribers(): readonly SubscriberStatus[]
  readonly permissions: AppPermissions
  readonly audit: AppAudit
  readonly commandLog: AppCommandLog
  readonly jobs: JobControl
  readonly crons: CronControl
  readonly backend: OpenBackend
  /** Decoded, one that cannot be read without data. */
  decode(page: readonly StoredEvent[]): Promise<readonly RecordedEvent[]>
  /** Changes or deletes a stored event, with an audit entry in the same transaction. Whether there was one. */
  rewrite(caller: RequestContext, action: string, change: EventChange): Promise<boolean>
  readonly stream: RuntimeStream
}
/** Jobs of all processes, as operators look at and change them. */
interface JobControl {
  list(filter: JobFilter, page?: PageRequest): Promise<Page<JobRow>>
  get(jobId: string, tenant?: string): Promise<ShownJob | undefined>
  queues(): Promise<readonly QueueState[]>
  change(change: JobChange): Promise<number>
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
}
/** The crons of an app, as operators look at and steer them. */
export interface CronControl {
  list(options?: { readonly nextRuns?: number | undefined }): Promise<readonly KnownCron[]>
  pause(name: string, caller: CronCaller): Promise<void>
  resume(name: string, caller: CronCaller): Promise<void>
  runNow(name: string, caller: CronCaller): Promise<{ readonly jobId: string; readonly skippedFor: string | undefined }>
}
interface CronCaller {
  readonly context: RequestContext
}
interface KnownCron {
  readonly name: string
  readonly schedule: string
  readonly timeZone: string
  readonly overlap: 'skip' | 'allow'
  readonly missed: 'skip' | 'once' | 'all'
  readonly tenant: string
  /** Whether this process fires it. */
  readonly isRunHere: boolean
  readonly isPaused: boolean
  /** Times are RFC 3339. */
  readonly pausedAt?: string | undefined
  readonly pausedBy?: string | undefined
  readonly lastTick?: string | undefined
  readonly nextRuns: readonly string[]
  readonly lastError?: string | undefined
}
/** The runtime event stream. Reference: docs/reference/runtime.md. */
export interface RuntimeStream {
  /**
   * Events as they are stored, as far as the caller may see them, until the signal aborts or the app stops; a page at a time, so that
   * whoever reads slowly costs no memory. The first page is empty, and comes as soon as the caller was let in.
   * Errors: `permission_denied`, also in the middle when the permission was revoked; `permissions_unavailable`, `too_many_clients`,
   * `diverged`, `invalid_token`, `store_*`.
   */
  open(caller: RequestContext, options: StreamOptions): AsyncIterable<readonly ShownEvent[]>
  /** Open streams now, of how many; and how many were refused, ended by a revocation, and how many events were shown since the start. */
  status(): StreamStatus
}
export interface StreamOptions {
  /** Whose events; under the tenant SYSTEM its own name, or the empty text, stands for those of all. */
  readonly tenant: string
  readonly domains?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  readonly aggregateType?: string | undefined
  readonly aggregateId?: string | undefined
  /** A token: events behind it; absent: from now on. */
  readonly after?: string | undefined
  /** Events that are read at once, 1 to 256: fewer for whoever reads slowly, because what is in a page was allowed when it was read. Default 256. */
  readonly pageEvents?: number | undefined
  readonly signal: AbortSignal
  readonly metadata?: { readonly [name: string]: string } | undefined
}
export interface ShownEvent {
  /** What `after` takes. */
  readonly token: string
  readonly eventId: string
  readonly tenant: string
  readonly type: string
  readonly aggregateType: string
  readonly aggregateId: string
  readonly version: number
  /** RFC 3339, UTC. */
  readonly recordedAt: string
  readonly correlationId: string | undefined
  /** Personal fields replaced; absent when the app does not know the type, or cannot read the event. */
  readonly data?: unknown
}
export interface StreamStatus {
  readonly state: 'running' | 'stopped'
  readonly open: number
  readonly openMax: number
  readonly refused: number
  readonly revoked: number
  readonly shown: number
}

/** A handler of the runtime domain before an app has started. */
export interface IntrospectingHandler extends RunHandler {
  readonly bind: (app: () => Introspection) => RunHandler['run']
}
