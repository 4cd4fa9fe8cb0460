// What the engine tells the audit log: entries for the commit of a command, and those of what stores nothing else.
import { isKey } from '../codec/key-text.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import { auditOutcomes } from '../stores/audit/audit-entry.ts'
import type { AuditEntry, AuditOutcome } from '../stores/audit/audit-entry.ts'
import type { Attempt } from './command-recording.ts'

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
  /** Of a command. */
  readonly commandId?: string | undefined
}
/** What came of it. */
export interface ActEnd {
  readonly outcome: AuditOutcome
  readonly reason?: string | undefined
  readonly resource?: string | undefined
  /** Of the one aggregate that was decided on. */
  readonly before?: unknown
  readonly after?: unknown
}
export interface Auditing {
  /** The entries of a command's commit: its own when its contract is audited, and one for each note. */
  entriesOf(act: Act, end: ActEnd, notes: readonly AuditNote[]): readonly AuditEntry[]
  /** Whether an end without decision leaves an entry: denials always, other ends when the contract is audited. */
  concerns(act: Act, outcome: AuditOutcome): boolean
  /**
   * The entries of an act that ended in `cause` and stored nothing, for the commit of its record. None when it concerns nobody, when
   * this very denial of it was told before, or when a stranger's are beyond what is kept per second. `signal`: the caller's.
   */
  entriesOfFailure(act: Act, cause: unknown, signal?: AbortSignal): readonly AuditEntry[]
  /** Stores entries that no other commit carries. Never throws: what cannot be stored is counted. */
  keep(act: Act, entries: readonly AuditEntry[]): Promise<void>
  /** Stores an entry in a commit of its own, before anything is answered. Errors: `store_*`: the action has failed then. */
  record(act: Act, end: ActEnd, note?: AuditNote): Promise<void>
}

/** A command as the audit log tells of it. */
export function actOf({ type, contract, tenant, context, options, commandId }: Attempt): Act {
  return { type, contract, tenant, context, metadata: options.metadata, commandId }
}

/** Of a denial that no other commit carries, in time: its caller is answered when this resolves. Never throws. */
export async function keepFailure(
  { auditing }: { readonly auditing: Pick<Auditing, 'entriesOfFailure' | 'keep'> },
  act: Act,
  cause: unknown,
  signal?: AbortSignal,
): Promise<void> {
  const entries = auditing.entriesOfFailure(act, cause, signal)
  if (entries.length > 0) await auditing.keep(act, entries)
}

/** What a handler notes, checked when it does. Errors: a plain one for a note that no entry can be made of. */
export function checkedNote(note: AuditNote, by: string): AuditNote {
  checkOptions(note, noteFields, `the audit note of ${by}`)
  const { action, outcome, resource, reason } = note
  if (action !== undefined && !isKey(action))
    throw new Error(
      `Expected the action of an audit note of ${by} to be a name such as Order.Cancel, received "${String(action)}".`,
    )
  if (outcome !== undefined && !auditOutcomes.includes(outcome))
    throw new Error(`Expected the outcome of an audit note of ${by} to be one of ${auditOutcomes.join(', ')}.`)
  for (const text of [resource, reason])
    if (text !== undefined && typeof text !== 'string')
      throw new Error(`Expected resource and reason of an audit note of ${by} to be texts, received ${typeof text}.`)
  return note
}
const noteFields = ['action', 'resource', 'outcome', 'reason', 'before', 'after'] as const
