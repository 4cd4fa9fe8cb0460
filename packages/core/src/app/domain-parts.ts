// What the runtime reads of a domain.
import type { ConfigStatus } from '../config/config.ts'
import type { AnyContract, AnyEvent, ContractParts } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'
import type { Epoch } from '../contracts/permissions-changed.ts'
import type { AdvancingEvent } from '../dispatch/advances.ts'
import type { TaggedEvent } from '../dispatch/cache-tags.ts'
import type { Migration } from '../migrations/migration.ts'
import type { CustomPermission } from '../permissions/permission-entry.ts'
import type { Level } from '../permissions/permission.ts'
import type { StreamLimits } from '../runtime-domain/stream-limits.ts'
import type { Running } from './running.ts'

/** What a domain's `start` is given. */
export interface DomainStart {
  /**
   * The app that starts: it dispatches and asks already. Domains that are not depended on may still be to start, and no subscriber, job or cron
   * runs in this process yet.
   */
  readonly app: Running<string, string>
  /** Aborts when the start has taken too long, or the app is to stop. */
  readonly signal: AbortSignal
}
/** What a domain's `stop` is given: no message is on its way any more. */
export interface DomainStop {
  /** Aborts when the stop has taken too long. */
  readonly signal: AbortSignal
}

interface Named {
  readonly name: string
}
export interface DomainParts {
  readonly name: string
  readonly handlers: readonly {
    readonly contract: ContractParts
    readonly roles: readonly (Role | 'any')[] | undefined
  }[]
  readonly permissions: Level | { readonly [type: string]: Level | ((input: never, caller: never) => unknown) }
  readonly roles: readonly (Role | 'any')[] | undefined
  /** Where its data lies, whoever asks; absent: in the tenant that is asked for. */
  readonly tenant: string | undefined
  readonly aggregates: readonly Named[]
  readonly readModels: readonly Named[]
  readonly emits: readonly ContractParts[]
  readonly subscribers: readonly Named[]
  /** Permissions of the domain's own, beside those of its contracts. */
  readonly customPermissions: readonly CustomPermission[]
  /** Domain events that change permissions, and whose. */
  readonly advances: readonly (readonly [AnyEvent<'domain'>, (event: AdvancingEvent) => Epoch | readonly Epoch[]])[]
  /** Domain events that end what was cached, and under which tags. */
  readonly cacheTags: readonly (readonly [AnyEvent<'domain'>, (event: TaggedEvent) => readonly string[]])[]
  readonly processManagers: readonly Named[]
  /** What is begun on a schedule. */
  readonly crons: readonly Named[]
  readonly version: string | undefined
  /** Domains that start before it. */
  readonly dependsOn: readonly string[]
  readonly migrations: readonly Migration[]
  readonly start: ((given: DomainStart) => Promise<void>) | undefined
  readonly stop: ((given: DomainStop) => Promise<void>) | undefined
  /** Of the runtime domain alone. */
  readonly streamLimits?: StreamLimits | undefined
  /** Of the domain `Config` alone. */
  readonly configStatus?: (() => ConfigStatus) | undefined
  /** Domain events, and the queries whose answers each of them makes stale. */
  readonly invalidates: readonly (readonly [AnyEvent<'domain'>, readonly AnyContract[]])[]
}
