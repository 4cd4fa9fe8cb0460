// The command log: one record per command, whatever its outcome. Beside an event store it is the headers that commits leave, read back;
// a log of its own (command-log-store.ts) is told.
import type { Page, PageRequest, Store } from '../store.ts'
import type { CommandRecord, CommandStatus } from './command-record.ts'

/** Fields that are absent do not narrow a list, an empty list of statuses matches nothing. */
export interface CommandFilter {
  readonly tenant?: string | undefined
  readonly statuses?: readonly CommandStatus[] | undefined
  readonly commandType?: string | undefined
  /** Commands of one correlation: those that carry it, and the one whose id it is. */
  readonly correlationId?: string | undefined
  /** The identity or, without one, the account that sent it. */
  readonly sender?: string | undefined
  /** Inclusive, microseconds UTC. */
  readonly from?: number | undefined
  /** Exclusive, microseconds UTC. */
  readonly to?: number | undefined
  /** Commands of commits above this one; none in a log of its own, which has no commits. */
  readonly afterCommitNo?: number | undefined
  /** In the order in which they were recorded; default `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined
}
/** Which records are forgotten. */
export interface PurgeRequest {
  /** Records of commands that arrived before this time, microseconds UTC. */
  readonly before: number
  readonly tenant?: string | undefined
  /** Default: every status but `started`. */
  readonly statuses?: readonly CommandStatus[] | undefined
  /** Records at most, 1 to 10,000; default 1,000. What is left is for the next call. */
  readonly limit?: number | undefined
}

/**
 * Order: that of recording, which for a log of headers is by commit number. A page is stable under concurrent writes.
 * Errors: `store_*`, `invalid_key`, `invalid_cursor`; a `RangeError` for bounds that are not kept.
 */
export interface CommandLog extends Store {
  get(tenant: string, commandId: string): Promise<CommandRecord | undefined>
  /** Stores bound a page by its size too, so it may hold fewer records than asked for: only a page without cursor is the end. */
  list(filter: CommandFilter, page?: PageRequest): Promise<Page<CommandRecord>>
  total(filter?: CommandFilter): Promise<number>
  /**
   * Takes payload, metadata and the words of errors out of one record, for good. Whether there was one. The outcome of one that is
   * `started` replaces it whole, so that is redacted when it has ended.
   */
  redact(tenant: string, commandId: string): Promise<boolean>
  /**
   * Forgets old records; how many. Beside an event store the header stays, without its detail and out of every list, because it keeps the
   * command from being decided twice and the events their context.
   */
  purge(request: PurgeRequest): Promise<number>
}
