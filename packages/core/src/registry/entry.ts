// What the registry holds: one entry per handler, and per event the list of its subscribers.
import type { ContractParts } from '../contracts/contract.ts'
import type { AllowedRole } from './roles.ts'

/** A contract bound to the one value that runs it. The registry does not look into `handler`. */
export interface Entry {
  readonly contract: ContractParts
  readonly handler: unknown
  readonly roles: readonly AllowedRole[] | undefined
  /** The roles that pass the gate, as bits (see roles.ts). */
  readonly bits: number
}

/** An event of one category. `subscribers` is replaced, never changed: a publication that runs keeps the list it began with. */
export interface EventEntry {
  contract: ContractParts
  subscribers: readonly Entry[]
}
