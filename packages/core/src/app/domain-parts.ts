// What the runtime reads of a domain.
import type { AnyContract, AnyEvent, ContractParts } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'
import type { Level } from '../permissions/permission.ts'

interface Named {
  readonly name: string
}
export interface DomainParts {
  readonly name: string
  readonly handlers: readonly {
    readonly contract: ContractParts
    readonly roles: readonly (Role | 'any')[] | undefined
  }[]
  readonly permissions: Level | { readonly [type: string]: Level | ((input: never, caller: never) => unknown) }
  readonly roles: readonly (Role | 'any')[] | undefined
  readonly aggregates: readonly Named[]
  readonly readModels: readonly Named[]
  readonly emits: readonly ContractParts[]
  readonly subscribers: readonly Named[]
  /** Domain events, and the queries whose answers each of them makes stale. */
  readonly invalidates: readonly (readonly [AnyEvent<'domain'>, readonly AnyContract[]])[]
}
