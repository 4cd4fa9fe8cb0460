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

export interface AuditExportPage {
  /** Lines; of CSV the first page begins with the names of the columns. */
  readonly text: string
  /** Absent at the end. */
  readonly cursor?: string | undefined
}
/** How the audit log does, in this process since it started. */
export interface AuditStatus {
  /** Denials and failures of callers without an account beyond what is kept of them. */
  readonly sampled: number
  /** Entries of denials and failures that could not be stored. */
  readonly lost: number
  /** Why, as codes and names; absent while all is well. */
  readonly lastError: string | undefined
}
/** The caller's `address`, `userAgent` and `requestId`, for the entry. */
export interface AuditMetadata {
  readonly [name: string]: string
}
export interface VerifyRequest {
  /** Default: every tenant, for callers of the tenant SYSTEM. */
  readonly tenant?: string | undefined
  readonly checkpoints?: readonly AuditCheckpoint[] | undefined
  /** PEM, for the checkpoints. Default: that of `start({ audit: { signingKey } })`. */
  readonly publicKey?: string | undefined
}

/**
 * Callers of the tenant SYSTEM ask about every tenant, others about their own alone: for another one they are denied. Each call but
 * `record`, `info` and `status` leaves an entry before it answers, in the tenant that it asks about.
 * Errors: `permission_denied`; `store_*`, also when the entry cannot be stored. Reference: docs/reference/audit.md.
 */
export interface AppAudit {
  /** The caller must hold `Audit.Read`. */
  list(
    caller: RequestContext,
    filter: AuditFilter,
    page?: PageRequest,
    metadata?: AuditMetadata,
  ): Promise<Page<StoredAuditEntry>>
  /** The whole list as text, piece by piece, oldest first; the entry of the export itself is not in it. The caller must hold `Audit.Export`. */
  export(
    caller: RequestContext,
    format: AuditFormat,
    filter: AuditFilter,
    metadata?: AuditMetadata,
  ): AsyncIterable<string>
  /** A page of the same, for callers that can take no stream; 1 to 10,000 entries, default 1,000. The caller must hold `Audit.Export`. */
  exportPage(
    caller: RequestContext,
    format: AuditFormat,
    filter: AuditFilter,
    page?: Pick<PageRequest, 'cursor' | 'limit'>,
    metadata?: AuditMetadata,
  ): Promise<AuditExportPage>
  /** Reads every entry. The caller must hold `Audit.Verify`. Errors: `audit_key_missing` for checkpoints without a key, `invalid_input` for a key that is none. */
  verify(caller: RequestContext, options?: VerifyRequest, metadata?: AuditMetadata): Promise<AuditVerification>
  /** Heads that cover the entry of this call too. The caller must hold `Audit.Verify`. Errors: `audit_key_missing` when `start()` was given no `audit.signingKey`. */
  checkpoint(caller: RequestContext, metadata?: AuditMetadata): Promise<AuditCheckpoint>
  /** An entry of one's own in the caller's tenant, stored when it resolves. No permission is asked for: it only adds. */
  record(caller: RequestContext, note: AuditNote & { readonly action: string }, metadata?: AuditMetadata): Promise<void>
  info(): Promise<StoreInfo>
  readonly status: AuditStatus
}
