// The event store: the one write port, and the one order that everything else reads.
import type { Commit, CommitParts, Receipt, StoredHeader, StreamName, Verdict } from '../commit.ts'
import type { Page, PageRequest, Store } from '../store.ts'

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
export interface ReadTails {
  /** 1,000 at most; a stream may be named several times. */
  readonly streams: readonly TenantStream[]
  /** Events of each stream at most, 1 to 1,000; of all streams together 20,000 at most. */
  readonly limit: number
  /** Exclusive version, from 1: events below it, in every stream; absent: from the end. */
  readonly before?: number | undefined
}
export interface ReadAll {
  /** Exclusive position; 0 reads from the start. */
  readonly after: number
  /** Events to aim for, 1 to 10,000; default 1,000. Commits come whole, so the last one may go over it. */
  readonly limit?: number | undefined
}

/** Names one event, for ever: the command that stored it, and its index in the command's commit, from 0. */
export interface EventKey {
  readonly tenant: string
  readonly commandId: string
  readonly index: number
}

/** Which events a list is about; fields that are absent do not narrow it, an empty list matches nothing. */
export interface EventFilter {
  readonly tenant?: string | undefined
  /** The target workspace of the request context. */
  readonly workspace?: string | undefined
  readonly aggregateType?: string | undefined
  readonly aggregateId?: string | undefined
  /** Domains: the part of the type before its first dot. */
  readonly domains?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  /** Events of one correlation: those whose context carries it, and those of the command whose id it is. */
  readonly correlationId?: string | undefined
  /** Recorded at or after this time, microseconds UTC. */
  readonly from?: number | undefined
  /** Recorded before this time, microseconds UTC. */
  readonly to?: number | undefined
  /** Positions above this one. */
  readonly after?: number | undefined
  /** Positions below this one. */
  readonly before?: number | undefined
  /** Labels of the request context, all of which an event must carry. */
  readonly attributes?: { readonly [name: string]: string } | undefined
  /** By position; default `oldest`. */
  readonly order?: 'oldest' | 'newest' | undefined
}
/** What can be listed by its distinct values. */
export type EventField = 'tenant' | 'workspace' | 'domain' | 'aggregateType' | 'aggregateId' | 'type'
export interface ValuesPage {
  /** Exclusive; the last value of the page before. */
  readonly after?: string | undefined
  /** 1 to 10,000; default 100. */
  readonly limit?: number | undefined
}

/**
 * A change of a stored event: privileged, refused unless the backend was opened with `allowRewriting`, and a commit of its own
 * that carries at least one audit entry. Position, version, id, context and place in the stream stay.
 */
export interface EventRewrite extends EventKey {
  /**
   * The new exact JSON text, in the schema version that the event has; absent: the event is deleted, which leaves one of type
   * `deletedEventType` with the data `null`.
   */
  readonly data: string | undefined
  /** What is recorded of it: a commit without streams, with at least one audit entry; its tenant may be another one. */
  readonly record: Commit
}
/** The type of an event that was deleted. Folds pass over it. */
export const deletedEventType = 'Gesta.Deleted'

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
 * Errors: `outcome_unknown` when nothing can be said, `store_*` when nothing was stored; `invalid_key` for an empty id.
 * Not promised: that two commits given at once are stored in the order of the calls.
 */
export interface EventStore extends Store {
  /** Another one after `reset` and `fork`. */
  readonly identity: LogIdentity
  /** Stores one decision. `signal` stops the waiting for admission only: what was handed to the store runs to its verdict. */
  commit(commit: Commit, options?: CommitOptions): Promise<Verdict>
  /**
   * A page of one stream, in version order (or backwards). An unknown stream is empty. Stores bound a page by its size too, so it
   * may hold fewer events than asked for, never none while there are more: only an empty page is the end.
   */
  readStream(read: ReadStream): Promise<readonly StoredEvent[]>
  /**
   * The newest events of each stream, newest first, in the order of the question and at one moment; none for an unknown stream.
   * However large they are, none is left out. Errors: `invalid_key`; a `RangeError` for bounds that are not kept.
   */
  readTails(read: ReadTails): Promise<readonly (readonly StoredEvent[])[]>
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
  /**
   * Forgets idempotency keys of commands that were recorded before a time, microseconds UTC, `limit` at most (1 to 10,000, default
   * 1,000); how many. A request under a forgotten key is decided anew; command ids are never forgotten.
   */
  pruneKeys(request: { readonly before: number; readonly limit?: number | undefined }): Promise<number>
  /** The messages, jobs and audit entries that were stored with a command; `undefined` for an unknown one. */
  parts(tenant: string, commandId: string): Promise<CommitParts | undefined>
  /** One event; absent when there is none. */
  get(key: EventKey): Promise<StoredEvent | undefined>
  /**
   * Events by content, for people and tools; readers of the order use `readAll`. Stores bound a page by its size too, so it may hold
   * fewer events than asked for: only a page without cursor is the end. Errors: `invalid_key`, `invalid_cursor`.
   */
  list(filter: EventFilter, page?: PageRequest): Promise<Page<StoredEvent>>
  /** How many events a filter matches; of the whole log without one. */
  total(filter?: EventFilter): Promise<number>
  /** The distinct values of a field in ascending order of code points; events that have none (no workspace) add none. */
  uniqueValues(field: EventField, filter?: EventFilter, page?: ValuesPage): Promise<readonly string[]>
  /**
   * Changes or deletes one event and stores the record of it in the same transaction, under the head lock. What the verdict does not
   * call `stored` changed nothing. Absent: there is no such event, or it was deleted before. Not promised: that anything that was
   * folded from the old event (caches of running apps, snapshots, views) is folded again.
   * Errors: `store_read_only` when the backend does not allow rewriting; a plain one without an audit entry.
   */
  rewrite(rewrite: EventRewrite): Promise<Verdict | undefined>
  /**
   * Empties the log, for tests and demonstrations: events, command log, idempotency keys, messages and jobs. It gets a new incarnation
   * and secret, so that no checkpoint, snapshot or token of before holds. Audit entries stay, and with each the header of its command,
   * numbered from 1 in the order of before. Apps that run on the store must be started again. Refused like `rewrite`.
   */
  reset(): Promise<void>
  /**
   * Gives the log a new incarnation and keeps its secret: what has to be done once after a backup was restored, so that every token,
   * checkpoint and snapshot of before is refused by name. Returns the new identity. No app may run on the log meanwhile.
   */
  fork(): Promise<LogIdentity>
  /** Wake-up and tail: what this process stored. Other processes' commits are found by reading. */
  onAppend(listener: AppendListener): Disposable
  /**
   * Called when other processes may have stored something: a hint to read, which can be late, in vain or missing. Absent in stores that
   * no other process writes to, or that cannot tell.
   */
  readonly onAdvance?: ((listener: () => void) => Disposable) | undefined
}
export interface IdempotencyScope {
  readonly tenant: string
  readonly sender: string
  readonly commandType: string
  readonly key: string
}
