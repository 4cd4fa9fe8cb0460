// What the cases of this suite are written with: a key store, and sealed keys made from the few fields that a case is about.
import assert from 'node:assert/strict'
import type { KeyFilter, KeyScope, KeyStore, ShredEntry, WrappedKey } from '../../stores/key/key-store.ts'
import type { GivenStore } from '../store-place.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: keys and ledger are found again when the store is closed and opened again.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type KeyStoreCapability = 'durable' | 'shared'
export type GivenKeyStore = GivenStore<KeyStore>
export type KeyStoreCase = Case<GivenKeyStore, KeyStoreCapability>

export const tenant = 'tenant-1'
export const alice: KeyScope = { tenant, subject: 'alice' }

/** A sealed key of `alice` unless its fields say otherwise; `keyId` and scope go into its bytes, so that no two are alike. */
export function wrappedKey(fields: Partial<WrappedKey> = {}): WrappedKey {
  const { tenant: of, subject, keyId } = { ...alice, keyId: 'key-1', ...fields }
  const wrapped = Buffer.from(JSON.stringify([of, subject, keyId])).toString('base64')
  return { ...alice, keyId, wrappedBy: 'wrapping-1', wrapped, createdAt: 1_700_000_000_000_000, ...fields }
}
export function entry(number: number, fields: Partial<ShredEntry> = {}): ShredEntry {
  return { ...alice, number, keyId: 'key-1', reason: 'asked to be forgotten', shreddedAt: number, ...fields }
}
/** The whole ledger, read in pages of `limit`. */
export async function wholeLedger(store: KeyStore, limit?: number): Promise<readonly ShredEntry[]> {
  const entries: ShredEntry[] = []
  for (;;) {
    const page = await store.ledger(entries.at(-1)?.number ?? 0, limit)
    if (page.length === 0) return entries
    entries.push(...page)
  }
}
/** The whole list, read by cursor in pages of `limit`. */
export async function everyKey(store: KeyStore, filter: KeyFilter, limit: number): Promise<readonly WrappedKey[]> {
  const all: WrappedKey[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(filter, { limit, cursor })
    assert.ok(page.items.length <= limit)
    all.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return all
}
