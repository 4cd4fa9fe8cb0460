// The registry: contracts, their handlers and the roles that may run them. Everything that runs a contract looks it up here.
import type { Category, Role } from '../contracts/messages.ts'
import { observation, observationForRole } from '../observation/observation.ts'
import type { Observe, ObservedContract, ObservedEvent } from '../observation/observation.ts'
import type { ObservationName } from '../observation/observation-names.ts'
import { checkOptions } from '../schema/options.ts'
import { ContractError } from './contract-error.ts'
import { defaultNewId } from './default-new-id.ts'
import type { Entry, EventEntry } from './entry.ts'
import { describe, metadataOf } from './metadata.ts'
import type { Metadata } from './metadata.ts'
import { allows } from './roles.ts'
import type { AllowedRole } from './roles.ts'
import { createRunningHandler } from './running-handler.ts'
import type { RunningHandler } from './running-handler.ts'

const holds: unique symbol = Symbol('gesta.registry')

/** Holds the handlers of one runtime. Made by `createRegistry`. */
export interface Registry {
  /**
   * The contracts that a role may run, sorted by kind, category and type; `any` gives all, as execution without a role does.
   * Everything returned is a copy. Reference: docs/reference/contracts.md.
   */
  contractsForRole(role: AllowedRole): readonly Metadata[]
  readonly [holds]: Held
}

/** Inside of a registry; enlist.ts fills it. */
export interface Held {
  readonly command: Map<string, Entry>
  readonly query: Map<string, Entry>
  readonly job: Map<string, Entry>
  readonly domain: Map<string, EventEntry>
  readonly integration: Map<string, EventEntry>
  readonly presentation: Map<string, EventEntry>
  readonly observe: Observe | undefined
  readonly newId: () => string
  readonly running: RunningHandler
}

export interface RegistryOptions {
  /** Receives an observation for everything that the registry does; default: none, and then none is built. */
  readonly observe?: Observe | undefined
  /** Makes the ids of events that have none; default: random UUIDs of the platform. */
  readonly newId?: (() => string) | undefined
}

/** An empty registry. Reference: docs/reference/contracts.md. */
export function createRegistry(options: RegistryOptions = {}): Registry {
  checkOptions(options, ['observe', 'newId'], 'createRegistry')
  const held: Held = {
    command: new Map(),
    query: new Map(),
    job: new Map(),
    domain: new Map(),
    integration: new Map(),
    presentation: new Map(),
    observe: options.observe,
    newId: options.newId ?? defaultNewId,
    running: createRunningHandler(),
  }
  return {
    contractsForRole: (role) =>
      metadataOf([held.command, held.query, held.job], [held.domain, held.integration, held.presentation], role),
    [holds]: held,
  }
}

/**
 * Looks up the handler of a command, query or job and passes the gate; no role passes it. Synchronous, allocates nothing.
 * Errors: `nil_handler` (no registry), `missing_handler`, `role_not_allowed`.
 */
export function admit(
  registry: Registry,
  kind: 'command' | 'query' | 'job',
  type: string,
  role: Role | undefined,
): Entry {
  const entry = heldBy(registry)[kind].get(type)
  if (entry === undefined) throw missingHandler(kind, type)
  if (!allows(entry.bits, role)) throw roleNotAllowed(entry, role)
  return entry
}

/** The event of a category, with its subscribers in order of registration; `undefined` when the registry does not know it. Errors: `nil_handler`. */
export function eventOf(registry: Registry, category: Category, type: string): Readonly<EventEntry> | undefined {
  return heldBy(registry)[category].get(type)
}

/** An id for an event that has none. Errors: `nil_handler`. */
export function newIdOf(registry: Registry): string {
  return heldBy(registry).newId()
}

/** The mark of command handlers that run on this registry. Errors: `nil_handler`. */
export function runningHandlerOf(registry: Registry): RunningHandler {
  return heldBy(registry).running
}

/** Tells the observer about a registered contract. Costs one comparison when nobody listens. */
export function observeEntry(
  registry: Registry,
  name: ObservationName,
  entry: Entry,
  role: AllowedRole | undefined,
): void {
  const { observe } = heldBy(registry)
  if (observe === undefined) return
  const metadata = describe(entry.contract, [entry], undefined)
  if (metadata !== undefined) tell(observe, name, metadata, role)
}

/** Tells the observer about an event on its way. Costs one comparison when nobody listens. */
export function observeEvent(
  registry: Registry,
  name: ObservationName,
  event: ObservedEvent,
  role: AllowedRole | undefined,
): void {
  const { observe } = heldBy(registry)
  if (observe !== undefined) tell(observe, name, event, role)
}

function tell(
  observe: Observe,
  name: ObservationName,
  subject: ObservedContract | ObservedEvent,
  role: AllowedRole | undefined,
): void {
  try {
    observe(role === undefined ? observation(name, subject) : observationForRole(name, subject, role))
  } catch {
    // Watching never fails the work; an observer that wants to know catches its own errors.
  }
}

/** What a registry holds. Errors: `nil_handler` when there is none. */
export function heldBy(registry: Registry | undefined | null): Held {
  const held = registry?.[holds]
  if (held === undefined)
    throw new ContractError('nil_handler', '', 'Expected a registry made by createRegistry(), received none.')
  return held
}

function missingHandler(kind: string, type: string): ContractError {
  return new ContractError(
    'missing_handler',
    type,
    `Expected a handler for the ${kind} ${type}, but none is registered. Register it before it is run.`,
  )
}

function roleNotAllowed({ contract: { kind, type }, roles }: Entry, role: Role | undefined): ContractError {
  const allowed = roles === undefined || roles.length === 0 ? 'it names no role' : `it is for ${roles.join(', ')}`
  const message = `Expected a role that may run the ${kind} ${type} (${allowed}), received ${JSON.stringify(role)}. Add the role, or 'any', where it is registered.`
  return new ContractError('role_not_allowed', type, message, { facts: { role } })
}
