// What an app's domains add up to: contracts by name, handlers with their roles, permissions, read models.
import { aggregateParts } from '../aggregates/aggregate.ts'
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { partsOf } from '../contracts/contract.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'
import { CacheInvalidated, cacheTagStream } from '../contracts/cache-invalidated.ts'
import { epochStream, PermissionsChanged } from '../contracts/permissions-changed.ts'
import { erasureStream } from '../contracts/subject-erased.ts'
import type { Invalidations } from '../dispatch/invalidation.ts'
import { outgoingKey } from '../dispatch/outgoing.ts'
import type { OutgoingContracts } from '../dispatch/outgoing.ts'
import type { Epoch } from '../contracts/permissions-changed.ts'
import type { Advances, AdvancingEvent } from '../dispatch/advances.ts'
import type { CacheTags, TaggedEvent } from '../dispatch/cache-tags.ts'
import type { PermissionEntry } from '../permissions/permission-entry.ts'
import type { Permission } from '../permissions/permission.ts'
import { subscriberParts } from '../pump/subscriber.ts'
import type { SubscriberParts } from '../pump/subscriber.ts'
import { readModelParts } from '../read-models/read-model-parts.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import { deletedEventType } from '../stores/event/event-store.ts'
import { domainParts } from './domain.ts'
import { checkMigrations } from './domain-migrations.ts'
import { orderDomains } from './domain-order.ts'
import type { DomainParts } from './domain-parts.ts'
import type { AnyDomain } from './domain.ts'
import { permissionEntries } from './permission-entries.ts'
import { processDefinition, reactCommand } from '../process-managers/process-handler.ts'
import type { ProcessDefinition } from '../process-managers/process-handler.ts'
import { processManagerParts } from '../process-managers/process-manager-parts.ts'
import { PassDeadline, SendCommand } from '../process-managers/sent-jobs.ts'
import { cronAggregate } from '../queue/cron-state.ts'
import { cronParts } from '../queue/cron.ts'
import type { CronParts } from '../queue/cron.ts'
import type { ExposedContract } from './running.ts'

export interface Catalogue {
  readonly domains: readonly DomainParts[]
  /** Each after those that it depends on. */
  readonly ordered: readonly DomainParts[]
  readonly aggregates: ReadonlyMap<string, AggregateParts>
  readonly handlers: readonly {
    readonly contract: ContractParts
    readonly handler: unknown
    readonly roles: readonly (Role | 'any')[] | undefined
  }[]
  readonly events: ReadonlyMap<string, ContractParts>
  readonly outgoing: OutgoingContracts
  readonly permissions: ReadonlyMap<string, Permission<unknown>>
  readonly readModels: readonly ReadModelParts[]
  readonly subscribers: readonly SubscriberParts[]
  /** Process managers, with the commands that take events to them. */
  readonly processes: readonly ProcessDefinition[]
  readonly crons: readonly CronParts[]
  readonly invalidations: Invalidations
  readonly entries: readonly PermissionEntry[]
  readonly advances: Advances
  readonly cacheTags: CacheTags
  /** The tenant of a contract's data, by type, where its domain names one. */
  readonly places: ReadonlyMap<string, string>
  readonly exposed: readonly ExposedContract[]
}

/** Collects the parts of the domains. */
export function catalogueOf(domains: readonly AnyDomain[]): Catalogue {
  const parts = domains.map(domainParts)
  const ordered = orderDomains(parts)
  checkMigrations(ordered)
  const handlers = parts.flatMap((domain) =>
    domain.handlers.map((handler) => ({ contract: handler.contract, handler, roles: handler.roles ?? domain.roles })),
  )
  const readModels = parts.flatMap((domain) => domain.readModels.map(readModelParts))
  const subscribers = parts.flatMap((domain) => domain.subscribers.map(subscriberParts))
  const processes = parts.flatMap((domain) => domain.processManagers.map(processManagerParts)).map(processDefinition)
  const aggregates = new Map<string, AggregateParts>()
  for (const aggregate of parts.flatMap(aggregatesOf)) addAggregate(aggregates, aggregate)
  const crons = parts.flatMap((domain) => domain.crons.map(cronParts))
  for (const { aggregate } of processes) addAggregate(aggregates, aggregate)
  if (crons.length > 0) addAggregate(aggregates, cronAggregate)
  // A command's type names the stream that its handler may write to without an aggregate.
  for (const name of [...aggregates.keys(), ...handlers.map(({ contract }) => contract.type)])
    if (name === erasureStream || name === epochStream || name === cacheTagStream) throw kept(name)
  for (const { type } of [...handlers.map(({ contract }) => contract), ...parts.flatMap(({ emits }) => emits)])
    if (type === PermissionsChanged.type || type === CacheInvalidated.type) throw kept(type)
  const events = new Map<string, ContractParts>()
  for (const { name, folds } of aggregates.values())
    if (folds.has(PermissionsChanged.type))
      throw new Error(`The aggregate ${name} folds ${PermissionsChanged.type}, which gesta alone stores. Leave it out.`)
  for (const { folds } of aggregates.values()) for (const { contract } of folds.values()) addEvent(events, contract)
  for (const model of readModels) for (const contract of model.events.values()) addEvent(events, contract)
  for (const { domain } of subscribers) for (const { contract } of domain.values()) addEvent(events, contract)
  for (const { manager } of processes)
    for (const { contract } of manager.events.values()) if (contract.category === 'domain') addEvent(events, contract)
  return {
    domains: parts,
    ordered,
    aggregates,
    handlers,
    events,
    outgoing: new Map(
      [
        ...parts.flatMap((domain) => domain.emits),
        ...handlers.map(({ contract }) => contract).filter(({ kind }) => kind === 'job'),
        ...(processes.length === 0 ? [] : [partsOf(SendCommand), partsOf(PassDeadline)]),
      ].map((contract) => [outgoingKey(contract), contract]),
    ),
    permissions: new Map(parts.flatMap(permissionsOf)),
    readModels,
    subscribers,
    processes,
    crons,
    invalidations: invalidationsOf(parts),
    entries: permissionEntries(parts),
    advances: advancesOf(parts),
    cacheTags: cacheTagsOf(parts),
    places: new Map(parts.flatMap(placesOf)),
    exposed: parts.flatMap(exposedBy),
  }
}

