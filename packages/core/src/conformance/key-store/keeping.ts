// A scope has one key, the first one that was put; only its sealed form changes, and only from the one that was expected.
import assert from 'node:assert/strict'
import { badKeys, refused } from '../refused.ts'
import { alice, tenant, wrappedKey } from './given.ts'
import type { KeyStoreCase } from './given.ts'

const group = 'keeping'
export const keepingCases: readonly KeyStoreCase[] = [
  {
    group,
    name: 'a scope without a key has none; the key that is put comes back with every field',
    run: async ({ store }) => {
      assert.equal(await store.get(alice), undefined)
      const key = wrappedKey({ wrapped: 'q83vASNFZ4k=' })
      assert.deepEqual(await store.putIfAbsent(key), key)
      assert.deepEqual(await store.get(alice), key)
      assert.equal(await store.get({ ...alice, subject: 'bob' }), undefined)
    },
  },
  {
    group,
    name: 'a second key is not kept: who puts it gets the first one',
    run: async ({ store }) => {
      const first = wrappedKey()
      await store.putIfAbsent(first)
      assert.deepEqual(await store.putIfAbsent(wrappedKey({ keyId: 'key-2', wrappedBy: 'wrapping-2' })), first)
      assert.deepEqual(await store.get(alice), first)
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'of many first calls at once all get the same key',
    run: async ({ store }) => {
      const keys = Array.from({ length: 32 }, (_, index) => wrappedKey({ keyId: `key-${index}` }))
      const got = await Promise.all(keys.map((key) => store.putIfAbsent(key)))
      const kept = await store.get(alice)
      assert.ok(kept !== undefined && kept !== 'shredded')
      for (const each of got) assert.deepEqual(each, kept)
    },
  },
  {
    group,
    needs: 'shared',
    name: 'of first calls in several processes all get the same key',
    run: async ({ store, another }) => {
      const stores = [store, await another(), await another(), await another()]
      for (const round of [1, 2, 3, 4, 5]) {
        const scope = { ...alice, subject: `subject-${round}` }
        const tries = stores.map((each, index) => each.putIfAbsent(wrappedKey({ ...scope, keyId: `key-${index}` })))
        const got = await Promise.all(tries)
        const kept = await store.get(scope)
        assert.ok(kept !== undefined && kept !== 'shredded')
        for (const each of got) assert.deepEqual(each, kept)
      }
    },
  },
  {
    group,
    name: 'the tenant itself has a key, which is that of no subject',
    run: async ({ store }) => {
      const own = wrappedKey({ subject: '', keyId: 'key-of-the-tenant' })
      await store.putIfAbsent(own)
      assert.equal(await store.get(alice), undefined)
      await store.putIfAbsent(wrappedKey())
      await store.shred(alice, 'reason', 1)
      assert.deepEqual(await store.get({ tenant, subject: '' }), own)
    },
  },
  {
    group,
    name: 'a key is sealed anew only while it is sealed by the wrapping key that is named; the rest of it stays',
    run: async ({ store }) => {
      const key = wrappedKey()
      await store.putIfAbsent(key)
      const sealed = { ...key, wrappedBy: 'wrapping-2', wrapped: 'bmV3', createdAt: 1 }
      assert.equal(await store.rewrap(sealed, 'wrapping-0'), false)
      assert.deepEqual(await store.get(alice), key)
      assert.equal(await store.rewrap(sealed, 'wrapping-1'), true)
      assert.deepEqual(await store.get(alice), { ...key, wrappedBy: 'wrapping-2', wrapped: 'bmV3' })
      assert.equal(await store.rewrap({ ...key, wrappedBy: 'wrapping-3' }, 'wrapping-1'), false)
    },
  },
  {
    group,
    name: 'sealing anew says yes again when it is repeated',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey())
      const sealed = wrappedKey({ wrappedBy: 'wrapping-2', wrapped: 'bmV3' })
      assert.equal(await store.rewrap(sealed, 'wrapping-1'), true)
      assert.equal(await store.rewrap(sealed, 'wrapping-1'), true)
      assert.equal(await store.rewrap({ ...sealed, wrapped: 'b3RoZXI=' }, 'wrapping-1'), false)
    },
  },
  {
    group,
    name: 'of many that seal one key anew exactly one does',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey())
      const tries = Array.from({ length: 16 }, (_, index) =>
        store.rewrap(wrappedKey({ wrappedBy: `wrapping-to-${index}`, wrapped: 'bmV3' }), 'wrapping-1'),
      )
      const done = await Promise.all(tries)
      assert.equal(done.filter(Boolean).length, 1)
      const kept = await store.get(alice)
      assert.ok(kept !== undefined && kept !== 'shredded')
      assert.equal(kept.wrappedBy, `wrapping-to-${done.indexOf(true)}`)
    },
  },
  {
    group,
    name: 'another key, one that is missing and one that was shredded are not sealed anew',
    run: async ({ store }) => {
      assert.equal(await store.rewrap(wrappedKey({ wrappedBy: 'wrapping-2' }), 'wrapping-1'), false)
      await store.putIfAbsent(wrappedKey())
      assert.equal(await store.rewrap(wrappedKey({ keyId: 'key-2', wrappedBy: 'wrapping-2' }), 'wrapping-1'), false)
      await store.shred(alice, 'reason', 1)
      assert.equal(await store.rewrap(wrappedKey({ wrappedBy: 'wrapping-2' }), 'wrapping-1'), false)
      assert.equal(await store.get(alice), 'shredded')
    },
  },
  {
    group,
    name: 'what cannot be kept exactly is refused, and nothing is kept',
    run: async ({ store }) => {
      const names = badKeys.filter((key) => key !== '')
      await refused('invalid_key', [
        ...names.flatMap((of) => [
          store.putIfAbsent(wrappedKey({ tenant: of })),
          store.get({ tenant: of, subject: 'a' }),
        ]),
        ...names.flatMap((subject) => [store.putIfAbsent(wrappedKey({ subject })), store.get({ tenant, subject })]),
        ...badKeys.map((keyId) => store.putIfAbsent(wrappedKey({ keyId }))),
        ...badKeys.map((wrappedBy) => store.putIfAbsent(wrappedKey({ wrappedBy }))),
        ...badKeys.map((from) => store.rewrap(wrappedKey(), from)),
        ...['', 'no base64', '====', 'ä', 'A'.repeat(16_385)].map((wrapped) =>
          store.putIfAbsent(wrappedKey({ wrapped })),
        ),
      ])
      for (const createdAt of [-1, 1.5, Number.NaN])
        await assert.rejects(store.putIfAbsent(wrappedKey({ createdAt })), RangeError)
      assert.equal(await store.total(), 0)
      const longest = wrappedKey({ wrapped: 'A'.repeat(16_384) })
      assert.deepEqual(await store.putIfAbsent(longest), longest)
    },
  },
  {
    group,
    name: 'no error tells a sealed key',
    run: async ({ store }) => {
      await assert.rejects(store.putIfAbsent(wrappedKey({ wrapped: 'not-base64-and-secret' })), (error) => {
        assert.ok(!JSON.stringify([String(error), error]).includes('not-base64-and-secret'))
        return true
      })
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey())
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.get(alice),
        store.putIfAbsent(wrappedKey()),
        store.rewrap(wrappedKey(), 'wrapping-1'),
        store.list({}),
        store.shred(alice, 'reason', 1),
        store.ledger(0),
        store.replay([]),
        store.total(),
        store.reset(),
        store.info(),
      ])
    },
  },
]
