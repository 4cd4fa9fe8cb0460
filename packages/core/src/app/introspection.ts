// Fills what the runtime domain sees of an app, from what its domains add up to and what was wired.
import type { DecideHandler } from '../aggregates/aggregate.ts'
import { aggregateParts } from '../aggregates/aggregate.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Engine } from '../dispatch/engine.ts'
import type { Pump } from '../pump/pump.ts'
import type { ReadModels } from '../pump/read-model-status.ts'
import { subscriberParts } from '../pump/subscriber.ts'
import type { SubscriberStatus } from '../pump/subscriber-status.ts'
import { readModelParts } from '../read-models/read-model-parts.ts'
import { runningHandlerOf } from '../registry/registry.ts'
import { createRuntimeStream } from '../runtime-domain/event-stream.ts'
import type {
  Introspection,
  KnownAggregate,
  KnownContract,
  KnownEvent,
  KnownEventHandler,
} from '../runtime-domain/introspection.ts'
import { createRewrite } from '../runtime-domain/rewrite.ts'
import { streamLimits } from '../runtime-domain/stream-limits.ts'
import type { OpenBackend } from '../stores/backend.ts'
import type { Catalogue } from './catalogue.ts'
import type { DomainParts } from './domain-parts.ts'
import type { HostRuntime } from './running.ts'
import type { AppAudit } from '../audit/app-audit.ts'
import type { AppCommandLog } from '../command-log/app-command-log.ts'
import type { AppPermissions } from '../permissions/app-permissions.ts'

export interface IntrospectionParts {
  readonly name: string
  readonly version: string | undefined
  readonly catalogue: Catalogue
  readonly engine: Engine
  readonly backend: OpenBackend
  readonly pump: Pump
  readonly readModels: ReadModels
  subscribers(): readonly SubscriberStatus[]
  readonly permissions: AppPermissions
  readonly audit: AppAudit
  readonly commandLog: AppCommandLog
  readonly jobs: Introspection['jobs']
  readonly crons: Introspection['crons']
}
export interface OpenedIntrospection {
  readonly introspection: Introspection
  /** What transports serve of it; absent when the app has no runtime domain. */
  readonly runtime: HostRuntime | undefined
  /** Ends its streams. */
  stop(): void
}

export function openIntrospection(parts: IntrospectionParts): OpenedIntrospection {
  const { name, version, catalogue, engine, backend, pump, permissions } = parts
  const { domains } = catalogue
  const runtime = domains.find((domain) => domain.streamLimits !== undefined)
  const contracts = contractsOf(catalogue)
  const stream = createRuntimeStream({
    permissions,
    contracts,
    events: catalogue.events,
    pump,
    store: engine.store,
    decoder: engine.decoder,
    tokens: engine.tokens,
    alarms: engine.alarms,
    limits: runtime?.streamLimits ?? streamLimits(),
  })
  // Made when somebody asks: an app that tells nothing of itself needs none.
  let instance: string | undefined
  const introspection: Introspection = {
    name,
    version,
    get instance() {
      return (instance ??= engine.ids.newId())
    },
    startedAt: engine.clock.nowUs(),
    clock: engine.clock,
    node: process.version,
    role: engine.role,
    domains: catalogue.ordered.map(({ name: domain, version: own, dependsOn }) => ({
      name: domain,
      version: own,
      dependsOn,
    })),
    contracts,
    events: eventsOf(catalogue),
    aggregates: aggregatesOf(catalogue),
    eventHandlers: domains.flatMap(eventHandlersOf),
    readModels: parts.readModels,
    subscribers: parts.subscribers,
    permissions,
    audit: parts.audit,
    commandLog: parts.commandLog,
    jobs: parts.jobs,
    crons: fromOutside(engine, parts.crons),
    backend,
    decode: (page) => engine.decoder.decodeEach(page),
    rewrite: createRewrite({ engine, contracts: catalogue.events }),
    stream,
  }
  return { introspection, runtime: runtime && { stream }, stop: stream.stop }
}

