// A credential is replaced only by who knows what is there: of any number that write at once, one does.
import assert from 'node:assert/strict'
import { badKeys, refused } from '../refused.ts'
import { credential, password } from './given.ts'
import type { CredentialStoreCase } from './given.ts'

const group = 'keeping'
export const keepingCases: readonly CredentialStoreCase[] = [
  {
    group,
    name: 'a key without a credential has none; the one that is put comes back with every field',
    run: async ({ store }) => {
      assert.equal(await store.get(password), undefined)
      const given = credential({ sealed: 'q83vASNFZ4k=', expiresAt: 1_800_000_000_000_001 })
      assert.equal(await store.put(given, 0), true)
      assert.deepEqual(await store.get(password), { ...given, version: 1 })
      for (const other of [{ tenant: '' }, { kind: 'code' }, { id: 'id-2' }])
        assert.equal(await store.get({ ...password, ...other }), undefined)
    },
  },
  {
    group,
    name: 'a put replaces every field of the version that it expects, and nothing of another',
    run: async ({ store }) => {
      await store.put(credential({ expiresAt: 5 }), 0)
      const second = credential({ subject: 'bob', sealedBy: 'secret-2', writtenAt: 2 }, 'second')
      for (const expected of [0, 2, 7]) assert.equal(await store.put(second, expected), false)
      assert.deepEqual(await store.get(password), { ...credential({ expiresAt: 5 }), version: 1 })
      assert.equal(await store.put(second, 1), true)
      assert.deepEqual(await store.get(password), { ...second, version: 2 })
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'a put that expects a version of what is missing changes nothing',
    run: async ({ store }) => {
      assert.equal(await store.put(credential(), 1), false)
      assert.equal(await store.get(password), undefined)
    },
  },
  {
    group,
    name: 'the same put says yes again; another one of the same version does not',
    run: async ({ store }) => {
      for (const expected of [0, 1]) {
        const given = credential({}, `text-${expected}`)
        assert.equal(await store.put(given, expected), true)
        assert.equal(await store.put(given, expected), true)
        assert.equal(await store.put(credential({}, 'other'), expected), false)
        assert.deepEqual(await store.get(password), { ...given, version: expected + 1 })
      }
    },
  },
  {
    group,
    name: 'of many puts at once that expect the same version exactly one succeeds',
    run: async ({ store }) => {
      for (const expected of [0, 1]) {
        const given = Array.from({ length: 16 }, (_, index) => credential({}, `text-${expected}-${index}`))
        const done = await Promise.all(given.map((each) => store.put(each, expected)))
        assert.equal(done.filter(Boolean).length, 1)
        assert.deepEqual(await store.get(password), { ...given[done.indexOf(true)], version: expected + 1 })
      }
    },
  },
  {
    group,
    needs: 'shared',
    name: 'of puts in several processes that expect the same version exactly one succeeds',
    run: async ({ store, another }) => {
      const stores = [store, await another(), await another(), await another()]
      for (const expected of [0, 1, 2, 3, 4]) {
        const given = stores.map((_, index) => credential({}, `text-${expected}-${index}`))
        const done = await Promise.all(stores.map((each, at) => each.put(given[at] ?? credential(), expected)))
        assert.equal(done.filter(Boolean).length, 1)
        for (const each of stores)
          assert.deepEqual(await each.get(password), { ...given[done.indexOf(true)], version: expected + 1 })
      }
    },
  },
  {
    group,
    needs: 'durable',
    name: 'what was put and what was removed is so when the store is opened again',
    run: async ({ store, reopen }) => {
      await store.put(credential(), 0)
      await store.put(credential({ expiresAt: 9 }, 'second'), 1)
      await store.put(credential({ id: 'id-2' }), 0)
      await store.remove({ ...password, id: 'id-2' })
      const again = await reopen()
      assert.deepEqual(await again.get(password), { ...credential({ expiresAt: 9 }, 'second'), version: 2 })
      assert.equal(await again.total(), 1)
    },
  },
  {
    group,
    name: 'what cannot be kept exactly is refused, and nothing is kept',
    run: async ({ store }) => {
      const texts = ['', 'no base64', '====', 'ä', 'A'.repeat(131_073)]
      await refused('invalid_key', [
        ...badKeys.filter((key) => key !== '').map((of) => store.put(credential({ tenant: of }), 0)),
        ...badKeys.flatMap((bad) => [
          store.put(credential({ kind: bad }), 0),
          store.put(credential({ id: bad }), 0),
          store.put(credential({ subject: bad }), 0),
          store.put(credential({ sealedBy: bad }), 0),
          store.get({ ...password, id: bad }),
          store.remove({ ...password, kind: bad }),
          store.removeOf('', bad),
        ]),
        ...texts.map((sealed) => store.put(credential({ sealed }), 0)),
      ])
      for (const bad of [-1, 1.5, Number.NaN]) {
        await assert.rejects(store.put(credential(), bad), RangeError)
        await assert.rejects(store.put(credential({ writtenAt: bad }), 0), RangeError)
        await assert.rejects(store.put(credential({ expiresAt: bad }), 0), RangeError)
        await assert.rejects(store.remove(password, bad), RangeError)
        await assert.rejects(store.removeExpired(bad), RangeError)
      }
      assert.equal(await store.total(), 0)
      const longest = credential({ sealed: 'A'.repeat(131_072) })
      assert.equal(await store.put(longest, 0), true)
      assert.deepEqual(await store.get(password), { ...longest, version: 1 })
    },
  },
  {
    group,
    name: 'no error tells a sealed credential',
    run: async ({ store }) => {
      await assert.rejects(store.put(credential({ sealed: 'not-base64-and-secret' }), 0), (error) => {
        assert.ok(!JSON.stringify([String(error), error]).includes('not-base64-and-secret'))
        return true
      })
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      await store.put(credential(), 0)
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.get(password),
        store.put(credential(), 1),
        store.remove(password),
        store.removeOf('', 'alice'),
        store.removeExpired(1),
        store.list({}),
        store.total(),
        store.reset(),
        store.info(),
      ])
    },
  },
]
