// A flush empties what it was told to empty, at once and for everybody; tenants do not meet.
import assert from 'node:assert/strict'
import { refused } from '../refused.ts'
import { at, entriesOf, hourMs, tenant } from './given.ts'
import type { CacheStoreCase } from './given.ts'

const group = 'tenants and flushes'

export const tenantCases: readonly CacheStoreCase[] = [
  {
    group,
    name: 'the same key in two tenants is two entries',
    run: async ({ store }) => {
      for (const each of ['left', 'right', '']) await store.set(at('a', each), JSON.stringify(each))
      await store.delete(at('a', 'left'))
      assert.deepEqual(
        [await store.get(at('a', 'left')), await store.get(at('a', 'right')), await store.get(at('a', ''))],
        [undefined, '"right"', '""'],
      )
      assert.deepEqual([await store.total('left'), await store.total('right'), await store.total()], [0, 1, 2])
    },
  },
  {
    group,
    name: 'a flush empties a tenant, or all of them, and the cache goes on',
    run: async ({ store }) => {
      for (const each of ['left', 'right', '']) {
        await store.set(at('a', each), '1')
        await store.set(at('b', each), '2', { ttlMs: hourMs })
      }
      await store.flush('left')
      await store.flush('none')
      assert.deepEqual([await store.get(at('a', 'left')), await store.get(at('b', 'left'))], [undefined, undefined])
      assert.deepEqual(await entriesOf(store, 'left'), [])
      assert.deepEqual([await store.total('left'), await store.total()], [0, 4])
      assert.equal(await store.delete(at('a', 'left')), false)
      await store.set(at('a', 'left'), '3')
      assert.deepEqual(await entriesOf(store, 'left'), [['a', '3']])
      await store.flush('')
      assert.deepEqual(await entriesOf(store, ''), [])
      assert.equal(await store.total(), 3)
      await store.flush()
      assert.equal(await store.total(), 0)
      for (const each of ['left', 'right', '']) assert.deepEqual(await entriesOf(store, each), [])
      await store.set(at('a', 'right'), '4')
      assert.equal(await store.get(at('a', 'right')), '4')
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'what was flushed does not come back, however often',
    run: async ({ store }) => {
      for (let round = 0; round < 5; round += 1) {
        assert.equal(await store.get(at('a')), undefined)
        await store.set(at('a'), String(round))
        assert.equal(await store.get(at('a')), String(round))
        await store.flush(round % 2 === 0 ? tenant : undefined)
      }
      assert.deepEqual(await entriesOf(store), [])
    },
  },
  {
    group,
    name: 'info tells the port, the backend and the number of entries',
    run: async ({ store }) => {
      await store.set(at('a'), '1')
      await store.set(at('a', 'tenant-2'), '1')
      const { store: port, items, readOnly } = await store.info()
      assert.deepEqual([port, items, readOnly], ['cache', 2, false])
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      await store.set(at('a'), '1')
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.get(at('a')),
        store.set(at('a'), '1'),
        store.list(tenant),
        store.delete(at('a')),
        store.total(),
        store.flush(),
        store.info(),
      ])
    },
  },
]
