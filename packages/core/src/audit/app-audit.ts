// The audit log as a started app has it. Whoever reads or exports it is in it.
import type { AuditNote } from '../dispatch/auditing.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { AuditFilter, AuditHead, StoredAuditEntry } from '../stores/audit/audit-log.ts'
import type { Page, PageRequest, StoreInfo } from '../stores/store.ts'

/** The first thing that is wrong with a chain. */
export interface AuditBreak {
  readonly tenant: string
  /** Of the entry that is wrong, or that is missing. */
  readonly sequence: number
  readonly commandId: string | undefined
  readonly problem: 'changed' | 'missing' | 'truncated' | 'checkpoint_invalid' | 'rewritten'
  /** A sentence for operators. */
  readonly message: string
}
export interface AuditVerification {
  readonly tenants: number
  readonly entries: number
  /** Per tenant the first break; empty when all is well. */
  readonly breaks: readonly AuditBreak[]
}
/** Heads of chains at one moment, signed. As JSON it is what is exported. */
export interface AuditCheckpoint {
  readonly version: 1
  /** RFC 3339, UTC. */
  readonly takenAt: string
  readonly heads: readonly AuditHead[]
  /** Ed25519 over the canonical JSON of the rest, base64url. */
  readonly signature: string
  /** SHA-256 of the public key (SPKI, DER), the first 16 bytes in hexadecimal. */
  readonly keyId: string
}
export type AuditFormat = 'csv' | 'jsonl'

/** `caller` must hold `Audit.Read`, `Audit.Export` or `Audit.Verify`. Reference: docs/reference/audit.md. */
export interface AppAudit {
  list(caller: RequestContext, filter: AuditFilter, page?: PageRequest): Promise<Page<StoredAuditEntry>>
  /** The whole list as text, piece by piece; the entry of the export itself is not in it. */
  export(caller: RequestContext, format: AuditFormat, filter: AuditFilter): AsyncIterable<string>
  /** `publicKey`: PEM, for the checkpoints. */
  verify(
    caller: RequestContext,
    options?: {
      readonly tenant?: string | undefined
      readonly checkpoints?: readonly AuditCheckpoint[] | undefined
      readonly publicKey?: string | undefined
    },
  ): Promise<AuditVerification>
  /** Errors: a plain one when `start()` was given no `audit.signingKey`. */
  checkpoint(caller: RequestContext): Promise<AuditCheckpoint>
  /** An entry of one's own, stored when it resolves. `metadata`: from where, such as `address` and `userAgent`. */
  record(
    caller: RequestContext,
    note: AuditNote & { readonly action: string },
    metadata?: { readonly [name: string]: string },
  ): Promise<void>
  info(): Promise<StoreInfo>
}
