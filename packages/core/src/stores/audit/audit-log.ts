// The audit log, read back. Entries are added by `EventStore.commit` alone, as a part of a commit; no port changes or removes one.
import type { Page, PageRequest, Store } from '../store.ts'
import type { AuditEntry, AuditOutcome } from './audit-entry.ts'

/** An entry as it lies in the store. */
export interface StoredAuditEntry extends AuditEntry {
  readonly tenant: string
  /** 1..n without gaps in its tenant, in commit order, then in the order of the commit. */
  readonly sequence: number
  /** With `index` the entry's id: the command that stored it, and its place among the entries of the commit, from 0. */
  readonly commandId: string
  readonly index: number
  /** Microseconds UTC: `recordedAt` of the commit. */
  readonly recordedAt: number
  /** SHA-256 in hexadecimal over this entry and the hash of the one before: `chainHash`. */
  readonly hash: string
}

/** Fields that are absent do not narrow a list. */
export interface AuditFilter {
  readonly tenant?: string | undefined
  readonly action?: string | undefined
  readonly actor?: string | undefined
  readonly resource?: string | undefined
  readonly outcome?: AuditOutcome | undefined
  /** Inclusive, microseconds UTC. */
  readonly from?: number | undefined
  /** Exclusive, microseconds UTC. */
  readonly to?: number | undefined
  /** By tenant in order of code points, then by sequence; `newest` turns both round. Default `newest`. */
  readonly order?: 'newest' | 'oldest' | undefined
}
export interface ReadAudit {
  readonly tenant: string
  /** Exclusive; 0 reads from the start. */
  readonly after: number
  /** 1 to 10,000; default 1,000. Pages are bounded by size too: only an empty one is the end. */
  readonly limit?: number | undefined
}
/** The last link of a tenant's chain. */
export interface AuditHead {
  readonly tenant: string
  readonly sequence: number
  readonly hash: string
}

/**
 * Order: by sequence, which is commit order in a tenant. Atomicity: an entry is there when, and only when, its commit is.
 * `info` counts entries of all tenants. Errors: `store_*`, `invalid_key`, `invalid_cursor`; a `RangeError` for bounds that are not kept.
 */
export interface AuditLog extends Store {
  list(filter: AuditFilter, page?: PageRequest): Promise<Page<StoredAuditEntry>>
  total(filter?: AuditFilter): Promise<number>
  /** A tenant's chain, from its start, exactly as it is stored, whatever somebody has done to it. */
  read(read: ReadAudit): Promise<readonly StoredAuditEntry[]>
  /** Heads of tenants in order of code points, after a tenant (exclusive); 1 to 10,000, default 1,000. */
  heads(page?: {
    readonly after?: string | undefined
    readonly limit?: number | undefined
  }): Promise<readonly AuditHead[]>
}
