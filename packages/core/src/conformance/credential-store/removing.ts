// What is removed is gone: by its key, with all else of its subject, when its time is over, or with its tenant.
import assert from 'node:assert/strict'
import { credential, password, putAll, tenant } from './given.ts'
import type { CredentialStoreCase } from './given.ts'

const group = 'removing'
export const removingCases: readonly CredentialStoreCase[] = [
  {
    group,
    name: 'a removal is of the version that is named, or of whatever is there, and says whether something went',
    run: async ({ store }) => {
      assert.equal(await store.remove(password), false)
      await store.put(credential(), 0)
      for (const version of [2, 7]) assert.equal(await store.remove(password, version), false)
      assert.equal(await store.remove(password, 1), true)
      assert.equal(await store.get(password), undefined)
      await store.put(credential(), 0)
      await store.put(credential({}, 'second'), 1)
      assert.equal(await store.remove(password), true)
      assert.equal(await store.remove(password), false)
      assert.equal(await store.total(), 0)
    },
  },
  {
    group,
    name: 'under a key that was emptied versions begin anew',
    run: async ({ store }) => {
      await store.put(credential(), 0)
      await store.put(credential({}, 'second'), 1)
      await store.remove(password)
      assert.equal(await store.put(credential({}, 'third'), 2), false)
      assert.equal(await store.put(credential({}, 'third'), 0), true)
      assert.equal((await store.get(password))?.version, 1)
    },
  },
  {
    group,
    name: 'of many removals of one version at once exactly one is told that it did it',
    run: async ({ store }) => {
      await store.put(credential(), 0)
      const done = await Promise.all(Array.from({ length: 16 }, () => store.remove(password, 1)))
      assert.equal(done.filter(Boolean).length, 1)
    },
  },
  {
    group,
    needs: 'shared',
    name: 'of a put and removals in several processes that expect the same version exactly one succeeds',
    run: async ({ store, another }) => {
      const [left, right] = [await another(), await another()]
      for (const round of [1, 2, 3, 4, 5, 6]) {
        const key = { ...password, id: `id-${round}` }
        await store.put(credential(key), 0)
        const done = await Promise.all([
          store.put(credential(key, 'second'), 1),
          left.remove(key, 1),
          right.remove(key, 1),
        ])
        assert.equal(done.filter(Boolean).length, 1)
        assert.equal((await left.get(key))?.version, done[0] ? 2 : undefined)
      }
    },
  },
  {
    group,
    name: 'everything of a subject goes at once, of its tenant alone; a second time nothing is there',
    run: async ({ store }) => {
      const kinds = ['password', 'code', 'refresh']
      await putAll(
        store,
        kinds.flatMap((kind) => [
          credential({ kind }),
          credential({ kind, id: 'id-2' }),
          credential({ kind, id: 'id-3', subject: 'bob' }),
          credential({ kind, tenant: 'tenant-2' }),
        ]),
      )
      assert.equal(await store.removeOf(tenant, 'alice'), 6)
      assert.equal(await store.removeOf(tenant, 'alice'), 0)
      assert.deepEqual(
        [await store.total({ tenant }), await store.total({ subject: 'alice' }), await store.total()],
        [3, 3, 6],
      )
    },
  },
  {
    group,
    name: 'what has expired is there until it is removed; what expires at the time itself, later or never stays',
    run: async ({ store }) => {
      for (const [at, expiresAt] of [98, 99, 100, 101, undefined].entries())
        await store.put(credential({ id: `id-${at}`, expiresAt }), 0)
      assert.equal((await store.get({ ...password, id: 'id-0' }))?.expiresAt, 98)
      assert.equal(await store.total(), 5)
      assert.equal(await store.removeExpired(100), 2)
      assert.deepEqual(
        (await store.list({})).items.map(({ id }) => id),
        ['id-2', 'id-3', 'id-4'],
      )
      assert.equal(await store.removeExpired(100), 0)
    },
  },
  {
    group,
    name: 'at most as many expired ones are removed as are asked for, from every tenant',
    run: async ({ store }) => {
      for (let at = 0; at < 25; at++)
        await store.put(credential({ tenant: `tenant-${at % 3}`, id: `id-${at}`, expiresAt: at }), 0)
      assert.deepEqual(
        [await store.removeExpired(1_000, 10), await store.removeExpired(1_000, 10), await store.removeExpired(1_000)],
        [10, 10, 5],
      )
      for (const limit of [0, -1, 1.5, 10_001]) await assert.rejects(store.removeExpired(1, limit), RangeError)
    },
  },
  {
    group,
    name: 'one that was given more time before the sweep stays',
    run: async ({ store }) => {
      await store.put(credential({ expiresAt: 5 }), 0)
      await store.put(credential({ expiresAt: 500 }, 'second'), 1)
      assert.equal(await store.removeExpired(100), 0)
      assert.equal((await store.get(password))?.version, 2)
    },
  },
  {
    group,
    needs: 'shared',
    name: 'sweeps in several processes remove each expired one once, and hinder nobody who writes',
    run: async ({ store, another }) => {
      const stores = [store, await another(), await another()]
      for (let at = 0; at < 60; at++) await store.put(credential({ id: `id-${at}`, expiresAt: 1 }), 0)
      const writing = stores.map((each, at) => each.put(credential({ kind: 'code', id: `id-${at}` }), 0))
      const sweeps = stores.flatMap((each) => [each.removeExpired(10, 50), each.removeExpired(10, 50)])
      const removed = await Promise.all(sweeps)
      assert.deepEqual(await Promise.all(writing), [true, true, true])
      const rest = await store.removeExpired(10)
      assert.equal(
        removed.reduce((sum, count) => sum + count, rest),
        60,
      )
      assert.equal(await store.total(), 3)
    },
  },
  {
    group,
    name: 'a reset empties one tenant, or all',
    run: async ({ store }) => {
      for (const each of ['left', 'right', '']) await store.put(credential({ tenant: each }), 0)
      await store.reset('left')
      assert.deepEqual([await store.total({ tenant: 'left' }), await store.total()], [0, 2])
      await store.reset('')
      assert.equal(await store.total(), 1)
      await store.reset()
      assert.equal(await store.total(), 0)
    },
  },
]
