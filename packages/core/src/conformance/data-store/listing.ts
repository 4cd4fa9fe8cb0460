// Lists are in one order on every store, and can be read in pages while others write.
import assert from 'node:assert/strict'
import type { DataStore } from '../../stores/data/data-store.ts'
import { refused } from '../refused.ts'
import { everyPage, key, namesIn, tenant, text } from './given.ts'
import type { DataStoreCase } from './given.ts'

const group = 'listing'
const inOrder = ['-', '1', '10', '2', 'A', 'B', 'a', 'a b', 'a-', 'a/b', 'aa', 'b', 'ä', '\uffee', '\u{10000}']

async function fill(store: DataStore, names: readonly string[], bucket = 'reports'): Promise<void> {
  for (const name of names) await store.set(text(name, key(name, bucket)))
}

export const listingCases: readonly DataStoreCase[] = [
  {
    group,
    name: 'a list is by bucket, then by object, code point by code point',
    run: async ({ store }) => {
      for (const bucket of ['b', '\u{10000}', 'a', '\uffee', 'B']) await fill(store, inOrder.toReversed(), bucket)
      const expected = ['B', 'a', 'b', '\uffee', '\u{10000}'].flatMap((bucket) => inOrder.map((name) => [bucket, name]))
      assert.deepEqual(await namesIn(store, { tenant }, { limit: 1000 }), expected)
    },
  },
  {
    group,
    name: 'an item of a list is what head tells',
    run: async ({ store }) => {
      await store.set({ ...text('one', key('a')), isPublic: true })
      assert.deepEqual((await store.list({ tenant })).items, [await store.head(key('a'))])
    },
  },
  {
    group,
    name: 'a list can be of one bucket, and of names with one beginning',
    run: async ({ store }) => {
      await fill(store, ['a', 'ab', 'b', 'a%c', 'a_c', 'abc'])
      await fill(store, ['ab', 'c'], 'Reports')
      assert.deepEqual(await namesIn(store, { tenant, bucket: 'Reports' }), [
        ['Reports', 'ab'],
        ['Reports', 'c'],
      ])
      assert.deepEqual(
        (await namesIn(store, { tenant, prefix: 'ab' })).map(([bucket, name]) => `${bucket} ${name}`),
        ['Reports ab', 'reports ab', 'reports abc'],
      )
      for (const [prefix, found] of [
        ['a%', ['a%c']],
        ['a_', ['a_c']],
        ['A', []],
        ['', ['a', 'a%c', 'a_c', 'ab', 'abc', 'b']],
      ] as const) {
        assert.deepEqual(
          (await namesIn(store, { tenant, bucket: 'reports', prefix })).map(([, name]) => name),
          found,
        )
      }
      assert.deepEqual(await namesIn(store, { tenant, bucket: 'none' }), [])
      assert.deepEqual(await namesIn(store, { tenant: 'none' }), [])
    },
  },
  {
    group,
    name: 'a prefix ends anywhere, also at the last code point there is',
    run: async ({ store }) => {
      const names = ['\u{10ffff}', '\u{10ffff}a', '\u{10ffff}\u{10ffff}', 'a\u{10ffff}b', 'a', 'é', 'e\u0301']
      await fill(store, names)
      for (const prefix of ['\u{10ffff}', 'a\u{10ffff}', 'e', 'é']) {
        const found = await namesIn(store, { tenant, prefix })
        assert.deepEqual(
          new Set(found.map(([, name]) => name)),
          new Set(names.filter((name) => name.startsWith(prefix))),
        )
      }
    },
  },
  {
    group,
    name: 'pages by cursor hold every object once, in order, whatever their size',
    run: async ({ store }) => {
      for (const bucket of ['x', 'y', 'x'.repeat(300)]) await fill(store, [...inOrder, 'y'.repeat(400)], bucket)
      const whole = await store.list({ tenant }, { limit: 10_000 })
      assert.equal(whole.cursor, undefined)
      for (const limit of [1, 2, 16, 17, 47, 48, 49])
        assert.deepEqual(await everyPage(store, { tenant }, limit), whole.items, String(limit))
      const some = await everyPage(store, { tenant, bucket: 'y', prefix: 'a' }, 2)
      assert.deepEqual(
        some.map(({ object }) => object),
        inOrder.filter((name) => name.startsWith('a')),
      )
    },
  },
  {
    group,
    name: 'objects that come and go between pages move no others',
    run: async ({ store }) => {
      await fill(store, ['b', 'd', 'f', 'h'])
      const first = await store.list({ tenant }, { limit: 2 })
      await fill(store, ['a', 'c', 'g'])
      await store.delete(key('d'))
      const { cursor } = first
      assert.deepEqual(
        (await namesIn(store, { tenant }, { cursor })).map(([, name]) => name),
        ['f', 'g', 'h'],
      )
    },
  },
  {
    group,
    name: 'a page can begin after a number of objects, and tells the total when asked',
    run: async ({ store }) => {
      await fill(store, ['a', 'b', 'c', 'd', 'e'])
      await fill(store, ['a'], 'other')
      const page = await store.list({ tenant, bucket: 'reports' }, { offset: 2, limit: 2, withTotal: true })
      assert.deepEqual([page.items.map(({ object }) => object), page.total], [['c', 'd'], 5])
      assert.equal('total' in (await store.list({ tenant })), false)
      assert.deepEqual(await store.list({ tenant }, { offset: 10, withTotal: true }), { items: [], total: 6 })
      assert.equal((await store.list({ tenant, prefix: 'a' }, { withTotal: true })).total, 2)
    },
  },
  {
    group,
    name: 'a page has 100 objects unless asked otherwise, and other limits are refused',
    run: async ({ store }) => {
      await fill(
        store,
        Array.from({ length: 101 }, (_, index) => `object-${String(index).padStart(3, '0')}`),
      )
      const { items, cursor } = await store.list({ tenant })
      assert.equal(items.length, 100)
      assert.equal((await store.list({ tenant }, { cursor })).items[0]?.object, 'object-100')
      for (const page of [
        { limit: 0 },
        { limit: 10_001 },
        { limit: 1.5 },
        { offset: -1 },
        { cursor: cursor ?? '', offset: 1 },
      ])
        await assert.rejects(store.list({ tenant }, page), RangeError)
      await refused('invalid_cursor', [
        store.list({ tenant }, { cursor: 'x' }),
        store.list({ tenant }, { cursor: '' }),
        store.list({ tenant: 'another' }, { cursor }),
        store.list({ tenant, prefix: 'o' }, { cursor }),
        store.list({ tenant, bucket: 'another' }, { cursor }),
      ])
    },
  },
]
