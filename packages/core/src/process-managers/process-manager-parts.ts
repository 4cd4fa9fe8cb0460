// What the runtime reads of a process manager.
import type { ContractParts } from '../contracts/contract.ts'
import type { Role } from '../contracts/messages.ts'

/** What any of its functions looks like from inside: the state, what happened, and the event or the key. */
export type React = (state: unknown, happened: unknown, about: unknown) => unknown
export interface ReactingTo {
  readonly contract: ContractParts
  readonly key: (data: unknown, event: unknown) => unknown
  readonly react: React
}
export interface ProcessManagerParts {
  readonly name: string
  readonly initial: () => unknown
  readonly actor: 'cause' | 'system'
  readonly from: 'start' | 'end'
  readonly roles: readonly (Role | 'any')[] | undefined
  readonly attemptsMax: number
  readonly onFailure: 'stop' | 'park'
  readonly leaseMs: number
  /** By `category:type`. */
  readonly events: ReadonlyMap<string, ReactingTo>
  /** By name. */
  readonly deadlines: ReadonlyMap<string, React>
  /** By type of the command. */
  readonly refusals: ReadonlyMap<string, React>
  /** By `kind:type` of what was sent. */
  readonly failures: ReadonlyMap<string, React>
}

/** The runtime side of a process manager. */
export function processManagerParts(definition: { readonly name: string }): ProcessManagerParts {
  return definition as ProcessManagerParts
}
