import { z } from 'zod'
import { aggregate, command, createApp, domain, event, handle, projection, query } from '@gesta/core'

export const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pence: z.int().positive() }),
  rejections: { exists: 'This order exists.' },
  anonymousKeys: true,
})
export const cancel = command('Order.Cancel', {
  input: z.object({ orderId: z.string(), reason: z.string() }),
  rejections: { not_placed: 'Only a placed order can be cancelled.' },
})
export const get = query('Order.Get', {
  input: z.object({ orderId: z.string() }),
  result: z.object({ status: z.string(), pence: z.int() }).nullable(),
})

export const Placed = event('Order.Placed', z.object({ pence: z.int() }))
export const Cancelled = event('Order.Cancelled', z.object({ reason: z.string() }))

export const Order = aggregate('Order', () => ({ status: 'new', pence: 0 }))
  .on(Placed, (_, { pence }) => ({ status: 'placed', pence }))
  .on(Cancelled, (order) => ({ ...order, status: 'cancelled' }))

// The ready-made read model: the current state of each order.
const orders = projection(Order)

export const shop = createApp('shop', {
  domains: [
    domain('Order', {
      roles: ['web'],
      permissions: 'anonymous',
      readModels: [orders],
      handlers: [
        Order.decide(place, 'orderId', (order, { pence }) =>
          order.status === 'new' ? [Placed({ pence })] : place.reject('exists'),
        ),
        Order.decide(cancel, 'orderId', (order, { reason }) =>
          order.status === 'placed' ? [Cancelled({ reason })] : cancel.reject('not_placed'),
        ),
        handle(get, async ({ orderId }, { read }) => (await read(orders).get(orderId))?.state ?? null),
      ],
    }),
  ],
})
