// What the runtime domain sees of a running app: handed to its handlers when the app starts, because a definition knows no app.
import type { AppAudit } from '../audit/app-audit.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'
import type { RunHandler } from '../dispatch/handler.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'
import type { ReadModels } from '../pump/read-model-status.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { OpenBackend } from '../stores/backend.ts'

export interface KnownContract {
  readonly domain: string
  readonly contract: ContractParts
  readonly roles: readonly (Role | 'any')[]
  /** `decider`: an aggregate decides it; `handler`: a function in the general form. Absent for events. */
  readonly handledBy: 'decider' | 'handler' | undefined
}
export interface KnownAggregate {
  readonly domain: string
  readonly name: string
  readonly stateVersion: number
  readonly events: readonly string[]
  readonly commands: readonly string[]
}
export interface Introspection {
  readonly name: string
  readonly version: string | undefined
  /** Of this process, new with every start. */
  readonly instance: string
  /** Microseconds UTC. */
  readonly startedAt: number
  nowUs(): number
  /** The version of Node. */
  readonly node: string
  readonly role: Role | undefined
  readonly contracts: readonly KnownContract[]
  readonly aggregates: readonly KnownAggregate[]
  readonly readModels: ReadModels
  subscribers(): readonly SubscriberStatus[]
  readonly permissions: AppPermissions
  readonly audit: AppAudit
  readonly commandLog: AppCommandLog
  readonly backend: OpenBackend
  /** Opaque token of a position, and back. */
  positionOf(token: string): number
  tokenOf(position: number): string
  /** Commits an event rewrite with its record. */
  readonly stream: RuntimeStream
}
/** The runtime event stream. Reference: docs/reference/runtime.md. */
export interface RuntimeStream {
  /**
   * Events as they are stored, as far as the caller may see them, until the signal aborts; a page at a time, so that whoever reads slowly
   * costs no memory. Errors: `permission_denied`, also in the middle when the permission was revoked; `diverged`, `invalid_token`.
   */
  open(caller: RequestContext, options: StreamOptions): AsyncIterable<readonly ShownEvent[]>
  /** Open streams now, of how many; and how many were refused, ended and shown since the start. */
  status(): StreamStatus
}
export interface StreamOptions {
  readonly tenant: string
  readonly domains?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  readonly aggregateType?: string | undefined
  readonly aggregateId?: string | undefined
  /** A token: events behind it; absent: from now on. */
  readonly after?: string | undefined
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
  /** Marked fields replaced; absent when the caller may not read it. */
  readonly data?: unknown
}
export interface StreamStatus {
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
