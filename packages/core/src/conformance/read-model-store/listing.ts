// Lists by key and searches by content: the same order and the same totals on every backend.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { RowFilter, RowPath, View } from '../../stores/read-model/read-model-store.ts'
import { flushed, orders, row, tenant, viewWith } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'listing'
const filter: RowFilter = { equals: [], orderBy: undefined, limit: 100, offset: 0 }
type Equals = RowFilter['equals'][number]['value']

/** The numbers that `viewWith` gave to the rows found: their places in its list. */
async function found(view: View, asked: Partial<RowFilter>): Promise<readonly number[]> {
  const { rows, total } = await view.find(tenant, { ...filter, ...asked })
  assert.equal(total, rows.length)
  return rows.map((text) => (JSON.parse(text) as { n: number }).n)
}
const equal = (path: RowPath, value: Equals): Partial<RowFilter> => ({ equals: [{ path, value }] })
/** Rows `{ n, v }` with these values; `undefined` leaves the field out. */
const rowsOf = (values: readonly unknown[]): readonly unknown[] => values.map((v, n) => ({ n, v }))

export const listingCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'a list is in the order of its keys, by code point',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const sorted = [' ', '10', '9', 'A', 'Z', 'a', 'aa', 'b', '\u00e9', '\uffee', '\u{10000}', '\u{1f600}']
      await flushed(
        view,
        0,
        [...sorted].reverse().map((key) => row(key, key)),
      )
      assert.deepEqual(
        (await view.list(tenant, {})).rows,
        sorted.map((key) => JSON.stringify(key)),
      )
    },
  },
  {
    group,
    name: 'a range includes both ends, and its total does not count what lies outside',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(
        view,
        0,
        ['a', 'b', 'c', 'd', 'e'].map((key) => row(key, key)),
      )
      const list = async (range: object): Promise<string> => {
        const { rows, total } = await view.list(tenant, range)
        return `${rows.map((text) => JSON.parse(text) as string).join('')} ${total}`
      }
      assert.equal(await list({}), 'abcde 5')
      assert.equal(await list({ from: 'b', to: 'd' }), 'bcd 3')
      assert.equal(await list({ from: 'b' }), 'bcde 4')
      assert.equal(await list({ to: 'b' }), 'ab 2')
      assert.equal(await list({ from: 'bb', to: 'cc' }), 'c 1')
      assert.equal(await list({ from: 'd', to: 'b' }), ' 0')
      assert.equal(await list({ from: 'b', limit: 2 }), 'bc 4')
      assert.equal(await list({ from: 'b', limit: 2, offset: 3 }), 'e 4')
      assert.equal(await list({ offset: 9 }), ' 5')
    },
  },
  {
    group,
    name: 'a page has 100 rows by default and 10,000 at most; other limits are refused',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(
        view,
        0,
        Array.from({ length: 250 }, (_, index) => row(`k${index}`, index)),
      )
      const { rows, total } = await view.list(tenant, {})
      assert.deepEqual([rows.length, total], [100, 250])
      for (const limit of [0, -1, 1.5, 10_001]) {
        await assert.rejects(view.list(tenant, { limit }), RangeError)
        await assert.rejects(view.find(tenant, { ...filter, limit }), RangeError)
      }
    },
  },
  {
    group,
    name: 'an offset is a whole number from 0; others are refused, also where there are no rows',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const refuse = async (): Promise<void> => {
        for (const offset of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
          await assert.rejects(view.list(tenant, { offset }), RangeError)
          await assert.rejects(view.find(tenant, { ...filter, offset }), RangeError)
        }
      }
      await refuse()
      await flushed(
        view,
        0,
        ['a', 'b', 'c'].map((key) => row(key, key)),
      )
      await refuse()
      for (const [offset, rows] of [
        [2, ['"c"']],
        [3, []],
        [Number.MAX_SAFE_INTEGER, []],
      ] as const) {
        assert.deepEqual(await view.list(tenant, { offset }), { rows, total: 3 })
        assert.deepEqual(await view.find(tenant, { ...filter, offset }), { rows, total: 3 })
      }
    },
  },
  {
    group,
    name: 'equals compares values and their types: text, numbers, truth values, null',
    run: async ({ store }) => {
      const view = await viewWith(
        store,
        rowsOf([
          '1',
          1,
          true,
          'true',
          null,
          undefined,
          false,
          0,
          '',
          'null',
          -0,
          1.5,
          2 ** 60,
          [1],
          { a: 1 },
          1e-7,
          '\ud800',
        ]),
      )
      const cases: readonly [Equals, readonly number[]][] = [
        ['1', [0]],
        [1, [1]],
        [true, [2]],
        ['true', [3]],
        [null, [4, 5]],
        [false, [6]],
        [0, [7, 10]],
        ['', [8]],
        ['null', [9]],
        [1.5, [11]],
        [2 ** 60, [12]],
        [1e-7, [15]],
        ['\ud800', [16]],
        ['missing', []],
        [2, []],
      ]
      for (const [value, expected] of cases)
        assert.deepEqual(await found(view, equal(['v'], value)), expected, String(value))
    },
  },
  {
    group,
    name: 'a path goes through objects, whatever their fields are called, and not through arrays',
    run: async ({ store }) => {
      const fields = [
        'plain',
        'with space',
        'dot.ted',
        'quo"te',
        "apos'",
        'back\\slash',
        '',
        '0',
        '[0]',
        '$',
        '#-1',
        'é',
        '🧺',
        '__proto__',
        'line\n',
        '*',
        '?',
      ]
      const values = fields.map((field, n) =>
        Object.fromEntries([
          ['n', n],
          ['s', Object.fromEntries([[field, { deep: 'here' }]])],
        ]),
      )
      const view = await viewWith(store, [...values, { n: 99, s: ['here', { deep: 'here' }] }])
      for (const [n, field] of fields.entries())
        assert.deepEqual(await found(view, equal(['s', field, 'deep'], 'here')), [n], field)
      assert.deepEqual(await found(view, equal(['s', '1', 'deep'], 'here')), [])
      assert.deepEqual(await found(view, equal(['n', 'deep'], 'here')), [])
    },
  },
  {
    group,
    name: 'what no row can hold is refused: ends and steps with NUL or lone surrogates',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const refused = (error: unknown): boolean => isGestaError(error, 'invalid_key')
      for (const text of ['\0', 'a\0', '\ud800']) {
        await assert.rejects(view.list(tenant, { from: text }), refused)
        await assert.rejects(view.list(tenant, { to: text }), refused)
        await assert.rejects(view.find(tenant, { ...filter, orderBy: ['a', text] }), refused)
        await assert.rejects(view.find(tenant, { ...filter, ...equal([text], 1) }), refused)
      }
    },
  },
  {
    group,
    name: 'several equals must all hold',
    run: async ({ store }) => {
      const view = await viewWith(store, [
        { n: 0, a: 1, b: { c: 'x' } },
        { n: 1, a: 1, b: { c: 'y' } },
        { n: 2, a: 2, b: { c: 'x' } },
      ])
      assert.deepEqual(
        await found(view, {
          equals: [
            { path: ['a'], value: 1 },
            { path: ['b', 'c'], value: 'x' },
          ],
        }),
        [0],
      )
    },
  },
  {
    group,
    name: 'the order by content: absent and null, false, true, numbers, texts by code point, arrays and objects; keys break ties',
    run: async ({ store }) => {
      const values = [
        'b',
        10,
        true,
        null,
        'a',
        [2],
        9,
        false,
        undefined,
        '',
        -1,
        '\u{1f600}',
        '\uffee',
        'A',
        { z: 1 },
        1.5,
        9,
        -0,
        0,
        '10',
        2 ** 60,
        null,
        true,
        1e300,
        -1e300,
      ]
      const view = await viewWith(store, rowsOf(values))
      const order = await found(view, { orderBy: ['v'] })
      assert.deepEqual(
        order,
        [3, 8, 21, 7, 2, 22, 24, 10, 17, 18, 15, 6, 16, 1, 20, 23, 9, 19, 13, 4, 0, 12, 11, 5, 14],
      )
    },
  },
  {
    group,
    name: 'a search without an order is in the order of keys',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(
        view,
        0,
        ['c', '\u{10000}', 'a', '\uffee', 'b'].map((key, n) => row(key, { n })),
      )
      assert.deepEqual(await found(view, {}), [2, 4, 0, 3, 1])
    },
  },
  {
    group,
    name: 'a search is read in pages, and each says how many rows it found in all',
    run: async ({ store }) => {
      const view = await viewWith(
        store,
        Array.from({ length: 30 }, (_, n) => ({ n, v: n % 3, w: 30 - n })),
      )
      const asked = { ...filter, equals: [{ path: ['v'], value: 1 }], orderBy: ['w'] }
      const pages = await Promise.all([0, 4, 8, 12].map((offset) => view.find(tenant, { ...asked, limit: 4, offset })))
      assert.deepEqual(
        pages.map(({ total }) => total),
        [10, 10, 10, 10],
      )
      assert.deepEqual(
        pages.flatMap(({ rows }) => rows.map((text) => (JSON.parse(text) as { n: number }).n)),
        [28, 25, 22, 19, 16, 13, 10, 7, 4, 1],
      )
    },
  },
]
