// Pages: every item exactly once, whatever the size of the page; cursors that are no cursors are refused.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import { askPage, pageLimit, pageOf, pageOffset } from '../../src/stores/page.ts'
import type { Page, PageRequest } from '../../src/stores/store.ts'

interface Row {
  readonly key: string
  readonly version: number
}
const shape = ['text', 'number'] as const
const rowList = { list: 'rows', question: { tenant: 'a' } }

/** A list of rows in their order, as a store would write it. */
function listOf(rows: readonly Row[], page?: PageRequest): Page<Row> {
  const asked = askPage(rowList, shape, page)
  const { after, offset, limit } = asked
  const from =
    after === undefined ? 0 : rows.findIndex(({ key, version }) => key === after[0] && version === after[1]) + 1
  const found = rows.slice(from + offset, from + offset + limit + 1)
  return pageOf(asked, found, ({ key, version }) => [key, version] as const, asked.withTotal ? rows.length : undefined)
}

const rows = fc.uniqueArray(fc.record({ key: fc.string({ unit: 'grapheme' }), version: fc.maxSafeNat() }), {
  selector: ({ key, version }) => JSON.stringify([key.replaceAll('\0', ''), version]),
})

describe('pages', () => {
  test('hold every item once, in order, whatever their size', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 5 }), (drawn, limit) => {
        const all = drawn.map(({ key, version }) => ({ key: key.replaceAll('\0', ''), version }))
        const read: Row[] = []
        let cursor: string | undefined
        do {
          const page = listOf(all, { limit, cursor })
          assert.ok(page.items.length <= limit)
          read.push(...page.items)
          cursor = page.cursor
        } while (cursor !== undefined)
        assert.deepEqual(read, all)
      }),
    )
  })

  test('end without a cursor, also when the last one is full', () => {
    const all = [1, 2].map((version) => ({ key: 'a', version }))
    assert.equal('cursor' in listOf(all, { limit: 2 }), false)
    assert.equal('cursor' in listOf([], { limit: 2 }), false)
    assert.notEqual(listOf(all, { limit: 1 }).cursor, undefined)
  })

  test('count the whole list only when asked', () => {
    const all = [1, 2, 3].map((version) => ({ key: 'a', version }))
    assert.equal(listOf(all, { limit: 1, withTotal: true }).total, 3)
    assert.equal('total' in listOf(all, { limit: 1 }), false)
  })

  test('hold 100 items by default, from an offset', () => {
    const all = Array.from({ length: 150 }, (_, version) => ({ key: 'a', version }))
    assert.equal(listOf(all).items.length, 100)
    assert.equal(listOf(all, { offset: 120 }).items[0]?.version, 120)
  })

  test('may end early because of their size, and go on from there', () => {
    const asked = askPage(rowList, ['number'], { limit: 10 })
    const { items, cursor } = pageOf({ ...asked, limit: 2 }, [1, 2, 3], (row) => [row] as const)
    assert.deepEqual(items, [1, 2])
    assert.deepEqual(askPage(rowList, ['number'], { cursor }).after, [2])
  })
})

describe('a page request', () => {
  const sealed = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  test('is refused with a cursor that this list did not give', () => {
    const { cursor: given = '' } = listOf(
      [1, 2].map((version) => ({ key: 'a', version })),
      { limit: 1 },
    )
    const [question] = JSON.parse(Buffer.from(given, 'base64url').toString()) as [string]
    assert.deepEqual(askPage(rowList, shape, { cursor: sealed([question, 'a', 1]) }).after, ['a', 1])
    const others = [
      '',
      'nonsense',
      sealed({ question }),
      sealed(['others', 'a', 1]),
      sealed([question, 'a']),
      sealed([question, 'a', 1, 2]),
      sealed([question, 'a', 1.5]),
      sealed([question, 'a', '1']),
      sealed([question, 1, 1]),
      sealed([question, 'a\0', 1]),
      sealed([question, '\ud800', 1]),
      sealed([question, null, 1]),
    ]
    for (const cursor of others) {
      assert.throws(
        () => askPage(rowList, shape, { cursor }),
        (error) => isGestaError(error, 'invalid_cursor'),
        cursor,
      )
    }
  })

  test('is refused with a cursor and an offset', () => {
    const { cursor } = pageOf(askPage(rowList, ['number'], { limit: 1 }), [1, 2], (row) => [row] as const)
    assert.throws(() => askPage(rowList, ['number'], { cursor, offset: 1 }), RangeError)
    assert.deepEqual(askPage(rowList, ['number'], { cursor, offset: 0 }).after, [1])
  })

  test('is refused with a limit or offset out of bounds', () => {
    for (const limit of [0, -1, 1.5, 10_001, Number.NaN]) assert.throws(() => pageLimit(limit, 1), RangeError)
    for (const offset of [-1, 1.5, Number.NaN, 2 ** 53]) assert.throws(() => pageOffset(offset), RangeError)
    assert.deepEqual(
      [pageLimit(undefined, 7), pageLimit(10_000, 7), pageOffset(undefined), pageOffset(3)],
      [7, 10_000, 0, 3],
    )
  })
})
