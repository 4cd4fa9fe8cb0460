// The data store: bytes under bucket and object, such as uploads and exports. Beside the log, not part of a commit.
import type { Page, PageRequest, Store } from '../store.ts'

/** Bucket and object are texts of 1 to 512 characters without NUL; an app without tenants uses the empty tenant. */
export interface ObjectKey {
  readonly tenant: string
  readonly bucket: string
  readonly object: string
}
export interface ObjectHead extends ObjectKey {
  /** A media type, such as `text/csv`. */
  readonly contentType: string
  /** Whether transports may serve it to anybody. */
  readonly isPublic: boolean
  readonly bytes: number
  /** SHA-256 of the bytes, 64 hexadecimal digits. */
  readonly hash: string
  /** Microseconds UTC. */
  readonly storedAt: number
}
export interface StoredObject extends ObjectHead {
  /** The caller's own: changing it changes nothing in the store. */
  readonly content: Uint8Array
}
export interface NewObject extends ObjectKey {
  /** A media type in printable ASCII, at most 255 characters; transports send it as a header. */
  readonly contentType: string
  /** Default: no. */
  readonly isPublic?: boolean | undefined
  /** Taken over as it is when the call is made. */
  readonly content: Uint8Array
}
export interface ObjectFilter {
  readonly tenant: string
  readonly bucket?: string | undefined
  /** Objects whose name begins with it. */
  readonly prefix?: string | undefined
}
export interface DataUsage {
  /** Buckets that hold an object: a bucket comes with its first object and goes with its last. */
  readonly buckets: number
  readonly objects: number
  readonly bytes: number
}
/** Bytes that one object may have: objects pass through memory whole. */
export const objectBytesMax: number = 64 * 1024 * 1024

/**
 * Atomicity: an object is replaced whole; a reader sees the old or the new bytes, never a mixture, also after a crash.
 * Durability: what `set`, `copy` and `delete` answered outlives a killed process, in the mode that the store declares.
 * Order: lists are by bucket, then object, by code points. Objects that come and go while a list is read page by page may be missed;
 * all others are met once.
 * Concurrency: any number of calls; of several writes to one name the last one stays.
 * Errors: `store_*`, `invalid_key`, `invalid_cursor`, `payload_too_large`.
 */
export interface DataStore extends Store {
  /** Absent: there is no such object. */
  get(key: ObjectKey): Promise<StoredObject | undefined>
  /** What is known of an object without its bytes. */
  head(key: ObjectKey): Promise<ObjectHead | undefined>
  set(object: NewObject): Promise<ObjectHead>
  /** Copies within a tenant, content type and publicity too. Absent: there is no such object. */
  copy(from: ObjectKey, to: Omit<ObjectKey, 'tenant'>): Promise<ObjectHead | undefined>
  list(filter: ObjectFilter, page?: PageRequest): Promise<Page<ObjectHead>>
  /** Whether there was one. */
  delete(key: ObjectKey): Promise<boolean>
  /** Of a tenant or of all. */
  usage(tenant?: string): Promise<DataUsage>
  /** Objects of a tenant or of all. */
  total(tenant?: string): Promise<number>
  /** Removes the objects of a tenant, or of all tenants. */
  reset(tenant?: string): Promise<void>
}
