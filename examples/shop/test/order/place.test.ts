// The rules of a sale, one by one.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Order, Placed } from '../../src/order/order.ts'
import { decidePlace } from '../../src/order/place.ts'
import { codeOf, invoice, line, newOrder } from './invoices.ts'

describe('a sale is accepted', () => {
  it('with its sum, its time and what the customer has now', () => {
    const decision = decidePlace(newOrder, invoice([line(), line({ code: '21733', quantity: 2, pence: 255 })]))
    assert(!('rejected' in decision))
    assert.deepEqual(decision.result, { totalPence: 1_995, soldAt: '2010-12-01 08:34:00', events: 2 })
    assert.deepEqual(decision.bought.data.items, [
      { code: '22914', quantity: 3 },
      { code: '21733', quantity: 2 },
    ])
  })
  it('from a guest, as one event', () => {
    const decision = decidePlace(newOrder, invoice([line()], null))
    assert(!('rejected' in decision))
    assert.equal(decision.placed.data.customerId, null)
    assert.equal(decision.result.events, 1)
  })
  it('with a repeated stock code as one item', () => {
    const decision = decidePlace(newOrder, invoice([line({ description: '' }), line({ quantity: 4 })]))
    assert(!('rejected' in decision))
    assert.deepEqual(decision.placed.data.goods, [
      { code: '22914', description: 'BLUE COAT RACK', quantity: 7, pence: 495 },
    ])
  })
  it('with charges beside the goods, which count for the sum alone', () => {
    const decision = decidePlace(newOrder, invoice([line(), line({ code: 'POST', quantity: 1, pence: 1_800 })]))
    assert(!('rejected' in decision))
    assert.equal(decision.result.totalPence, 3_285)
    assert.deepEqual(
      decision.placed.data.charges.map(({ code }) => code),
      ['POST'],
    )
    assert.deepEqual(decision.bought.data.items, [{ code: '22914', quantity: 3 }])
  })
  it('with a free line beside one that has a price', () => {
    const decision = decidePlace(newOrder, invoice([line(), line({ code: '21733', pence: 0 })]))
    assert(!('rejected' in decision))
    assert.equal(decision.placed.data.goods.length, 2)
  })
  it('at the earlier of two times', () => {
    const decision = decidePlace(
      newOrder,
      invoice([line({ at: '2010-12-01 09:00:00' }), line({ code: '21733', at: '2010-12-01 08:59:00' })]),
    )
    assert(!('rejected' in decision))
    assert.equal(decision.result.soldAt, '2010-12-01 08:59:00')
  })
})

describe('a sale is rejected', () => {
  const rejected = (lines: Parameters<typeof invoice>[0]) => codeOf(decidePlace(newOrder, invoice(lines)))
  it('when the invoice is recorded already', () => {
    const first = decidePlace(newOrder, invoice([line()]))
    assert('placed' in first)
    const recorded = Order.fold([Placed(first.placed.data)])
    assert.equal(codeOf(decidePlace(recorded, invoice([line()]))), 'already_recorded')
  })
  it('when its lines are more than 5 minutes apart', () => {
    assert.equal(rejected([line(), line({ code: '21733', at: '2010-12-01 08:39:00' })]), undefined)
    assert.equal(rejected([line(), line({ code: '21733', at: '2010-12-01 08:39:01' })]), 'times_apart')
  })
  it('when a quantity is not above zero', () => {
    assert.equal(rejected([line({ quantity: -9, pence: 0 })]), 'stock_adjustment')
    assert.equal(rejected([line(), line({ code: '21733', quantity: 0 })]), 'stock_adjustment')
  })
  it('when a price is below zero', () => assert.equal(rejected([line({ pence: -1 })]), 'negative_price'))
  it('when it has charges only', () =>
    assert.equal(rejected([line({ code: 'POST' }), line({ code: 'M' })]), 'no_goods'))
  it('when a stock code has too many pieces in all its lines, or the sum is too much', () => {
    const million = line({ quantity: 1_000_000, pence: 1 })
    assert.equal(rejected([million]), undefined)
    assert.equal(rejected([million, million]), 'too_much')
    assert.equal(rejected([line({ quantity: 1, pence: 100_000_000 })]), undefined)
    assert.equal(rejected([line({ quantity: 1, pence: 100_000_000 }), line({ code: '21733', pence: 1 })]), 'too_much')
    // More than a number counts exactly.
    const most = Array.from({ length: 2_000 }, (_, at) =>
      line({ code: `${at}`, quantity: 1_000_000, pence: 100_000_000 }),
    )
    assert.equal(rejected(most), 'too_much')
  })
  it('when nothing has a price', () => assert.equal(rejected([line({ pence: 0 })]), 'nothing_charged'))
  it('when a stock code has two prices, and says which', () => {
    const decision = decidePlace(newOrder, invoice([line(), line({ pence: 425 }), line({ code: '21733' })]))
    assert(codeOf(decision) === 'two_prices' && 'details' in decision)
    assert.deepEqual(decision.details, { codes: ['22914'] })
  })
})