/** What steers crons is a command of its own; of a handler that tells them so it is no part, and must not be refused as one. */
function fromOutside({ registry }: Engine, crons: Introspection['crons']): Introspection['crons'] {
  const outside = runningHandlerOf(registry)
  return {
    list: crons.list,
    pause: (...told) => outside.exit(() => crons.pause(...told)),
    resume: (...told) => outside.exit(() => crons.resume(...told)),
    runNow: (...told) => outside.exit(() => crons.runNow(...told)),
  }
}

function contractsOf({ domains, exposed }: Catalogue): readonly KnownContract[] {
  const levels = new Map(exposed.map(({ contract, permission }) => [contract, permission]))
  return domains.flatMap((domain) =>
    domain.handlers.map((handler): KnownContract => {
      const decided = 'decider' in handler
      return {
        domain: domain.name,
        contract: handler.contract,
        roles: handler.roles ?? domain.roles ?? [],
        handledBy: decided ? 'decider' : 'handler',
        aggregate: decided ? (handler as unknown as DecideHandler).aggregate.name : undefined,
        level: levels.get(handler.contract),
      }
    }),
  )
}

/** Every event that anything of the app emits, folds or handles by name: one of each category and type. */
function eventsOf(catalogue: Catalogue): readonly KnownEvent[] {
  const { aggregates, readModels, subscribers, processes, outgoing, events } = catalogue
  const received = [
    ...subscribers.flatMap(({ integration }) => [...integration.values()]),
    ...processes.flatMap(({ manager }) => [...manager.events.values()]),
  ].map(({ contract }) => contract)
  const known = new Map<string, ContractParts>()
  for (const contract of [...events.values(), ...outgoing.values(), ...received])
    if (contract.kind === 'event') known.set(`${contract.category} ${contract.type}`, contract)
  return [...known.values()].map((contract) => {
    const { type, category = 'domain' } = contract
    const isDomain = category === 'domain'
    const folding = [...aggregates.values()].filter(({ folds }) => isDomain && folds.has(type))
    const models = readModels.filter((model) => isDomain && model.events.has(type))
    const managing = processes.map(({ manager }) => manager).filter((one) => one.events.has(`${category}:${type}`))
    const handling = subscribers.filter((one) => category !== 'presentation' && one[category].has(type))
    return {
      domain: type.slice(0, type.indexOf('.')),
      contract,
      aggregates: folding.map((one) => one.name),
      handlers: [...models, ...handling, ...managing].map((one) => one.name),
    }
  })
}

function aggregatesOf({ domains, aggregates, handlers }: Catalogue): readonly KnownAggregate[] {
  return [...aggregates.values()].map(({ name, stateVersion, folds }) => ({
    domain:
      (domains.find((domain) => brings(domain, name)) ?? domains.find((domain) => decides(domain, name)))?.name ?? '',
    name,
    stateVersion,
    events: [...folds.keys()],
    commands: handlers.flatMap(({ contract, handler }) =>
      (handler as Partial<DecideHandler>).aggregate?.name === name ? [contract.type] : [],
    ),
  }))
}
function brings(domain: DomainParts, aggregate: string): boolean {
  return domain.aggregates.some((part) => aggregateParts(part).name === aggregate)
}
function decides(domain: DomainParts, aggregate: string): boolean {
  return domain.handlers.some((handler) => (handler as Partial<DecideHandler>).aggregate?.name === aggregate)
}

function eventHandlersOf(parts: DomainParts): readonly KnownEventHandler[] {
  const { name: domain, readModels, subscribers, processManagers } = parts
  return [
    ...[...readModels.map(readModelParts), ...subscribers.map(subscriberParts)].map(({ name }) => ({ domain, name })),
    ...processManagers.map(({ name }) => ({ domain, name, isProcessManager: true })),
  ]
}
