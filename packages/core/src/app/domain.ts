// A domain: what a user registers. Collects parts; nothing runs.
import type { AnyContract, AnyEvent, ContractParts, Handler } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'
import type { Epoch } from '../contracts/permissions-changed.ts'
import type { AdvancingEvent } from '../dispatch/advances.ts'
import type { TaggedEvent } from '../dispatch/cache-tags.ts'
import type { Migration } from '../migrations/migration.ts'
import type { CustomPermission } from '../permissions/permission-entry.ts'
import type { Level, PermissionTable } from '../permissions/permission.ts'
import { checkOptions } from '../schema/options.ts'
import { checkDomain } from './check-domain.ts'
import type { DomainParts, DomainStart, DomainStop } from './domain-parts.ts'

export interface Domain<Name extends string, Contract extends AnyContract> {
  readonly name: Name
  readonly contracts: readonly Contract[]
}
export interface AnyDomain {
  readonly name: string
  readonly contracts: readonly AnyContract[]
}
interface Owned<Name extends string> extends AnyContract {
  readonly type: `${Name}.${string}`
}
interface Named {
  readonly name: string
}

interface AnyQuery extends AnyContract {
  readonly kind: 'query'
}

const optionNames = [
  'handlers',
  'permissions',
  'roles',
  'tenant',
  'aggregates',
  'readModels',
  'emits',
  'subscribers',
  'invalidates',
  'customPermissions',
  'advances',
  'cacheTags',
  'processManagers',
  'crons',
  'version',
  'dependsOn',
  'migrations',
  'start',
  'stop',
] as const

/**
 * Bundles what belongs together under one name.
 * @param parts `handlers` of the domain's commands, queries and jobs; `permissions`: one level for all, or a line per command
 *   and query; `roles` that may run them (without any, only callers without a role may); `tenant`: where its data lies whoever asks, such
 *   as `systemTenant` for what is no tenant's own (default: the caller's, or the one it asks for); `aggregates`, `readModels`;
 *   `emits`: integration and presentation events that leave the domain; `subscribers`; `invalidates`: pairs of a domain event, of any
 *   domain, and the domain's queries whose answers it makes stale; `customPermissions`: names that checks ask for; `advances`: pairs of a
 *   domain event that changes permissions and a function that says whose; `cacheTags`: pairs of a domain event and a function that says
 *   which tags of cached values it ends; `processManagers`; `crons`: what is begun on a schedule;
 *   `version` of the domain, for people; `dependsOn`: names of the domains that start before it, and stop after it; `migrations` of tables
 *   of its own, in the app's store; `start`, which the app waits for when it starts; `stop`, for what `start` has opened.
 * Errors: plain ones at set-up, for what the compiler cannot see. Reference: docs/reference/domains.md.
 */
export function domain<
  const Name extends string,
  const H extends readonly Handler<Owned<NoInfer<Name>>>[],
  const E extends readonly (AnyEvent<'integration' | 'presentation'> & Owned<NoInfer<Name>>)[] = [],
>(
  name: Name,
  parts: {
    readonly handlers: H
    readonly permissions: Level | PermissionTable<H[number]['contract']>
    readonly roles?: readonly (Role | 'any')[] | undefined
    readonly tenant?: string | undefined
    readonly aggregates?: readonly Named[] | undefined
    readonly readModels?: readonly Named[] | undefined
    readonly emits?: E
    readonly subscribers?: readonly Named[] | undefined
    readonly invalidates?:
      | readonly (readonly [event: AnyEvent<'domain'>, queries: readonly (AnyQuery & Owned<NoInfer<Name>>)[]])[]
      | undefined
    readonly customPermissions?: readonly CustomPermission[] | undefined
    readonly advances?:
      | readonly (readonly [event: AnyEvent<'domain'>, epochs: (event: AdvancingEvent) => Epoch | readonly Epoch[]])[]
      | undefined
    readonly cacheTags?:
      | readonly (readonly [event: AnyEvent<'domain'>, tags: (event: TaggedEvent) => readonly string[]])[]
      | undefined
    readonly processManagers?: readonly Named[] | undefined
    readonly crons?: readonly Named[] | undefined
    readonly version?: string | undefined
    readonly dependsOn?: readonly string[] | undefined
    readonly migrations?: readonly Migration[] | undefined
    readonly start?: ((given: DomainStart) => Promise<void>) | undefined
    readonly stop?: ((given: DomainStop) => Promise<void>) | undefined
  },
): Domain<Name, H[number]['contract'] | E[number]> {
  checkOptions(parts, optionNames, `domain('${name}')`)
  const collected: DomainParts & AnyDomain = {
    name,
    handlers: parts.handlers,
    permissions: parts.permissions,
    roles: parts.roles,
    tenant: parts.tenant,
    aggregates: parts.aggregates ?? [],
    readModels: parts.readModels ?? [],
    emits: (parts.emits ?? []) as readonly ContractParts[],
    subscribers: parts.subscribers ?? [],
    invalidates: parts.invalidates ?? [],
    customPermissions: parts.customPermissions ?? [],
    advances: parts.advances ?? [],
    cacheTags: parts.cacheTags ?? [],
    processManagers: parts.processManagers ?? [],
    crons: parts.crons ?? [],
    version: parts.version,
    dependsOn: parts.dependsOn ?? [],
    migrations: parts.migrations ?? [],
    start: parts.start,
    stop: parts.stop,
    contracts: [...parts.handlers.map((handler) => handler.contract), ...(parts.emits ?? [])],
  }
  checkDomain(collected)
  return collected as unknown as Domain<Name, H[number]['contract'] | E[number]>
}

/** The runtime side of a domain. */
export function domainParts(definition: AnyDomain): DomainParts {
  return definition as unknown as DomainParts
}
