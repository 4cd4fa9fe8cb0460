// What the engine tells the audit log: entries for the commit of a command, and those of what stores nothing else.
import type { AuditEntry, AuditOutcome } from '../stores/audit/audit-entry.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { RequestContext } from '../request-context/request-context.ts'

/** What a handler says of itself: an entry beside the one that its contract may ask for. */
export interface AuditNote {
  /** `Domain.Type` of what was done; default: the contract's. */
  readonly action?: string | undefined
  readonly resource?: string | undefined
  readonly outcome?: AuditOutcome | undefined
  readonly reason?: string | undefined
  readonly before?: unknown
  readonly after?: unknown
}
/** Who did what, from where. */
export interface Act {
  readonly type: string
  readonly contract: ContractParts | undefined
  readonly tenant: string
  readonly context: RequestContext
  readonly metadata: { readonly [name: string]: string } | undefined
}
export interface Auditing {
  /** The entries of a command's commit. `states`: of the one aggregate that it decided on, when its contract is audited. */
  entriesOf(
    act: Act,
    end: {
      readonly outcome: AuditOutcome
      readonly reason: string | undefined
      readonly resource?: string | undefined
      readonly before?: unknown
      readonly after?: unknown
    },
    notes: readonly AuditNote[],
  ): readonly AuditEntry[]
  /** Whether a commit without decision leaves an entry: denials always, other ends when the contract is audited. */
  concerns(act: Act, outcome: AuditOutcome): boolean
  /** Stores an entry in a commit of its own, before anything is answered. Errors: `store_*`: the action has failed then. */
  record(
    act: Act,
    end: { readonly outcome: AuditOutcome; readonly reason?: string | undefined },
    note?: AuditNote,
  ): Promise<void>
}
