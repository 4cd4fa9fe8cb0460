// What a caller may say beside the message itself.
import type { Role } from '../contracts/messages.ts'
import type { Token } from '../contracts/recorded-event.ts'
import type { HistoryAsked } from '../read-models/history.ts'
import type { RequestContext } from '../request-context/request-context.ts'

interface CallOptions {
  readonly context?: RequestContext | undefined
  /** Overrides the role that the app was started with. */
  readonly role?: Role | undefined
  /** Milliseconds from now. Default: none. */
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * What is noted in the command log and the audit log, such as the caller's `address`, `userAgent` and `requestId`, and never stored with
   * events. Reference: docs/reference/command-log.md.
   */
  readonly metadata?: { readonly [name: string]: string } | undefined
}
export interface DispatchOptions extends CallOptions {
  /** Makes a repetition find the first outcome: one commit per tenant, sender, command and key. */
  readonly idempotencyKey?: string | undefined
  /** Names the command, to settle an `outcome_unknown`: the same id never decides twice. Default: a new UUIDv7. */
  readonly commandId?: string | undefined
  /** The version that the aggregate must have (0: must be new), else `version_mismatch`. */
  readonly expectedVersion?: number | undefined
  /** Commands of a bulk import yield to others when the store is busy. Default `'normal'`. */
  readonly lane?: 'normal' | 'bulk' | undefined
}
/** `History` is what was written as `history`: it decides what the answer is. */
export interface QueryOptions<History extends HistoryAsked = undefined> extends CallOptions {
  /** Read your writes: waits until the read models that the query reads have this position. */
  readonly after?: Token | undefined
  /** The answer also has the history of the aggregates that it shows. Reference: docs/reference/history.md. */
  readonly history?: History | undefined
}
/** What is sent by a function that the app runs has an id of its own making, and ends with the run. */
export type SentOptions = Omit<DispatchOptions, 'commandId' | 'idempotencyKey' | 'signal'>
