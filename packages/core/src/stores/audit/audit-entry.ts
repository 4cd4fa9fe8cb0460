// An entry of the audit log: who did what to which resource, and what came of it. Stored as a part of the commit that it describes.

/** What came of an action. */
export type AuditOutcome = (typeof auditOutcomes)[number]
export const auditOutcomes = ['succeeded', 'rejected', 'denied', 'failed'] as const

/** As it is handed to a store; every text is stored exactly. */
export interface AuditEntry {
  /** `Domain.Type` of what was asked for, such as `Order.Cancel`. */
  readonly action: string
  /** The identity, or without one the account, that acted; the empty text when nobody is known. */
  readonly actor: string
  /** What it was done to, such as `Order/A-1`; the empty text when there is no single thing. */
  readonly resource: string
  readonly outcome: AuditOutcome
  /** JSON text of `AuditFacts`. */
  readonly data: string
}

/** What is kept beside the fields that can be searched. Absent is unknown. */
export interface AuditFacts {
  /** Sender, as the request context had it. */
  readonly tenant?: string | undefined
  readonly identity?: string | undefined
  readonly account?: string | undefined
  readonly session?: string | undefined
  /** Who really acted, when somebody acted as this sender. */
  readonly impersonator?: string | undefined
  readonly reason?: string | undefined
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
  readonly requestId?: string | undefined
  readonly correlationId?: string | undefined
  /** Before and after, with marked fields replaced; a piece of their JSON text when they are truncated. */
  readonly before?: unknown
  readonly after?: unknown
  /** Fields that were replaced in them; `*` when nothing of them is kept, because the app seals whole payloads. */
  readonly redacted?: readonly string[] | undefined
  /** What had to be cut to fit its limit. */
  readonly truncated?: readonly ('before' | 'after')[] | undefined
  /** What holds something that JSON cannot: a circle, a big integer, a function, a number that is none. It is named in its place. */
  readonly inexact?: readonly ('before' | 'after')[] | undefined
}

/** Bytes of the JSON text of `before` and of `after`, and characters of the other texts. */
export const auditLimits = { stateBytes: 65_536, textLength: 1_024 } as const
