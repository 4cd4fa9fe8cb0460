// Tenants do not meet, counts are right, and a reset takes what it was told to take.
import assert from 'node:assert/strict'
import { refused } from '../refused.ts'
import { key, namesIn, text, textAt } from './given.ts'
import type { DataStoreCase } from './given.ts'

const group = 'tenants and counts'

export const tenantCases: readonly DataStoreCase[] = [
  {
    group,
    name: 'the same name in two tenants is two objects',
    run: async ({ store }) => {
      for (const each of ['left', 'right', '']) await store.set(text(each, key('a', 'reports', each)))
      await store.copy(key('a', 'reports', 'left'), { bucket: 'reports', object: 'b' })
      await store.delete(key('a', 'reports', 'left'))
      assert.equal(await textAt(store, key('a', 'reports', 'right')), 'right')
      assert.equal(await textAt(store, key('a', 'reports', '')), '')
      assert.equal(await textAt(store, key('b', 'reports', 'right')), undefined)
      assert.deepEqual(await namesIn(store, { tenant: 'left' }), [['reports', 'b']])
      assert.deepEqual(await namesIn(store, { tenant: 'right' }), [['reports', 'a']])
    },
  },
  {
    group,
    name: 'usage counts buckets, objects and bytes, of a tenant and of all',
    run: async ({ store }) => {
      assert.deepEqual(await store.usage(), { buckets: 0, objects: 0, bytes: 0 })
      await store.set(text('12345', key('a', 'x', 'left')))
      await store.set(text('123', key('b', 'x', 'left')))
      await store.set(text('1', key('a', 'y', 'left')))
      await store.set(text('12', key('a', 'x', 'right')))
      await store.set(text('', key('b', 'x', 'right')))
      await store.set(text('1234', key('a', 'x', 'left')))
      await store.delete(key('a', 'y', 'left'))
      assert.deepEqual(await store.usage('left'), { buckets: 1, objects: 2, bytes: 7 })
      assert.deepEqual(await store.usage('right'), { buckets: 1, objects: 2, bytes: 2 })
      assert.deepEqual(await store.usage('none'), { buckets: 0, objects: 0, bytes: 0 })
      assert.deepEqual(await store.usage(), { buckets: 2, objects: 4, bytes: 9 })
      assert.deepEqual([await store.total('left'), await store.total()], [2, 4])
    },
  },
  {
    group,
    name: 'info tells the port, the backend and what is held',
    run: async ({ store }) => {
      await store.set(text('12345', key('a')))
      const { store: port, items, details, readOnly } = await store.info()
      assert.deepEqual([port, items, readOnly], ['data', 1, false])
      assert.deepEqual([details['buckets'], details['objects'], details['bytes']], [1, 1, 5])
    },
  },
  {
    group,
    name: 'a reset removes the objects of a tenant, or of all, and the store goes on',
    run: async ({ store }) => {
      for (const each of ['left', 'right', '']) await store.set(text(each, key('a', 'reports', each)))
      await store.reset('left')
      await store.reset('none')
      assert.deepEqual([await store.total('left'), await store.total()], [0, 2])
      await store.reset('')
      assert.deepEqual([await store.total(''), await store.total()], [0, 1])
      await store.set(text('again', key('a', 'reports', 'left')))
      assert.equal(await textAt(store, key('a', 'reports', 'left')), 'again')
      await store.reset()
      assert.equal(await store.total(), 0)
      await store.set(text('again', key('a')))
      assert.equal(await textAt(store, key('a')), 'again')
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      await store.set(text('a', key('a')))
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.get(key('a')),
        store.head(key('a')),
        store.set(text('b', key('a'))),
        store.copy(key('a'), { bucket: 'b', object: 'b' }),
        store.list({ tenant: 'tenant-1' }),
        store.delete(key('a')),
        store.usage(),
        store.total(),
        store.reset(),
        store.info(),
      ])
    },
  },
]
