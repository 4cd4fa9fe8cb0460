// A scan reads all rows of all tenants, page after page, in one order.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { KeyedRow, RowKey, View } from '../../stores/read-model/read-model-store.ts'
import { flushed, orders, row } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'scanning'
const sorted = [' ', '10', '9', 'A', 'a', 'aa', 'b', '\u00e9', '\ud7ff', '\ue000', '\uffee', '\u{10000}', '\u{1f9fa}']

/** Reads page after page, and gives up when more rows came than there are. */
async function scanAll(view: View, limit: number, rowsMax: number): Promise<readonly KeyedRow[]> {
  const rows: KeyedRow[] = []
  let after: RowKey | undefined
  while (rows.length <= rowsMax) {
    const page = await view.scan({ after, limit })
    rows.push(...page)
    if (page.length < limit) break
    after = page.at(-1)
  }
  return rows
}

export const scanningCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'an empty view has nothing to scan',
    run: async ({ store }) => {
      const view = await store.open(orders)
      assert.deepEqual(await view.scan(), [])
      assert.deepEqual(await view.scan({ after: { tenant: 'a', key: 'b' } }), [])
      await flushed(view, 0, [row('a', 1)])
      await flushed(view, 1, [row('a', undefined)])
      assert.deepEqual(await view.scan(), [])
    },
  },
  {
    group,
    name: 'rows of all tenants come in the order of tenant and key, by code point, whatever the size of pages',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const tenants = ['', ...sorted]
      const expected = tenants.flatMap((of) =>
        sorted.map((key) => ({ tenant: of, key, value: JSON.stringify(of + key) })),
      )
      await flushed(
        view,
        0,
        expected.toReversed().map(({ tenant, key, value }) => ({ tenant, key, value })),
      )
      for (const limit of [1, 7, sorted.length, expected.length, 10_000])
        assert.deepEqual(await scanAll(view, limit, expected.length), expected, `pages of ${limit}`)
    },
  },
  {
    group,
    name: 'a page goes on after a row that is not there, too',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(view, 0, [row('a', 1, 'one'), row('c', 2, 'one'), row('a', 3, 'two')])
      const after = async (tenant: string, key: string): Promise<readonly string[]> =>
        (await view.scan({ after: { tenant, key } })).map(({ value }) => value)
      assert.deepEqual(await after('', ''), ['1', '2', '3'])
      assert.deepEqual(await after('one', ''), ['1', '2', '3'])
      assert.deepEqual(await after('one', 'b'), ['2', '3'])
      assert.deepEqual(await after('one', 'c'), ['3'])
      assert.deepEqual(await after('oz', 'a'), ['3'])
      assert.deepEqual(await after('two', 'a'), [])
    },
  },
  {
    group,
    name: 'a page has 1,000 rows by default and 10,000 at most; other limits are refused',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(
        view,
        0,
        Array.from({ length: 1_100 }, (_, index) => row(`k${index}`, index)),
      )
      assert.equal((await view.scan()).length, 1_000)
      assert.equal((await view.scan({ limit: 10_000 })).length, 1_100)
      for (const limit of [0, -1, 1.5, 10_001]) await assert.rejects(view.scan({ limit }), RangeError)
    },
  },
  {
    group,
    name: 'a scan after what no row can be kept under is refused',
    run: async ({ store }) => {
      const view = await store.open(orders)
      for (const after of [
        { tenant: '\0', key: 'a' },
        { tenant: 'a', key: '\ud800' },
      ])
        await assert.rejects(view.scan({ after }), (error) => isGestaError(error, 'invalid_key'))
    },
  },
]
