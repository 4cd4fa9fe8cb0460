import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { isGestaError } from '@gesta/core'
import type { DataKey } from '../../../src/stores/key/keyring.ts'
import type { KeyStore, WrappedKey } from '../../../src/stores/key/key-store.ts'
import { createMemoryKeyStore } from '../../../src/stores/key/memory-key-store.ts'
import { first, newKeyring, second } from './secrets.ts'

const scope = { tenant: 't', subject: 's' }
const idOf = (key: DataKey | 'shredded' | undefined): string => (typeof key === 'object' ? key.id : String(key))
const exported = (key: DataKey | 'shredded' | undefined): string =>
  typeof key === 'object' ? key.key.export().toString('hex') : String(key)

describe('a keyring', () => {
  test('makes a key once, and finds it again in the store', async () => {
    const { keys, keyring } = newKeyring()
    assert.equal(await keyring.find(scope), undefined)
    const made = await keyring.findOrMake(scope)
    assert.equal(await keyring.findOrMake(scope), made)
    assert.equal(keyring.atHand(scope), made)
    const other = newKeyring(keys).keyring
    assert.equal(other.atHand(scope), undefined)
    assert.equal(exported(await other.find(scope)), exported(made))
  })

  test('gives all who come at once the same key, also over several processes', async () => {
    const keys = createMemoryKeyStore()
    const rings = [newKeyring(keys).keyring, newKeyring(keys).keyring, newKeyring(keys, [second, first]).keyring]
    await rings[0]?.findOrMake(scope)
    const other = { ...scope, subject: 'new' }
    const found = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        newKeyring(keys, [first, second]).keyring.findOrMake(at < 15 ? scope : other),
      ),
    )
    assert.equal(new Set(found.slice(0, 15).map(exported)).size, 1)
    assert.equal(new Set(found.slice(15).map(exported)).size, 1)
    assert.equal(await keys.total(), 2)
  })

  test('asks the store once for all who wait', async () => {
    let asked = 0
    const keys = createMemoryKeyStore()
    const counting: KeyStore = { ...keys, get: (of) => (asked++, keys.get(of)) }
    const { keyring } = newKeyring(counting)
    await Promise.all(Array.from({ length: 20 }, () => keyring.findOrMake(scope)))
    assert.equal(asked, 1)
  })

  test('never remembers that a scope has no key', async () => {
    const { keys, keyring } = newKeyring()
    assert.equal(await keyring.find(scope), undefined)
    const made = await newKeyring(keys).keyring.findOrMake(scope)
    assert.equal(idOf(await keyring.find(scope)), idOf(made))
  })

  test('keeps as many keys as it may', async () => {
    const { keyring } = newKeyring(createMemoryKeyStore(), [first], 2)
    for (const subject of ['a', 'b', 'c']) await keyring.findOrMake({ tenant: '', subject })
    assert.equal(keyring.atHand({ tenant: '', subject: 'a' }), undefined)
    assert.notEqual(keyring.atHand({ tenant: '', subject: 'c' }), undefined)
  })

  test('keeps tenant and subject apart', async () => {
    const { keyring } = newKeyring()
    const places = [
      { tenant: 'a', subject: 'b' },
      { tenant: 'b', subject: 'a' },
      { tenant: '', subject: 'ab' },
      { tenant: 'ab', subject: '' },
    ]
    const found = await Promise.all(places.map((place) => keyring.findOrMake(place)))
    assert.equal(new Set(found.map(exported)).size, places.length)
  })

  test('says that a key was destroyed, and makes no new one', async () => {
    const { keys, keyring } = newKeyring()
    await keys.shred(scope, 'gone', 1)
    assert.equal(await keyring.find(scope), 'shredded')
    assert.equal(await keyring.findOrMake(scope), 'shredded')
    assert.equal(await keys.total(), 0)
  })

  test('does not keep a key that the store gave out before it was destroyed', async () => {
    const keys = createMemoryKeyStore()
    await newKeyring(keys).keyring.findOrMake(scope)
    let answer: () => void = () => undefined
    const slow: KeyStore = {
      ...keys,
      get: async (of) => {
        const found = await keys.get(of)
        await new Promise<void>((resolve) => (answer = resolve))
        return found
      },
    }
    const { keyring } = newKeyring(slow)
    const finding = keyring.find(scope)
    await new Promise((resolve) => setImmediate(resolve))
    await keys.shred(scope, 'gone', 1)
    keyring.forget(scope)
    answer()
    assert.equal(await finding, 'shredded')
    assert.equal(keyring.atHand(scope), 'shredded')
  })

  test('refuses a key that its secrets do not open, and remembers nothing of it', async () => {
    const { keys } = newKeyring()
    await newKeyring(keys).keyring.findOrMake(scope)
    const { keyring } = newKeyring(keys, [second])
    await assert.rejects(keyring.find(scope), (error) => isGestaError(error, 'key_unreadable'))
    await assert.rejects(keyring.findOrMake(scope), (error) => isGestaError(error, 'key_unreadable'))
    assert.equal(keyring.atHand(scope), undefined)
  })

  test('shows no key when it is printed', async () => {
    const { keyring } = newKeyring()
    const made = await keyring.findOrMake(scope)
    const printed = inspect(made, { depth: null, showHidden: true })
    assert.doesNotMatch(printed, new RegExp(exported(made).slice(0, 8)))
  })

  test('agrees with every other one, whatever is asked, destroyed and forgotten in whatever order', async () => {
    const step = fc.record({
      ring: fc.nat({ max: 2 }),
      subject: fc.constantFrom('a', 'b', 'c'),
      does: fc.constantFrom('make', 'make', 'find', 'shred', 'forget'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const keys = createMemoryKeyStore()
        const rings = [0, 1, 2].map(() => newKeyring(keys, [first], 2).keyring)
        const made = new Map<string, string>()
        const gone = new Set<string>()
        await Promise.all(
          steps.map(async ({ ring, subject, does }) => {
            const at = { tenant: '', subject }
            if (does === 'shred') {
              gone.add(subject)
              await keys.shred(at, 'gone', 1)
              for (const each of rings) each.forget(at)
              return
            }
            // Forgetting is for keys that were destroyed.
            if (does === 'forget') return gone.has(subject) ? rings[ring]?.forget(at) : undefined
            const found = does === 'make' ? await rings[ring]?.findOrMake(at) : await rings[ring]?.find(at)
            if (found === undefined || found === 'shredded') return
            const before = made.get(subject) ?? exported(found)
            made.set(subject, before)
            assert.equal(exported(found), before)
          }),
        )
        for (const subject of gone)
          for (const each of rings) assert.equal(await each.find({ tenant: '', subject }), 'shredded')
      }),
      { numRuns: 200 },
    )
  })
})

describe('a key in the store', () => {
  test('is sealed: the store never sees it', async () => {
    const { keys, keyring } = newKeyring()
    const made = await keyring.findOrMake(scope)
    const stored = (await keys.get(scope)) as WrappedKey
    assert.equal(Buffer.from(stored.wrapped, 'base64').includes(Buffer.from(exported(made), 'hex')), false)
    assert.equal(stored.wrappedBy, 'k1')
    assert.equal(stored.keyId, idOf(made))
  })
})
