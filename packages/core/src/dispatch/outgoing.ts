// Messages that may leave a command: only those that a domain of the app declares.
import type { ContractParts } from '../contracts/contract.ts'
import type { Outgoing } from '../contracts/messages.ts'

/** The contracts of outgoing messages, by `outgoingKey`. */
export type OutgoingContracts = ReadonlyMap<string, ContractParts>

/** The same type in two categories is two contracts; so is an event and a job. */
export function outgoingKey(message: {
  readonly kind: string
  readonly category?: string
  readonly type: string
}): string {
  return `${message.category ?? message.kind}:${message.type}`
}

/** A message that leaves the command beside its domain events, and who of the browsers may see it. */
export interface Leaving {
  readonly message: Outgoing
  readonly audience: readonly string[] | undefined
}
/** A presentation event as it leaves: what its schema names, and nothing else. */
export interface Shown {
  readonly type: string
  readonly schemaVersion: number
  readonly value: unknown
  readonly audience: readonly string[] | undefined
}
