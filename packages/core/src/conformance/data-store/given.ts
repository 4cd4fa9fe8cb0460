// What the cases of this suite are written with: a data store, and objects made from the few fields that a case is about.
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import type { DataStore, NewObject, ObjectFilter, ObjectHead, ObjectKey } from '../../stores/data/data-store.ts'
import type { PageRequest } from '../../stores/store.ts'
import type { GivenStore } from '../store-place.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: what was stored is found again when the store is opened again.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type DataStoreCapability = 'durable' | 'shared'
export type GivenDataStore = GivenStore<DataStore>
export type DataStoreCase = Case<GivenDataStore, DataStoreCapability>

export const tenant = 'tenant-1'

export function key(object: string, bucket = 'reports', of: string = tenant): ObjectKey {
  return { tenant: of, bucket, object }
}
/** A new object with this text as its bytes. */
export function text(content: string, at: ObjectKey): NewObject {
  return { ...at, contentType: 'text/plain; charset=utf-8', content: new TextEncoder().encode(content) }
}
/** The text of an object, or `undefined` when there is none. */
export async function textAt(store: DataStore, at: ObjectKey): Promise<string | undefined> {
  const found = await store.get(at)
  return found && new TextDecoder().decode(found.content)
}
export function sha256(content: Uint8Array): string {
  return hash('sha256', content, 'hex')
}
/** Bucket and object of a list, in its order. */
export async function namesIn(
  store: DataStore,
  filter: ObjectFilter,
  page?: PageRequest,
): Promise<readonly (readonly [string, string])[]> {
  return (await store.list(filter, page)).items.map(({ bucket, object }) => [bucket, object] as const)
}
/** The whole list, read by cursor in pages of `limit`. */
export async function everyPage(store: DataStore, filter: ObjectFilter, limit: number): Promise<ObjectHead[]> {
  const all: ObjectHead[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(filter, { limit, cursor })
    assert.ok(page.items.length <= limit)
    all.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}
