// What an app's domains add up to: contracts by name, handlers with their roles, permissions, read models.
import { aggregateParts } from '../aggregates/aggregate.ts'
import type { AggregateParts } from '../aggregates/aggregate.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'
import { outgoingKey } from '../dispatch/outgoing.ts'
import type { OutgoingContracts } from '../dispatch/outgoing.ts'
import type { Permission } from '../permissions/permission.ts'
import { readModelParts } from '../read-models/read-model.ts'
import type { ReadModelParts } from '../read-models/read-model.ts'
import { domainParts } from './domain.ts'
import type { AnyDomain, DomainParts } from './domain.ts'
import type { ExposedContract } from './running.ts'

export interface Catalogue {
  readonly handlers: readonly {
    readonly contract: ContractParts
    readonly handler: unknown
    readonly roles: readonly (Role | 'any')[] | undefined
  }[]
  readonly events: ReadonlyMap<string, ContractParts>
  readonly outgoing: OutgoingContracts
  readonly permissions: ReadonlyMap<string, Permission<unknown>>
  readonly readModels: readonly ReadModelParts[]
  readonly exposed: readonly ExposedContract[]
}

/** Collects the parts of the domains. */
export function catalogueOf(domains: readonly AnyDomain[]): Catalogue {
  const parts = domains.map(domainParts)
  const handlers = parts.flatMap((domain) =>
    domain.handlers.map((handler) => ({ contract: handler.contract, handler, roles: handler.roles ?? domain.roles })),
  )
  const readModels = parts.flatMap((domain) => domain.readModels.map(readModelParts))
  const events = new Map<string, ContractParts>()
  for (const model of readModels) for (const contract of model.events.values()) addEvent(events, contract)
  for (const aggregate of parts.flatMap(aggregatesOf))
    for (const { contract } of aggregate.folds.values()) addEvent(events, contract)
  return {
    handlers,
    events,
    outgoing: new Map(
      [
        ...parts.flatMap((domain) => domain.emits),
        ...handlers.map(({ contract }) => contract).filter(({ kind }) => kind === 'job'),
      ].map((contract) => [outgoingKey(contract), contract]),
    ),
    permissions: new Map(parts.flatMap(permissionsOf)),
    readModels,
    exposed: parts.flatMap(exposedBy),
  }
}

/** A fold may have been written against an older revision of an event; the newest one reads what is stored. */
function addEvent(events: Map<string, ContractParts>, contract: ContractParts): void {
  const known = events.get(contract.type)
  if ((known?.schemaVersion ?? 0) < (contract.schemaVersion ?? 1)) events.set(contract.type, contract)
}

function aggregatesOf(domain: DomainParts): readonly AggregateParts[] {
  const bound = domain.handlers.flatMap((handler) =>
    'aggregate' in handler ? [handler.aggregate as AggregateParts] : [],
  )
  return [...new Set([...domain.aggregates.map(aggregateParts), ...bound])]
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
