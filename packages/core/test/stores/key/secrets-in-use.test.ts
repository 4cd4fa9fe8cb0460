import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core'
import { checkSecrets, rotateSecrets } from '../../../src/stores/key/secrets-in-use.ts'
import { createMemoryKeyStore } from '../../../src/stores/key/memory-key-store.ts'
import type { KeyStore } from '../../../src/stores/key/key-store.ts'
import { runtime } from '../runtime.ts'
import { first, newKeyring, second } from './secrets.ts'

const third = { id: 'k3', secret: 'the third secret of at least 32 bytes' }
const wrong = { id: 'k1', secret: 'quite another secret of at least 32 bytes' }
const check = async (keys: KeyStore, secrets = [first], readOnly = false): Promise<void> => {
  const { keyring, wrapping } = newKeyring(keys, secrets)
  await checkSecrets(keys, keyring, wrapping, readOnly)
}
const rotate = (keys: KeyStore, secrets: readonly (typeof first)[]): ReturnType<typeof rotateSecrets> =>
  rotateSecrets(keys, newKeyring(keys, [...secrets]).wrapping, runtime.ids)
const refused = (error: unknown): boolean => isGestaError(error, 'key_unreadable')
async function store(count: number, secrets = [first]): Promise<KeyStore> {
  const keys = createMemoryKeyStore()
  const { keyring } = newKeyring(keys, secrets)
  for (let at = 0; at < count; at++) await keyring.findOrMake({ tenant: 't', subject: `s-${at}` })
  return keys
}

describe('secrets at start', () => {
  test('that are not those of the store are refused, before anything else was sealed', async () => {
    const keys = createMemoryKeyStore()
    await check(keys)
    await check(keys)
    await assert.rejects(check(keys, [wrong]), refused)
    await assert.rejects(check(keys, [second]), refused)
    await check(keys, [second, first])
  })

  test('are each tried on a key that they sealed', async () => {
    const keys = createMemoryKeyStore()
    await check(keys)
    await newKeyring(keys, [second, first]).keyring.findOrMake({ tenant: 't', subject: 's' })
    await assert.rejects(check(keys, [first, { ...wrong, id: 'k2' }]), refused)
    await check(keys, [first, second])
  })

  test('change nothing in a store that is only read', async () => {
    const keys = createMemoryKeyStore()
    await check(keys, [first], true)
    assert.equal(await keys.total(), 0)
    await check(keys)
    await assert.rejects(check(keys, [wrong], true), refused)
  })
})

describe('a rotation', () => {
  test('seals every key by the first secret, and leaves what the keys are', async () => {
    const keys = await store(1_203)
    const before = await newKeyring(keys).keyring.find({ tenant: 't', subject: 's-7' })
    assert.deepEqual(await rotate(keys, [second, first]), { rewrapped: 1_203, remaining: 0 })
    assert.deepEqual(await rotate(keys, [second, first]), { rewrapped: 0, remaining: 0 })
    const after = await newKeyring(keys, [second]).keyring.find({ tenant: 't', subject: 's-7' })
    assert.ok(typeof before === 'object' && typeof after === 'object')
    assert.ok(before.key.equals(after.key))
    await assert.rejects(newKeyring(keys).keyring.find({ tenant: 't', subject: 's-7' }), refused)
  })

  test('that was interrupted goes on', async () => {
    const keys = await store(20)
    let left = 7
    const failing: KeyStore = {
      ...keys,
      rewrap: async (key, from) => {
        if (left-- === 0) throw new Error('cut')
        return keys.rewrap(key, from)
      },
    }
    await assert.rejects(rotate(failing, [second, first]), /cut/)
    assert.deepEqual(await rotate(keys, [second, first]), { rewrapped: 13, remaining: 0 })
  })

  test('may run in several processes at once, beside one that seals by the old secret', async () => {
    const keys = await store(50)
    const old = newKeyring(keys)
    const runs = await Promise.all([
      rotate(keys, [second, first]),
      rotate(keys, [second, first]),
      ...Array.from({ length: 20 }, (_, at) => old.keyring.findOrMake({ tenant: 'u', subject: `s-${at}` })),
    ])
    const again = await rotate(keys, [second, first])
    assert.equal(again.remaining, 0)
    const [one, two] = runs as [typeof again, typeof again]
    assert.equal(one.rewrapped + two.rewrapped + again.rewrapped >= 70, true)
    assert.equal((await keys.list({ wrappedBy: 'k2' }, { withTotal: true })).total, 70)
  })

  test('leaves readers their keys while it runs', async () => {
    const keys = await store(30)
    const reader = newKeyring(keys, [first, second], 3).keyring
    const running = rotate(keys, [second, first])
    for (let at = 0; at < 30; at++)
      assert.equal(typeof (await reader.find({ tenant: 't', subject: `s-${at}` })), 'object')
    await running
    for (let at = 0; at < 30; at++)
      assert.equal(typeof (await reader.find({ tenant: 't', subject: `s-${at}` })), 'object')
  })

  test('does not bring back a key that is destroyed meanwhile', async () => {
    const keys = await store(3)
    const racing: KeyStore = {
      ...keys,
      rewrap: async (key, from) => {
        if (key.subject === 's-1') await keys.shred(key, 'gone', 1)
        return keys.rewrap(key, from)
      },
    }
    assert.deepEqual(await rotate(racing, [second, first]), { rewrapped: 2, remaining: 0 })
    assert.equal(await keys.get({ tenant: 't', subject: 's-1' }), 'shredded')
  })

  test('tells how many keys are still sealed otherwise, also by secrets that it does not have', async () => {
    const keys = await store(2, [third])
    await newKeyring(keys).keyring.findOrMake({ tenant: 'u', subject: 's' })
    assert.deepEqual(await rotate(keys, [second, first]), { rewrapped: 1, remaining: 2 })
  })

  test('does all it can before it tells that a key cannot be opened', async () => {
    const keys = await store(3)
    const [damaged] = (await keys.list({})).items
    assert.ok(damaged)
    await keys.rewrap({ ...damaged, wrapped: `AAAA${damaged.wrapped.slice(4)}` }, 'k1')
    await assert.rejects(rotate(keys, [second, first]), refused)
    assert.equal((await keys.list({ wrappedBy: 'k2' }, { withTotal: true })).total, 2)
  })
})
