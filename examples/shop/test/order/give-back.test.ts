// The rules of a return, one by one.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Bought, Customer, GaveBack } from '../../src/customer/customer.ts'
import { decideReturn } from '../../src/order/give-back.ts'
import { codeOf, invoice, line, newOrder } from './invoices.ts'

const bought = Bought({
  orderId: '536368',
  items: [
    { code: '22914', quantity: 3 },
    { code: '21733', quantity: 2 },
  ],
})
const customer = Customer.fold([bought])

describe('a return is accepted', () => {
  it('up to what the customer bought', () => {
    const decision = decideReturn(
      newOrder,
      customer,
      invoice([line({ quantity: 3 }), line({ code: '21733', quantity: 1, pence: 255 })]),
    )
    assert(!('rejected' in decision))
    assert.deepEqual(decision.result, { refundPence: 1_740, returnedAt: '2010-12-01 08:34:00', events: 2 })
  })
  it('with a charge beside the goods', () => {
    const decision = decideReturn(
      newOrder,
      customer,
      invoice([line({ quantity: 1 }), line({ code: 'POST', quantity: 1, pence: 300 })]),
    )
    assert(!('rejected' in decision))
    assert.equal(decision.result.refundPence, 795)
    assert.deepEqual(decision.gaveBack.data.items, [{ code: '22914', quantity: 1 }])
  })
})

describe('a return is rejected', () => {
  const rejected = (lines: Parameters<typeof invoice>[0], of: typeof customer | undefined = customer) =>
    decideReturn(newOrder, of, invoice(lines))
  it('when the customer never bought one of its goods, and says which', () => {
    const decision = rejected([line({ quantity: 1 }), line({ code: '99999', quantity: 1 })])
    assert(codeOf(decision) === 'no_earlier_sale' && 'details' in decision)
    assert.deepEqual(decision.details, { codes: ['99999'] })
  })
  it('when more comes back than was bought, two prices counted together', () => {
    assert.equal(codeOf(rejected([line({ quantity: 2 }), line({ quantity: 2, pence: 425 })])), 'more_than_bought')
  })
  it('when it came back before', () => {
    const after = Customer.fold([bought, GaveBack({ orderId: 'C536379', items: [{ code: '22914', quantity: 3 }] })])
    assert.equal(codeOf(rejected([line({ quantity: 1 })], after)), 'more_than_bought')
  })
  it('when it names no customer', () => {
    assert.equal(codeOf(decideReturn(newOrder, undefined, invoice([line()], null))), 'guest_return')
  })
  it('when it has charges only', () => assert.equal(codeOf(rejected([line({ code: 'D', quantity: 1 })])), 'no_goods'))
  it('when a line sells', () => assert.equal(codeOf(rejected([line({ quantity: -1 })])), 'not_a_return'))
  it('when a price is below zero', () => assert.equal(codeOf(rejected([line({ pence: -1 })])), 'negative_price'))
  it('when a stock code has too many pieces in all its lines', () => {
    assert.equal(codeOf(rejected([line({ quantity: 1_000_000 }), line({ quantity: 1, pence: 0 })])), 'too_much')
  })
  it('when its lines are more than 5 minutes apart', () => {
    assert.equal(codeOf(rejected([line(), line({ code: '21733', at: '2010-12-01 09:34:00' })])), 'times_apart')
  })
})
