// Taking contracts in: one handler per command, query and job, any number of subscribers per event. `register.ts` is the typed face.
import { partsOf } from '../contracts/contract.ts'
import type { AnyContract, AnyEvent, ContractParts } from '../contracts/contract.ts'
import { observationNames } from '../observation/observation-names.ts'
import { ContractError } from './contract-error.ts'
import type { Entry, EventEntry } from './entry.ts'
import { isCategory } from './envelope.ts'
import { heldBy, observeEntry } from './registry.ts'
import type { Held, Registry } from './registry.ts'
import { bitsOf } from './roles.ts'
import type { AllowedRole } from './roles.ts'

/**
 * Registers any value as what runs a contract: the one handler of a command, query or job, or one more subscriber of an event.
 * Errors: `nil_handler`, `unsupported_handler`, `duplicate_handler`; a plain error for a role that does not exist.
 */
export function enlist(
  registry: Registry,
  contract: AnyContract,
  handler: unknown,
  roles: readonly AllowedRole[] | undefined,
): void {
  const held = heldBy(registry)
  const parts = checkContract(contract)
  const { kind, type } = parts
  if (handler === undefined || handler === null)
    throw new ContractError('nil_handler', type, `Expected what runs the ${kind} ${type}, received nothing.`)
  const entry: Entry = {
    contract: parts,
    handler,
    roles: roles === undefined ? undefined : [...roles],
    bits: bitsOf(roles, kind),
  }
  if (kind === 'event') {
    const event = declareIn(held, parts)
    event.subscribers = [...event.subscribers, entry]
  } else {
    refuseDuplicate(held, kind, type)
    held[kind].set(type, entry)
  }
  observeEntry(registry, registrationNames[kind], entry, undefined)
}

/**
 * Makes an event's contract known without a subscriber, so that its data are validated and its envelopes carry a schema version.
 * Errors: `nil_handler`, `unsupported_handler`.
 */
export function declareEvent(registry: Registry, contract: AnyEvent): void {
  declareIn(heldBy(registry), checkContract(contract))
}

const registrationNames = {
  command: observationNames.registerCommand,
  query: observationNames.registerQuery,
  event: observationNames.registerEvent,
  job: observationNames.registerJob,
}

function checkContract(contract: AnyContract | undefined | null): ContractParts {
  const parts = contract === undefined || contract === null ? undefined : partsOf(contract)
  const known = parts?.kind === 'event' ? isCategory(parts.category) : parts !== undefined && kinds.has(parts.kind)
  if (parts === undefined || !known)
    throw new ContractError(
      'unsupported_handler',
      parts?.type ?? '',
      'Expected a contract made by command(), query(), job() or one of the event functions.',
    )
  return parts
}

const kinds: ReadonlySet<unknown> = new Set(['command', 'query', 'job'])

/** The event's entry, made when it is new. Of several schema versions that name one event the highest counts. */
function declareIn(held: Held, contract: ContractParts): EventEntry {
  const events = held[contract.category ?? 'domain']
  const known = events.get(contract.type)
  if (known === undefined) {
    const event: EventEntry = { contract, subscribers: [] }
    events.set(contract.type, event)
    return event
  }
  if ((contract.schemaVersion ?? 1) > (known.contract.schemaVersion ?? 1)) known.contract = contract
  return known
}

/** A command and a query of one name would share a permission and a route, so they count as duplicates too. */
function refuseDuplicate(held: Held, kind: 'command' | 'query' | 'job', type: string): void {
  const taken = held[kind].has(type)
    ? kind
    : kind === 'command' && held.query.has(type)
      ? 'query'
      : kind === 'query' && held.command.has(type)
        ? 'command'
        : undefined
  if (taken === undefined) return
  throw new ContractError(
    'duplicate_handler',
    type,
    `Expected one handler for ${type}, but the ${taken} ${type} is registered already. Remove one, or give the ${kind} another name.`,
  )
}
