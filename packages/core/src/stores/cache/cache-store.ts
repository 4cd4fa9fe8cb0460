// The cache store: values that may vanish at any time. Nothing may depend on finding one.
import type { Page, PageRequest, Store } from '../store.ts'

/** The key is a text of 1 to 512 characters without NUL; an app without tenants uses the empty tenant. */
export interface CacheKey {
  readonly tenant: string
  readonly key: string
}
export interface CacheEntry extends CacheKey {
  /** JSON text. */
  readonly value: string
  /** Whole milliseconds until it vanishes by itself; absent: until it is evicted. */
  readonly expiresInMs: number | undefined
}
export interface CacheOptions {
  /** Milliseconds until the entry vanishes, 1 to 31,536,000,000 (365 days). Default: until it is evicted. */
  readonly ttlMs?: number | undefined
}
export interface CachePageRequest extends PageRequest {
  /** Entries whose key begins with it. */
  readonly prefix?: string | undefined
}

/**
 * Consistency: what is found is whole and not expired; what was deleted or flushed is not found by a call that begins afterwards.
 * Bounded: an entry that is too large, or that has to make room for others, is dropped, and nobody is told.
 * Order: lists are by key, by code points. Entries that come and go while a list is read page by page may be missed; all others are
 * met once. A page may end early, because of its size; only a page without a cursor is the last.
 * Not promised: that anything is found, that one tenant leaves room for another, that counts are exact while a store evicts.
 * Errors: `store_*`, `invalid_key`, `invalid_cursor`, `invalid_output`, `payload_too_large`; a `RangeError` for another time to live.
 */
export interface CacheStore extends Store {
  get(key: CacheKey): Promise<string | undefined>
  /** `value` is JSON text of at most 1 MiB. Replaces value and time to live. */
  set(key: CacheKey, value: string, options?: CacheOptions): Promise<void>
  /** Entries of a tenant by key. */
  list(tenant: string, page?: CachePageRequest): Promise<Page<CacheEntry>>
  /** Whether there was one. */
  delete(key: CacheKey): Promise<boolean>
  /** Entries of a tenant or of all. */
  total(tenant?: string): Promise<number>
  /** Empties a tenant's cache, or all of it; the port's reset. */
  flush(tenant?: string): Promise<void>
}
