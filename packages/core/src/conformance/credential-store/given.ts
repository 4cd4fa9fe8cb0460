// What the cases of this suite are written with: a credential store, and sealed credentials made from the few fields a case is about.
import assert from 'node:assert/strict'
import type {
  CredentialFilter,
  CredentialKey,
  CredentialStore,
  StoredCredential,
} from '../../stores/credential/credential-store.ts'
import type { GivenStore } from '../store-place.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: credentials are found again when the store is closed and opened again.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type CredentialStoreCapability = 'durable' | 'shared'
export type GivenCredentialStore = GivenStore<CredentialStore>
export type CredentialStoreCase = Case<GivenCredentialStore, CredentialStoreCapability>
/** What a case puts: a credential without its version. */
export type PutCredential = Omit<StoredCredential, 'version'>

export const tenant = 'tenant-1'
export const password: CredentialKey = { tenant, kind: 'password', id: 'id-1' }

/** A password of `alice` unless its fields say otherwise. `text` tells one sealed text from another. */
export function credential(fields: Partial<PutCredential> = {}, text = 'first'): PutCredential {
  const sealed = Buffer.from(text).toString('base64')
  const times = { expiresAt: undefined, writtenAt: 1_700_000_000_000_000 }
  return { ...password, subject: 'alice', sealedBy: 'secret-1', sealed, ...times, ...fields }
}
/** Puts them as the first ones under their keys. */
export async function putAll(store: CredentialStore, credentials: readonly PutCredential[]): Promise<void> {
  for (const each of credentials) assert.equal(await store.put(each, 0), true)
}
/** The whole list, read by cursor in pages of `limit`. */
export async function everyCredential(
  store: CredentialStore,
  filter: CredentialFilter,
  limit: number,
): Promise<readonly StoredCredential[]> {
  const all: StoredCredential[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(filter, { limit, cursor })
    assert.ok(page.items.length <= limit)
    all.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}
