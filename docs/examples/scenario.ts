import { z } from 'zod'
import { aggregate, command, domain, event, readModel } from '@gesta/core'
import { past, scenario } from '@gesta/core/testing'

const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pence: z.int().positive() }),
  rejections: { exists: 'This order exists.' },
})
const Placed = event('Order.Placed', z.object({ pence: z.int() }))
const Order = aggregate('Order', () => ({ isPlaced: false })).on(Placed, () => ({ isPlaced: true }))
const Sums = readModel('Order.Sums', () => ({ pence: 0 })).on(
  Placed,
  () => 'all',
  (sum, { pence }) => ({ pence: sum.pence + pence }),
)
const orders = scenario(
  domain('Order', {
    permissions: 'anonymous',
    handlers: [
      Order.decide(place, 'orderId', (order, { pence }) =>
        order.isPlaced ? place.reject('exists') : [Placed({ pence })],
      ),
    ],
    readModels: [Sums],
  }),
)

const placed = orders.given(past(Order, 'A-1', Placed({ pence: 4200 })))
await orders.when(place({ orderId: 'A-1', pence: 4200 })).thenEmitted(Placed({ pence: 4200 }))
await placed.when(place({ orderId: 'A-1', pence: 1 })).thenRejected('exists')
await placed.given(past(Order, 'A-2', Placed({ pence: 800 }))).thenRow(Sums, 'all', { pence: 5000 })
console.log('as expected')
