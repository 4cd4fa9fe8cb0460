// An observation: a stable operation name with stable labels. What it describes is a registered contract or an event.
import type { Category, Kind, Role } from '../contracts/messages.ts'
import type { ObservationName } from './observation-names.ts'

/** Labels of one contract. An absent fact is an absent property, so that labels can be copied as they are. Never an aggregate's id. */
export interface ObservationLabels {
  readonly kind: Kind
  readonly eventCategory?: Category
  /** The contract's name, `Domain.Type`. */
  readonly contract: string
  /** Name of the declared result. */
  readonly result?: string
  /** The role that performs the operation. */
  readonly role?: Role | 'any'
  /** The roles that may perform it. */
  readonly roles?: readonly (Role | 'any')[]
  readonly handlers?: number
}

export interface Observation {
  readonly name: ObservationName
  readonly labels: ObservationLabels
}

/** Receives every observation, synchronously, when its operation begins. What it throws is ignored: watching never fails the work. */
export type Observe = (observation: Observation) => void

/** A registered contract as the registry describes it. */
export interface ObservedContract {
  readonly kind: Kind
  readonly eventCategory?: Category
  readonly type: string
  readonly result?: string
  readonly handlers: number
  readonly roles: readonly (Role | 'any')[]
}
/** An event on its way. */
export interface ObservedEvent {
  readonly category: Category
  readonly type: string
}

/**
 * The labels of a contract's metadata or of an envelope. Lists are copies; a contract without roles has no `roles`.
 * Reference: docs/reference/contracts.md.
 */
export function observationLabels(subject: ObservedContract | ObservedEvent): ObservationLabels {
  if ('category' in subject) return { kind: 'event', eventCategory: subject.category, contract: subject.type }
  const { kind, eventCategory, type, result, handlers, roles } = subject
  return {
    kind,
    ...(eventCategory === undefined ? undefined : { eventCategory }),
    contract: type,
    ...(result === undefined ? undefined : { result }),
    ...(roles.length === 0 ? undefined : { roles: [...roles] }),
    handlers,
  }
}

/** An observation with copied labels, so that the caller may change its own afterwards. Reference: docs/reference/contracts.md. */
export function createObservation(name: ObservationName, labels: ObservationLabels): Observation {
  const { roles } = labels
  return { name, labels: roles === undefined ? { ...labels } : { ...labels, roles: [...roles] } }
}

/** A named observation of a contract's metadata or of an envelope. Reference: docs/reference/contracts.md. */
export function observation(name: ObservationName, subject: ObservedContract | ObservedEvent): Observation {
  return { name, labels: observationLabels(subject) }
}

/** The same with the role that performs the operation. Reference: docs/reference/contracts.md. */
export function observationForRole(
  name: ObservationName,
  subject: ObservedContract | ObservedEvent,
  role: Role | 'any',
): Observation {
  return { name, labels: { ...observationLabels(subject), role } }
}
