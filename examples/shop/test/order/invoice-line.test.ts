// What a line's schema lets through, and that what is kept of it has no bound of its own.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InvoiceLine, Item, localDay } from '../../src/order/invoice-line.ts'
import { line } from './invoices.ts'

describe('a line', () => {
  it('has a time that the calendar has', () => {
    const takes = (at: string) => InvoiceLine.safeParse(line({ at })).success
    for (const at of ['2010-12-01 08:34:00', '2012-02-29 23:59:59', '2010-01-01 00:00:00']) assert(takes(at), at)
    for (const at of ['2019-99-99 99:99:99', '2011-02-29 08:00:00', '2010-12-01 24:00:00', '2010-12-01T08:34:00', ''])
      assert(!takes(at), at)
  })
  it('tells one problem of a time at once', () => {
    for (const at of ['yesterday', '2019-99-99 99:99:99'])
      assert.equal(InvoiceLine.safeParse(line({ at })).error?.issues.length, 1)
  })
})

describe('a day', () => {
  it('is one that the calendar has', () => {
    assert(localDay.safeParse('2012-02-29').success)
    for (const day of ['2011-02-29', '2010-13-01', '2010-1-1']) assert(!localDay.safeParse(day).success, day)
  })
})

describe('an item', () => {
  it('holds the sum of the largest lines', () => {
    const { code, description, pence } = line()
    assert(Item.safeParse({ code, description, pence, quantity: 2_000_000 }).success)
  })
})
