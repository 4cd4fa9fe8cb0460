// What follows from an order of the web, without a store.
import { test } from 'node:test'
import { past, processScenario } from '@gesta/core/testing'
import { cancelOrder, deliver } from '../../src/checkout/contracts.ts'
import { paymentOf } from '../../src/checkout/payment.ts'
import { Cancelled, Paid, Placed, WebOrder } from '../../src/checkout/web-order.ts'

const settings = { checkout: { piecesMax: 9, payWithinMs: 1_000 }, carrier: { url: '' } }
const cancel = cancelOrder({ orderId: 'W-1', reason: 'It was not paid in time.' })
const placed = processScenario(paymentOf(() => settings)).given(past(WebOrder, 'W-1', Placed({ pieces: 1, pence: 2 })))

test('an order that was not paid in time is cancelled, and then it is over', () => {
  const late = placed.whenDeadline('payment', 'W-1').thenSent(cancel)
  late
    .when(past(WebOrder, 'W-1', Cancelled({ reason: 'It was not paid in time.' })))
    .thenSent()
    .thenOver()
})

test('an order that is paid while its time runs out is delivered', () => {
  const late = placed.whenDeadline('payment', 'W-1').thenSent(cancel).thenOver(false)
  late.when(past(WebOrder, 'W-1', Paid({}))).thenSent(deliver({ orderId: 'W-1' }))
})
