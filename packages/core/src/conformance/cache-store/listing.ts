// Lists are by key, can be read in pages while others write, and belong to one tenant.
import assert from 'node:assert/strict'
import type { CacheStore } from '../../stores/cache/cache-store.ts'
import { refused } from '../refused.ts'
import { at, entriesOf, everyPage, tenant } from './given.ts'
import type { CacheStoreCase } from './given.ts'

const group = 'listing'
const inOrder = [
  '*',
  '-',
  '1',
  '10',
  '2',
  'A',
  'a',
  'a*',
  'a:b',
  'a?',
  'a[b]',
  'aa',
  'ä',
  '\uffee',
  '\u{10000}',
  '\u{10ffff}',
]

async function fill(store: CacheStore, keys: readonly string[], of: string = tenant): Promise<void> {
  for (const key of keys) await store.set(at(key, of), JSON.stringify(`${of} ${key}`))
}
async function keysIn(store: CacheStore, page: Parameters<CacheStore['list']>[1]): Promise<readonly string[]> {
  return (await store.list(tenant, page)).items.map(({ key }) => key)
}

export const listingCases: readonly CacheStoreCase[] = [
  {
    group,
    name: 'a list is by key, code point by code point, and of one tenant',
    run: async ({ store }) => {
      await fill(store, inOrder.toReversed())
      await fill(store, ['a', 'b'], 'tenant-2')
      await fill(store, ['a'], 'tenant')
      assert.deepEqual(
        await entriesOf(store),
        inOrder.map((key) => [key, JSON.stringify(`${tenant} ${key}`)]),
      )
      assert.deepEqual(
        (await store.list('tenant-2')).items.map((entry) => [entry.tenant, entry.key]),
        [
          ['tenant-2', 'a'],
          ['tenant-2', 'b'],
        ],
      )
      assert.deepEqual(await store.list('none'), { items: [] })
    },
  },
  {
    group,
    name: 'a list can be of keys with one beginning, which is no pattern',
    run: async ({ store }) => {
      await fill(store, inOrder)
      for (const prefix of ['a', 'a*', '*', 'A', 'a?', 'a[', '', 'none', '\u{10ffff}']) {
        const expected = inOrder.filter((key) => key.startsWith(prefix))
        assert.deepEqual(await keysIn(store, { prefix }), expected, prefix)
        assert.equal((await store.list(tenant, { prefix, withTotal: true, limit: 1 })).total, expected.length, prefix)
      }
    },
  },
  {
    group,
    name: 'pages by cursor hold every entry once, in order, whatever their size',
    run: async ({ store }) => {
      await fill(store, inOrder)
      for (const limit of [1, 2, 7, inOrder.length - 1, inOrder.length, 1000]) {
        assert.deepEqual(
          (await everyPage(store, tenant, limit)).map(({ key }) => key),
          inOrder,
        )
      }
      assert.deepEqual(
        (await everyPage(store, tenant, 2, 'a')).map(({ key }) => key),
        inOrder.filter((key) => key.startsWith('a')),
      )
    },
  },
  {
    group,
    name: 'entries that come and go between pages move no others',
    run: async ({ store }) => {
      await fill(store, ['b', 'd', 'f', 'h'])
      const { cursor } = await store.list(tenant, { limit: 2 })
      await fill(store, ['a', 'c', 'g'])
      await store.delete(at('d'))
      assert.deepEqual(await keysIn(store, { cursor }), ['f', 'g', 'h'])
    },
  },
  {
    group,
    name: 'a page can begin after a number of entries, tells the total when asked, and has 100 unless asked otherwise',
    run: async ({ store }) => {
      const keys = Array.from({ length: 101 }, (_, index) => `key-${String(index).padStart(3, '0')}`)
      await fill(store, keys)
      const page = await store.list(tenant, { offset: 98, limit: 2, withTotal: true })
      assert.deepEqual([page.items.map(({ key }) => key), page.total], [['key-098', 'key-099'], 101])
      assert.deepEqual(await store.list(tenant, { offset: 200, withTotal: true }), { items: [], total: 101 })
      const first = await store.list(tenant)
      assert.deepEqual([first.items.length, 'total' in first], [100, false])
      const { cursor } = first
      assert.deepEqual(await keysIn(store, { cursor }), ['key-100'])
      for (const wrong of [{ limit: 0 }, { limit: 10_001 }, { offset: -1 }, { cursor: cursor ?? '', offset: 1 }])
        await assert.rejects(store.list(tenant, wrong), RangeError)
      await refused('invalid_cursor', [
        store.list(tenant, { cursor: 'x' }),
        store.list('another', { cursor }),
        store.list(tenant, { cursor, prefix: 'key' }),
      ])
    },
  },
  {
    group,
    name: 'large values do not keep a list from being read to its end',
    run: async ({ store }) => {
      const value = `"${'x'.repeat(1_000_000)}"`
      for (let index = 0; index < 12; index += 1) await store.set(at(`key-${index}`), value)
      const entries = await everyPage(store, tenant, 10_000)
      assert.equal(entries.length, 12)
      assert.ok(entries.every((entry) => entry.value.length === value.length))
    },
  },
]
