// Messages that may leave a command: only those that a domain of the app declares.
import type { ContractParts } from '../contracts/contract.ts'

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
