import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core'
import type { Credential, CredentialKey, Credentials } from '@gesta/core'
import { createCredentials } from '../../../src/stores/credential/credentials.ts'
import type { CredentialStore, StoredCredential } from '../../../src/stores/credential/credential-store.ts'
import { createMemoryCredentialStore } from '../../../src/stores/credential/memory-credential-store.ts'
import { first, second } from '../key/secrets.ts'
import { runtime } from '../runtime.ts'

const key = { tenant: 't', kind: 'password', id: 'id-1' }
const value = { hash: 'unmistakable' }
const ofAnn = { subject: 'ann', value }
const wrong = { id: 'k1', secret: 'quite another secret of at least 32 bytes' }

interface Vault {
  readonly store: CredentialStore
  readonly clock: { us: number }
  open(secrets?: readonly (typeof first)[], readOnly?: boolean): Credentials
}
function newVault(store: CredentialStore = createMemoryCredentialStore()): Vault {
  const clock = { us: 1_000 }
  return {
    store,
    clock,
    open: (secrets = [first], readOnly = false) =>
      createCredentials({ store, secrets, clock: { nowUs: () => clock.us }, ids: runtime.ids, readOnly }),
  }
}
function unreadable(error: unknown): boolean {
  assert.ok(isGestaError(error, 'key_unreadable'), String(error))
  assert.doesNotMatch(JSON.stringify([error.message, error.facts, String(error.cause)]), /unmistakable|32 bytes/)
  return true
}
const stored = async (store: CredentialStore, of: CredentialKey = key): Promise<StoredCredential> => {
  const found = await store.get(of)
  assert.ok(found !== undefined)
  return found
}

describe('a credential', () => {
  test('comes back as it was put, and lies sealed in the store', async () => {
    const { store, open } = newVault()
    const vault = open()
    assert.equal(await vault.get(key), undefined)
    assert.equal(await vault.put(key, { ...ofAnn, expiresAt: 5_000 }, 0), true)
    const found: Credential = { ...key, ...ofAnn, version: 1, expiresAt: 5_000, writtenAt: 1_000 }
    assert.deepEqual(await vault.get(key), found)
    assert.deepEqual((await vault.list({ subject: 'ann' })).items, [found])
    const { sealed, ...rest } = await stored(store)
    assert.ok(!Buffer.from(sealed, 'base64').toString('latin1').includes('unmistakable'))
    assert.equal(rest.sealedBy, 'k1')
  })

  test('is replaced and removed only by who knows its version', async () => {
    const vault = newVault().open()
    await vault.put(key, ofAnn, 0)
    assert.equal(await vault.put(key, { subject: 'ann', value: 2 }, 0), false)
    assert.equal(await vault.put(key, { subject: 'ann', value: 2 }, 1), true)
    assert.equal((await vault.get(key))?.value, 2)
    assert.equal(await vault.remove(key, 1), false)
    assert.equal(await vault.remove(key, 2), true)
    assert.equal(await vault.get(key), undefined)
  })

  test('opens in no other place: not under another key or subject, nor for another tenant', async () => {
    const { store, open } = newVault()
    await open().put(key, ofAnn, 0)
    const { version, ...found } = await stored(store)
    assert.equal(version, 1)
    for (const moved of [{ tenant: 'u' }, { kind: 'code' }, { id: 'id-2' }, { subject: 'bob' }]) {
      await store.remove(key)
      await store.put({ ...found, ...moved }, 0)
      await assert.rejects(open().get({ ...key, ...moved }), unreadable)
      await store.reset()
      await store.put(found, 0)
    }
    assert.deepEqual((await open().get(key))?.value, value)
  })

  test('that was changed, or is sealed by a secret that is another or absent, is an error that tells no secret', async () => {
    const { store, open } = newVault()
    await open().put(key, ofAnn, 0)
    await assert.rejects(open([wrong]).get(key), unreadable)
    await assert.rejects(open([second]).get(key), unreadable)
    await assert.rejects(open([second]).list({}), unreadable)
    const { version, ...found } = await stored(store)
    const bytes = Buffer.from(found.sealed, 'base64')
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    await store.put({ ...found, sealed: bytes.toString('base64') }, version)
    await assert.rejects(open().get(key), unreadable)
  })

  test('is over at its time: not shown, not in the way of a new one, and swept', async () => {
    const { store, clock, open } = newVault()
    const vault = open()
    await vault.put(key, { ...ofAnn, expiresAt: 2_000 }, 0)
    await vault.put({ ...key, id: 'id-2' }, { ...ofAnn, expiresAt: 2_000 }, 0)
    await vault.put({ ...key, id: 'id-3' }, { ...ofAnn, expiresAt: 2_001 }, 0)
    clock.us = 1_999
    assert.equal(await vault.put(key, { subject: 'ann', value: 'new' }, 0), false)
    clock.us = 2_000
    assert.equal(await vault.get(key), undefined)
    assert.deepEqual(
      (await vault.list({})).items.map(({ id }) => id),
      ['id-3'],
    )
    assert.equal(await vault.put(key, { subject: 'ann', value: 'new' }, 0), true)
    assert.deepEqual([(await vault.get(key))?.value, (await vault.get(key))?.version], ['new', 1])
    clock.us = 2_001
    assert.equal(await vault.removeExpired(), 1)
    assert.equal(await store.total(), 2)
  })

  test('whose time is over gives way to one of those that put a new one at once', async () => {
    const { clock, open } = newVault()
    const vault = open()
    await vault.put(key, { ...ofAnn, expiresAt: 2_000 }, 0)
    clock.us = 3_000
    const done = await Promise.all([1, 2, 3, 4].map((one) => vault.put(key, { subject: 'ann', value: one }, 0)))
    assert.equal(done.filter(Boolean).length, 1)
    assert.equal((await vault.get(key))?.value, done.indexOf(true) + 1)
  })

  test('is swept also when more are over than one step removes', async () => {
    const { store, clock, open } = newVault()
    const vault = open()
    for (let at = 0; at < 1_203; at++) await vault.put({ ...key, id: `id-${at}` }, { ...ofAnn, expiresAt: 1_001 }, 0)
    clock.us = 5_000
    assert.equal(await vault.removeExpired(), 1_203)
    assert.equal(await store.total(), 0)
  })
})

