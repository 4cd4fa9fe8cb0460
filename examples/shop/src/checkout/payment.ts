// What follows from an order of the web: it is paid in time and then delivered, or it is cancelled.
import { processManager } from '@gesta/core'
import type { Settings } from '../online/settings.ts'
import { cancelOrder, deliver } from './contracts.ts'
import { Cancelled, Delivered, Paid, Placed } from './web-order.ts'

/** Acts for the shop, not for whoever placed the order: customers may neither cancel nor deliver. */
export function paymentOf(settings: () => Settings) {
  return (
    processManager('Checkout.Payment', () => ({}), { actor: 'system' })
      .on(
        Placed,
        (_, event) => event.aggregate.id,
        () => ({ deadlinesMs: { payment: settings().checkout.payWithinMs } }),
      )
      // The order decides: was it paid meanwhile, it says no, and the payment is still waited for here.
      .onDeadline('payment', (_, orderId) => ({
        send: [cancelOrder({ orderId, reason: 'It was not paid in time.' })],
      }))
      .on(
        Cancelled,
        (_, event) => event.aggregate.id,
        () => ({ end: true }),
      )
      .on(
        Paid,
        (_, event) => event.aggregate.id,
        (_, __, event) => ({ deadlinesMs: { payment: null }, send: [deliver({ orderId: event.aggregate.id })] }),
      )
      .on(
        Delivered,
        (_, event) => event.aggregate.id,
        () => ({ end: true }),
      )
  )
}
