// A package of its own that exports everything it defines by inference: what its declarations name must be exported by gesta.

import {
  aggregate,
  command,
  createApp,
  domain,
  event,
  handle,
  integrationEvent,
  job,
  projection,
  query,
  readModel,
} from '@gesta/core'
import { z } from 'zod'

export const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pence: z.int() }),
  rejections: {
    exists: 'This order exists.',
    too_dear: { reason: 'Too dear.', details: z.object({ pence: z.int() }) },
  },
})
export const get = query('Order.Get', {
  input: z.object({ orderId: z.string() }),
  result: z.object({ pence: z.int() }).nullable(),
})
export const remind = job('Order.Remind', { input: z.object({ orderId: z.string() }) })
export const Placed = event('Order.Placed', z.object({ pence: z.int() }))
export const Shipped = integrationEvent('Order.Shipped', z.object({ orderId: z.string() }))

export const Order = aggregate('Order', () => ({ pence: 0, status: 'new' as 'new' | 'placed' })).on(
  Placed,
  (_, { pence }) => ({
    pence,
    status: 'placed' as const,
  }),
)
export const orders = projection(Order)
export const totals = readModel('totals', () => ({ pence: 0 })).on(
  Placed,
  () => 'all',
  (row, { pence }) => ({ pence: row.pence + pence }),
)

export const decidePlace = Order.decide(place, 'orderId', (order, { pence }) =>
  order.status === 'new' ? [Placed({ pence })] : place.reject('exists'),
)
export const handleGet = handle(get, async ({ orderId }, { read }) => (await read(orders).get(orderId))?.state ?? null)

export const orderDomain = domain('Order', {
  permissions: 'anonymous',
  aggregates: [Order],
  readModels: [orders, totals],
  handlers: [decidePlace, handleGet],
})
export const shop = createApp('shop', { domains: [orderDomain] })
export const started = (): ReturnType<typeof shop.start> => shop.start()
export const start = () => shop.start()
