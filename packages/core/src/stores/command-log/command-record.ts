// What the command log keeps of one command, whichever store keeps it.

/** How a command ended. The first outcome that is stored for a command id wins. */
export type OutcomeKind = (typeof outcomeKinds)[number]
export const outcomeKinds = ['accepted', 'rejected', 'denied', 'failed', 'timed_out', 'duplicate', 'abandoned'] as const
/** How a command ended; `started`: it has not ended yet, as far as the log was told. */
export type CommandStatus = OutcomeKind | 'started'

/** Why a command was refused or failed; for a rejection its code and reason. */
export interface RecordedError {
  readonly code: string
  /** At most `errorLengthMax` characters, and nothing of the payload. */
  readonly message: string
}
/** What was asked of the caller, and what came of it. */
export interface RecordedPermission {
  /** A level of the permission table, or `custom`. */
  readonly asked: string
  readonly allowed: boolean
  /** Why not, for operators; callers are never told. */
  readonly reason?: string | undefined
}
/** What had to be cut to fit its limit. */
export type Truncated = 'payload' | 'metadata' | 'error'

/** Bytes of a payload, names in the metadata, characters of a name or a value in it, characters of an error. */
export const recordLimits = {
  payloadBytes: 1_048_576,
  metadataKeys: 256,
  metadataLength: 1024,
  errorLength: 8192,
} as const

/** Where an event of a command lies. Positions are absent where no event store gave one. */
export interface RecordedPlace {
  readonly id: string
  readonly position: number | undefined
}

/** One dispatch of one command. Reference: docs/reference/command-log.md. */
export interface CommandRecord {
  /** The tenant whose data is concerned; the empty text when the app has no tenants. */
  readonly tenant: string
  /** Unique in the tenant. */
  readonly commandId: string
  readonly commandType: string
  readonly status: CommandStatus
  /** Microseconds UTC: when the command arrived. */
  readonly recordedAt: number
  /** Microseconds from its arrival until its outcome was handed to the store; absent while it has none, and in headers of before. */
  readonly durationUs: number | undefined
  /** JSON text of the request context: sender, target, correlation, causation, trace, attributes. */
  readonly context: string
  /**
   * Canonical JSON text of the input as it arrived, marked fields replaced; a piece of it when `truncated` names it. Absent when it was
   * not recorded, could not be written as JSON, or was redacted.
   */
  readonly payload: string | undefined
  /** What was noted beside the context, such as the caller's address and the id of the request. */
  readonly metadata: { readonly [name: string]: string }
  readonly error: RecordedError | undefined
  readonly permission: RecordedPermission | undefined
  readonly idempotencyKey: string | undefined
  /** The command whose outcome a `duplicate` was given. */
  readonly duplicateOf: string | undefined
  /** How often it was decided again because another command was faster. */
  readonly retries: number
  /** The events that it stored, in their order. */
  readonly events: readonly RecordedPlace[]
  /** Ids of the integration events that it sent, and of the jobs that it started. */
  readonly messages: readonly string[]
  readonly jobs: readonly string[]
  /** Fields of the payload that were replaced; `*` when nothing of it is kept. */
  readonly redacted: readonly string[]
  readonly truncated: readonly Truncated[]
  /** Its place among the commits of an event store, from 1; absent in a log of its own. */
  readonly commitNo: number | undefined
}
/** The part of a record that is stored with a commit, beside its header; every field as in `CommandRecord`. */
export interface CommandDetail {
  readonly durationUs: number
  readonly payload: string | undefined
  readonly metadata: { readonly [name: string]: string }
  readonly error: RecordedError | undefined
  readonly permission: RecordedPermission | undefined
  readonly idempotencyKey: string | undefined
  readonly duplicateOf: string | undefined
  readonly retries: number
  /** How many of each the commit stored. */
  readonly messages: number
  readonly jobs: number
  readonly redacted: readonly string[]
  readonly truncated: readonly Truncated[]
}