describe('an exchanged secret', () => {
  test('seals a credential anew when it is read, which a reader in between notices', async () => {
    const { store, open } = newVault()
    await open().put(key, ofAnn, 0)
    const found = await open([second, first]).get(key)
    assert.deepEqual([found?.value, found?.version], [value, 2])
    assert.equal((await stored(store)).sealedBy, 'k2')
    assert.deepEqual((await open([second]).get(key))?.value, value)
    assert.equal(await open([second, first]).put(key, ofAnn, 1), false)
  })

  test('is met by many readers at once: all get the same credential', async () => {
    const { open } = newVault()
    await open().put(key, ofAnn, 0)
    const vault = open([second, first])
    const found = await Promise.all([1, 2, 3, 4].map(() => vault.get(key)))
    assert.deepEqual(new Set(found.map((one) => one?.version)), new Set([2]))
  })

  test('reseals everything, what is over too, in any number of processes; then the old one may go', async () => {
    const { store, clock, open } = newVault()
    const vault = open()
    for (let at = 0; at < 601; at++)
      await vault.put({ ...key, id: `id-${at}` }, { ...ofAnn, expiresAt: at === 7 ? 1_500 : undefined }, 0)
    clock.us = 2_000
    const [one, two] = await Promise.all([open([second, first]).rotate(), open([second, first]).rotate()])
    assert.equal(one.resealed + two.resealed, 601)
    assert.deepEqual(await open([second, first]).rotate(), { resealed: 0, remaining: 0 })
    assert.equal(await store.total({ sealedBy: 'k2' }), 601)
    assert.equal((await open([second]).list({}, { limit: 1_000 })).items.length, 600)
  })

  test('is told what it could not open once everything else is resealed', async () => {
    const { store, open } = newVault()
    const vault = open()
    for (const id of ['a', 'b', 'c']) await vault.put({ ...key, id }, ofAnn, 0)
    const { version, ...found } = await stored(store, { ...key, id: 'b' })
    await store.put({ ...found, subject: 'moved' }, version)
    await assert.rejects(open([second, first]).rotate(), unreadable)
    assert.deepEqual([await store.total({ sealedBy: 'k1' }), await store.total({ sealedBy: 'k2' })], [1, 2])
  })

  test('changes nothing in a store that is only read, and opens it all the same', async () => {
    const { store, open } = newVault()
    await open().put(key, ofAnn, 0)
    assert.deepEqual((await open([second, first], true).get(key))?.value, value)
    assert.deepEqual([(await stored(store)).sealedBy, (await stored(store)).version], ['k1', 1])
  })
})
