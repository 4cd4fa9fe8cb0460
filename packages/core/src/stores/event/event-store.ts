// The event store: the one write port, and the one order that everything else reads.
import type { Commit, CommitParts, Receipt, StoredHeader, StreamName, Verdict } from '../commit.ts'

/** An event as it lies in the store; `data` and `context` are the exact texts that were stored. */
export interface StoredEvent {
  /** 1..n without gaps over the whole log, in commit order. */
  readonly position: number
  readonly commitNo: number
  readonly commandId: string
  /** Index in its commit, from 0. */
  readonly index: number
  readonly tenant: string
  readonly aggregateType: string
  readonly aggregateId: string
  /** 1..n without gaps in its stream. */
  readonly version: number
  readonly type: string
  readonly schemaVersion: number
  readonly data: string
  readonly context: string
  /** Microseconds UTC, as the committing process saw it. */
  readonly recordedAt: number
}

export interface TenantStream extends StreamName {
  readonly tenant: string
}

export interface ReadStream extends TenantStream {
  /** Exclusive; 0 (default) reads from the start. With `backwards`, events below it; absent: from the end. */
  readonly after?: number | undefined
  readonly backwards?: boolean | undefined
  /** Events at most in one answer, 1 to 10,000; default 100. An answer of large events may hold fewer. */
  readonly limit?: number | undefined
}
export interface ReadAll {
  /** Exclusive position; 0 reads from the start. */
  readonly after: number
  /** Events to aim for, 1 to 10,000; default 1,000. Commits come whole, so the last one may go over it. */
  readonly limit?: number | undefined
}

/** The log as a whole. */
export interface LogIdentity {
  /** Changes when the log was forked after a restored backup. */
  readonly incarnation: string
  /** 32 random bytes in hexadecimal, for tokens and keyed hashes. Never shown. */
  readonly secret: string
}

/** Called with what was stored together, in order, once per group, before `commit` answers its members. */
export type AppendListener = (stored: readonly StoredCommit[]) => void
export interface StoredCommit {
  readonly commit: Commit
  readonly receipt: Receipt
}

export interface CommitOptions {
  /** Stops the waiting for admission only: what was handed to the store runs to its verdict. */
  readonly signal?: AbortSignal | undefined
  /** `bulk` for imports: they share what others leave and never starve them, nor are starved. Default: `normal`. */
  readonly lane?: 'normal' | 'bulk' | undefined
}

/**
 * Order: position and commitNo are gapless and equal commit order; a reader never skips or reorders.
 * Atomicity: a commit is stored whole or not at all; its verdict is its own, whatever its group.
 * Durability: `stored` means on disk, in the mode that the backend declares.
 * Concurrency: any number of calls; versions, conditions, ids and keys are checked under one head lock.
 * Errors: `outcome_unknown` when nothing can be said, `store_*` when nothing was stored.
 * Not promised: that two commits given at once are stored in the order of the calls.
 */
export interface EventStore extends AsyncDisposable {
  readonly identity: LogIdentity
  /** Stores one decision. `signal` stops the waiting for admission only: what was handed to the store runs to its verdict. */
  commit(commit: Commit, options?: CommitOptions): Promise<Verdict>
  /**
   * A page of one stream, in version order (or backwards). An unknown stream is empty. Stores bound a page by its size too, so it
   * may hold fewer events than asked for, never none while there are more: only an empty page is the end.
   */
  readStream(read: ReadStream): Promise<readonly StoredEvent[]>
  /** Events of the whole log in position order, ending on a commit boundary; empty at the end. */
  readAll(read: ReadAll): Promise<readonly StoredEvent[]>
  /** Versions of these streams at one moment, on the primary; 0 for a stream that does not exist. */
  versions(streams: readonly TenantStream[]): Promise<readonly number[]>
  /** The last position; 0 for an empty log. */
  head(): Promise<number>
  /** What is stored for a command id. */
  header(tenant: string, commandId: string): Promise<StoredHeader | undefined>
  /** What is stored under an idempotency key, with the fingerprint that was stored with it. */
  headerByKey(
    key: IdempotencyScope,
  ): Promise<{ readonly header: StoredHeader; readonly fingerprint: string } | undefined>
  /** The messages, jobs and audit entries that were stored with a command; `undefined` for an unknown one. */
  parts(tenant: string, commandId: string): Promise<CommitParts | undefined>
  /** Wake-up and tail: what this process stored. Other processes' commits are found by reading. */
  onAppend(listener: AppendListener): Disposable
}
export interface IdempotencyScope {
  readonly tenant: string
  readonly sender: string
  readonly commandType: string
  readonly key: string
}
