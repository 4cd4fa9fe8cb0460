// What is stored together: everything that one command decided. Stored as a whole or not at all.
import type { AuditEntry } from './audit/audit-entry.ts'
import type { CommandDetail, OutcomeKind } from './command-log/command-record.ts'

export type { AuditEntry } from './audit/audit-entry.ts'
export type { OutcomeKind } from './command-log/command-record.ts'

/** What a commit asks of a stream's version: nothing, none yet, some, or exactly this one (0 for a new stream). */
export type Expectation = 'any' | 'noStream' | 'exists' | number

export interface StreamName {
  readonly aggregateType: string
  readonly aggregateId: string
}
export interface NewEvent {
  readonly type: string
  readonly schemaVersion: number
  /** Exact JSON text; kept byte for byte. */
  readonly data: string
}
export interface StreamAppend extends StreamName {
  readonly expectation: Expectation
  /** At least one. */
  readonly events: readonly NewEvent[]
}
/** A stream that the decision only read: it must still be at this version (0: must not exist). */
export interface ReadCondition extends StreamName {
  /** Default: the tenant of the commit. */
  readonly tenant?: string | undefined
  readonly version: number
}

/** The command log's row: one per command, stored with what the command decided. */
export interface CommandHeader {
  readonly commandType: string
  readonly outcome: OutcomeKind
  /** JSON text of the result (accepted), of the rejection (rejected) or of the first command's id (duplicate); `undefined` when there is none. */
  readonly answer: string | undefined
  /** The target aggregate's version after the command; `undefined` for a command that has no single target. */
  readonly version: number | undefined
  /** Keyed hash of the command's type, sender and input: tells a repetition under the same id from another command. */
  readonly fingerprint: string | undefined
}
/** Keeps the outcome under a caller's key: one commit per (tenant, sender, command type, key). */
export interface IdempotencyEntry {
  readonly sender: string
  readonly key: string
  /** Keyed hash over the canonical raw input. */
  readonly fingerprint: string
}
/** An integration event that waits in the outbox. */
export interface OutgoingMessage {
  /** Messages of one key of a tenant are sent in order. */
  readonly key: string
  readonly type: string
  readonly schemaVersion: number
  readonly data: string
}
/** A job that waits in the queue. */
export interface NewJob {
  readonly type: string
  readonly data: string
  /** JSON text of its `JobTerms`, as `encodeTerms` writes it; absent: the defaults. */
  readonly terms?: string | undefined
}
/** What is stored with a commit beside its events. */
export interface CommitParts {
  readonly messages: readonly OutgoingMessage[]
  readonly jobs: readonly NewJob[]
  readonly audit: readonly AuditEntry[]
}

/** One command's decision. Reference: docs/reference/commit.md. */
export interface Commit extends CommitParts {
  /** The command's id; unique in the tenant. */
  readonly commandId: string
  readonly tenant: string
  /** JSON text of the request context. */
  readonly context: string
  /** Microseconds UTC. */
  readonly recordedAt: number
  /** Each stream at most once; in the order in which positions are given. */
  readonly streams: readonly StreamAppend[]
  readonly reads: readonly ReadCondition[]
  readonly header: CommandHeader
  /** What the command log keeps beside the header; absent when the app records headers alone. */
  readonly detail?: CommandDetail | undefined
  readonly idempotency: IdempotencyEntry | undefined
}

/** Where a commit lies. */
export interface Receipt {
  /** Place of the commit among all commits, 1..n without gaps. */
  readonly commitNo: number
  /** Position of the last event in the log once this commit was stored; its own last one when it has events. */
  readonly position: number
  /** The version of each appended stream's first event, in the order of `streams`. */
  readonly firstVersions: readonly number[]
}

/** A stored header, as it is found again by command id or idempotency key. */
export interface StoredHeader extends CommandHeader {
  readonly tenant: string
  readonly commandId: string
  readonly commitNo: number
  readonly position: number
  readonly eventCount: number
  readonly recordedAt: number
  readonly context: string
}

/** What the store says of one commit. Only `stored` changed anything. */
export type Verdict =
  | ({ readonly verdict: 'stored' } & Receipt)
  | {
      readonly verdict: 'conflict'
      /** `tenant`: of a read condition that names one; else it is the commit's. */
      readonly stream: StreamName & Pick<ReadCondition, 'tenant'>
      readonly expected: Expectation
      readonly actual: number
    }
  | {
      readonly verdict: 'duplicate'
      readonly by: 'command' | 'key'
      readonly header: StoredHeader
      readonly fingerprint: string | undefined
    }

/**
 * Whether a header is what this very commit has left. For adapters that send a commit again because the answer to it was lost: then it
 * is `stored`, and no duplicate.
 */
export function isHeaderOf(header: StoredHeader, commit: Commit): boolean {
  return (
    header.recordedAt === commit.recordedAt &&
    header.outcome === commit.header.outcome &&
    header.context === commit.context &&
    header.eventCount === eventCount(commit)
  )
}

/** The number of events that a commit would append. */
export function eventCount(commit: Commit): number {
  let count = 0
  for (const stream of commit.streams) count += stream.events.length
  return count
}
