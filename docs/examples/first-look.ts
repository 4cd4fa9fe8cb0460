import { z } from 'zod'
import { aggregate, command, createApp, domain, event, handle, projection, query } from '@gesta/core'

const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pence: z.int().positive() }),
  rejections: { exists: 'This order exists.' },
})
const get = query('Order.Get', {
  input: z.object({ orderId: z.string() }),
  result: z.object({ pence: z.int() }).nullable(),
})
const Placed = event('Order.Placed', z.object({ pence: z.int() }))

const Order = aggregate('Order', () => ({ pence: 0 })).on(Placed, (_, { pence }) => ({ pence }))
const orders = projection(Order)

const decidePlace = Order.decide(place, 'orderId', (order, { pence }) =>
  order.pence === 0 ? [Placed({ pence })] : place.reject('exists'),
)
const answerGet = handle(get, async ({ orderId }, { read }) => (await read(orders).get(orderId))?.state ?? null)

const sales = domain('Order', { permissions: 'anonymous', readModels: [orders], handlers: [decidePlace, answerGet] })
const shop = createApp('shop', { domains: [sales] })

await using running = await shop.start()
const placed = await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
console.log(await running.query(get({ orderId: 'A-1' }), { after: placed.token }))
const again = await running.dispatch(place({ orderId: 'A-1', pence: 1 }))
console.log(again.ok ? again.result : again.rejection.reason)