function placesOf({ handlers, tenant, processManagers }: DomainParts): readonly (readonly [string, string])[] {
  if (tenant === undefined) return []
  const types = [
    ...handlers.map(({ contract }) => contract.type),
    ...processManagers.map(({ name }) => reactCommand(name)),
  ]
  return types.map((type) => [type, tenant] as const)
}

function advancesOf(parts: readonly DomainParts[]): Advances {
  const found = new Map<string, ((event: AdvancingEvent) => Epoch | readonly Epoch[])[]>()
  for (const [{ type }, epochsOf] of parts.flatMap(({ advances }) => advances))
    found.set(type, [...(found.get(type) ?? []), epochsOf])
  return found
}

function cacheTagsOf(parts: readonly DomainParts[]): CacheTags {
  const found = new Map<string, ((event: TaggedEvent) => readonly string[])[]>()
  for (const [{ type }, tagsOf] of parts.flatMap(({ cacheTags }) => cacheTags))
    found.set(type, [...(found.get(type) ?? []), tagsOf])
  return found
}

function invalidationsOf(parts: readonly DomainParts[]): Invalidations {
  const found = new Map<string, readonly string[]>()
  for (const [{ type }, queries] of parts.flatMap(({ invalidates }) => invalidates))
    found.set(type, [...(found.get(type) ?? []), ...queries.map((query) => query.type)])
  return found
}

/** Commands must be bound to the aggregate with all its folds: the streams of two with one name would be the same. */
function addAggregate(aggregates: Map<string, AggregateParts>, aggregate: AggregateParts): void {
  const { name, folds } = aggregate
  const known = aggregates.get(name)
  if (known !== undefined && known.folds !== folds) {
    throw new Error(
      `The app has two aggregates named ${name}. Bind commands to the one with all its .on(...), or rename one: their streams would be the same.`,
    )
  }
  aggregates.set(name, aggregate)
}

/** What is written is what everything here reads: a superseded revision is never emitted. */
function addEvent(events: Map<string, ContractParts>, contract: ContractParts): void {
  if (contract.type === deletedEventType)
    throw new Error(`The name ${deletedEventType} stands for events that were deleted. Rename yours.`)
  if (contract.type === PermissionsChanged.type && contract.schema !== partsOf(PermissionsChanged).schema)
    throw kept(contract.type)
  const known = events.get(contract.type)
  if (known !== undefined && known.schemaVersion !== contract.schemaVersion) {
    throw new Error(
      `The app uses ${contract.type} in the schema versions ${known.schemaVersion} and ${contract.schemaVersion}. Use its last revision everywhere.`,
    )
  }
  events.set(contract.type, contract)
}

function kept(name: string): Error {
  const purpose = name === erasureStream ? 'the erasure of subjects' : 'gesta itself'
  return new Error(`The name ${name} is kept for ${purpose}. Rename yours.`)
}

function aggregatesOf(domain: DomainParts): readonly AggregateParts[] {
  const bound = domain.handlers.flatMap((handler) =>
    'aggregate' in handler ? [handler.aggregate as AggregateParts] : [],
  )
  return [...domain.aggregates.map(aggregateParts), ...bound]
}

function runnable({ handlers }: DomainParts): readonly DomainParts['handlers'][number][] {
  return handlers.filter(({ contract }) => contract.kind === 'command' || contract.kind === 'query')
}

function permissionOf({ permissions }: DomainParts, type: string): Permission<unknown> | undefined {
  return typeof permissions === 'string' ? permissions : (permissions[type] as Permission<unknown> | undefined)
}

function permissionsOf(domain: DomainParts): readonly (readonly [string, Permission<unknown>])[] {
  return runnable(domain).flatMap(({ contract }) => {
    const permission = permissionOf(domain, contract.type)
    return permission === undefined ? [] : [[contract.type, permission] as const]
  })
}

function exposedBy(domain: DomainParts): readonly ExposedContract[] {
  return runnable(domain).map((handler) => {
    const permission = permissionOf(domain, handler.contract.type)
    return {
      domain: domain.name,
      contract: handler.contract,
      roles: handler.roles ?? domain.roles ?? [],
      permission: typeof permission === 'string' ? permission : 'custom',
      versioned: 'decider' in handler,
    }
  })
}
