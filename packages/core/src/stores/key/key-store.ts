// The key store: the wrapped keys of subjects and tenants. Destroying one makes what it sealed unreadable for ever; the ledger of
// destroyed keys outlives them, so that a restored backup of the keys can be brought up to it.
import type { Page, PageRequest, Store } from '../store.ts'

/** Whose key: a subject of a tenant, or the tenant itself (`subject` is the empty text). */
export interface KeyScope {
  readonly tenant: string
  readonly subject: string
}
export interface WrappedKey extends KeyScope {
  readonly keyId: string
  /** Names the wrapping key that sealed it. */
  readonly wrappedBy: string
  /** The sealed key, base64. The store never sees the key itself. */
  readonly wrapped: string
  /** Microseconds UTC. */
  readonly createdAt: number
}
/** One destroyed key. Kept for ever, and holds no key. */
export interface ShredEntry extends KeyScope {
  /** 1..n without gaps, in the order in which this store learned of them. */
  readonly number: number
  /** Absent when the subject had no key yet; the subject gets none from then on either way. */
  readonly keyId: string | undefined
  /** Why: 1 to 512 characters. Part of the ledger, so nothing that must be erased itself. */
  readonly reason: string
  /** Microseconds UTC. */
  readonly shreddedAt: number
}
/** Which keys a list is about; fields that are absent do not narrow it. */
export interface KeyFilter {
  readonly tenant?: string | undefined
  readonly wrappedBy?: string | undefined
}

/** Characters that a sealed key may have. */
export const wrappedLengthMax = 16_384

/**
 * Atomicity: a scope has one key or is shredded, never both; of two first calls for one scope both get the same key.
 * Durability: a key is on disk before it is given out, and gone from the store's live data when `shred` returns (SQLite overwrites
 * it, Postgres removes the row; backups and free pages are the operator's: docs/reference/keys.md).
 * Repeating: any call may be made again after an error, and then answers as if it were the first that was done.
 * Errors: `store_*`, `invalid_key`, `invalid_cursor`; a `RangeError` for limits and numbers that are not whole.
 */
export interface KeyStore extends Store {
  /** The scope's key, or `'shredded'`, or absent when it never had one. */
  get(scope: KeyScope): Promise<WrappedKey | 'shredded' | undefined>
  /** Keeps the key unless the scope has one or is shredded; answers with what holds now. */
  putIfAbsent(key: WrappedKey): Promise<WrappedKey | 'shredded'>
  /**
   * Replaces the sealed form of a key (rotation of the wrapping key) while it is still sealed by `from`; the scope and `keyId` say
   * which. `true`: it has this form now. `false`: it is sealed otherwise, is another key, or is gone.
   */
  rewrap(key: WrappedKey, from: string): Promise<boolean>
  /**
   * Keys by tenant, then subject, in the order of code points (texts of more than 240 bytes may stand elsewhere, always in the same
   * place); keys that come and go meanwhile neither repeat nor hide others.
   */
  list(filter: KeyFilter, page?: PageRequest): Promise<Page<WrappedKey>>
  /** Destroys the scope's key and writes the ledger, in one transaction. A second call answers with the first entry. */
  shred(scope: KeyScope, reason: string, shreddedAt: number): Promise<ShredEntry>
  /** The ledger in order, after a number (exclusive, 0 for the start); `limit` is 1 to 10,000, default 100. */
  ledger(after: number, limit?: number): Promise<readonly ShredEntry[]>
  /**
   * Applies a ledger that was kept elsewhere: destroys the keys of the scopes that it names, also newer ones, and takes in entries
   * whose scope this ledger lacks, in their order under the next numbers. All or nothing. Returns how many keys went.
   */
  replay(entries: readonly ShredEntry[]): Promise<number>
  /** How many keys there are. */
  total(tenant?: string): Promise<number>
  /**
   * Destroys all keys of a tenant, or of all, without a word in the ledger: for tests and demonstrations, together with the log's reset.
   * The ledger stays, and who was shredded stays so: nothing takes an erasure back.
   */
  reset(tenant?: string): Promise<void>
}
