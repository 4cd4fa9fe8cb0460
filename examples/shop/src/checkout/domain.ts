// The checkout: orders of the web, with what happens to them by itself.
import { domain, handle, projection } from '@gesta/core'
import type { Settings } from '../online/settings.ts'
import { carrierOf } from './carrier.ts'
import { cancelOrder, deliver, getOrder, noteDelivery, pay, placeOrder } from './contracts.ts'
import { paymentOf } from './payment.ts'
import { OrdersByDay } from './orders-by-day.ts'
import { Cancelled, Delivered, Paid, Placed, WebOrder } from './web-order.ts'

const WebOrders = projection(WebOrder)

export function checkoutDomain(settings: () => Settings) {
  const carrier = carrierOf(settings)
  return domain('Checkout', {
    // Workers send commands too: for jobs, and for what is late.
    roles: ['web', 'worker'],
    permissions: {
      'Checkout.Place': 'anonymous',
      // To try it. In earnest the payment service says so, and holds this permission.
      'Checkout.Pay': 'anonymous',
      'Checkout.Get': 'anonymous',
      'Checkout.Cancel': 'authorized',
      'Checkout.NoteDelivery': 'authorized',
    },
    handlers: [
      WebOrder.decide(placeOrder, 'orderId', ({ status }, { pieces, pence }) => {
        if (status !== 'new') return placeOrder.reject('exists')
        const { piecesMax } = settings().checkout
        return pieces > piecesMax ? placeOrder.reject('too_many', { piecesMax }) : [Placed({ pieces, pence })]
      }),
      WebOrder.decide(pay, 'orderId', ({ status }) => (status === 'open' ? [Paid({})] : pay.reject('not_open'))),
      WebOrder.decide(cancelOrder, 'orderId', ({ status }, { reason }) =>
        status === 'open' ? [Cancelled({ reason })] : cancelOrder.reject('not_open'),
      ),
      WebOrder.decide(noteDelivery, 'orderId', ({ status }, { parcel }) =>
        status === 'paid' ? [Delivered({ parcel })] : noteDelivery.reject('not_paid'),
      ),
      handle(getOrder, async ({ orderId }, { read }) => {
        const state = (await read(WebOrders).get(orderId))?.state
        return state === undefined || state.status === 'new' ? null : { ...state, status: state.status }
      }),
      handle(
        deliver,
        async ({ orderId }, { dispatch, signal }) => {
          const parcel = await carrier(orderId, signal)
          await dispatch(noteDelivery({ orderId, parcel }))
          return { parcel }
        },
        { roles: ['worker'] },
      ),
    ],
    aggregates: [WebOrder],
    readModels: [WebOrders, OrdersByDay],
    processManagers: [paymentOf(settings)],
  })
}
