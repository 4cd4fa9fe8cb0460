// The credential store: secrets of people and programs, such as the hash of a password or a refresh token, each sealed before it comes
// here. They are no part of a commit: a secret counts once an event names it, and what nothing names is removed when it expires.
import type { Page, PageRequest, Store } from '../store.ts'

export interface CredentialKey {
  /** The empty text for an app without tenants. */
  readonly tenant: string
  /** What it is, such as `password`. */
  readonly kind: string
  readonly id: string
}
export interface StoredCredential extends CredentialKey {
  /** Whose it is: everything of a subject is erased together. */
  readonly subject: string
  /** Counts the writes under this key, 1..n; from 1 again once it was removed. Sealing anew is a write too. */
  readonly version: number
  /** Names the secret that sealed it. */
  readonly sealedBy: string
  /** Base64. The store never sees what is in it. */
  readonly sealed: string
  /** Microseconds UTC; absent: never. Expired ones are there until they are removed. */
  readonly expiresAt: number | undefined
  /** Microseconds UTC. */
  readonly writtenAt: number
}
/** Fields that are absent do not narrow it. */
export interface CredentialFilter {
  readonly tenant?: string | undefined
  readonly kind?: string | undefined
  readonly subject?: string | undefined
  readonly sealedBy?: string | undefined
}

/** Characters that a sealed credential may have. */
export const sealedLengthMax = 131_072

/**
 * Atomicity: each call is one change; of two that expect the same version one succeeds.
 * Durability: what was put is on disk when the call returns, and what was removed is gone from the store's live data (SQLite overwrites it,
 * PostgreSQL removes the row; backups are the operator's).
 * Repeating: the same `put` may be made again after an error, and answers as if it were the first, as long as nobody wrote meanwhile. A
 * removal that is made again after an error may find nothing, because the first one did it.
 * Errors: `store_*`, `invalid_key`, `invalid_cursor`; a `RangeError` for numbers that are not whole.
 * Reference: docs/reference/credential-store.md.
 */
export interface CredentialStore extends Store {
  get(key: CredentialKey): Promise<StoredCredential | undefined>
  /** Stores it as version `expected + 1` if the key is at version `expected` now, 0 for none. `false`: it is not, and nothing changed. */
  put(credential: Omit<StoredCredential, 'version'>, expected: number): Promise<boolean>
  /** Removes it if it is at that version; without one whatever is there. Whether something went. */
  remove(key: CredentialKey, expected?: number): Promise<boolean>
  /** Removes everything of a subject of a tenant. Returns how many went. */
  removeOf(tenant: string, subject: string): Promise<number>
  /** Removes what expired before a time (microseconds UTC, exclusive), at most `limit` of them: 1 to 10,000. Returns how many went. */
  removeExpired(before: number, limit?: number): Promise<number>
  /**
   * By tenant, kind, id in the order of code points (texts of more than 240 bytes may stand elsewhere, always in the same place). Those
   * that come and go meanwhile neither repeat nor hide others. A page of long ones may be short.
   */
  list(filter: CredentialFilter, page?: PageRequest): Promise<Page<StoredCredential>>
  total(filter?: CredentialFilter): Promise<number>
  /** Removes everything of a tenant, or all: for tests and demonstrations, together with the log's reset. */
  reset(tenant?: string): Promise<void>
}
