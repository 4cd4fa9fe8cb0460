import { z } from 'zod'
import { aggregate, command, createApp, domain, event, handle, projection, query } from '@gesta/core'
import type { QueriesInvalidatedData } from '@gesta/core'

const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
const list = query('Order.List', { result: z.array(z.string()) })
const Placed = event('Order.Placed', z.object({}))

const Order = aggregate('Order', () => ({ placed: false })).on(Placed, () => ({ placed: true }))
const orders = projection(Order)

const sales = domain('Order', {
  permissions: 'anonymous',
  readModels: [orders],
  handlers: [
    Order.decide(place, 'orderId', () => [Placed({})]),
    handle(list, async (_, { read }) => (await read(orders).list()).items.map(({ id }) => id)),
  ],
  // Whoever shows a list of orders asks again when one was placed.
  invalidates: [[Placed, [list]]],
})

await using running = await createApp('shop', { domains: [sales] }).start({
  fanout: {
    sendPresentationEvents: async (notices) => {
      for (const { type, value } of notices) {
        const { queries, events } = value as QueriesInvalidatedData
        console.log(type, { queries, events })
      }
    },
  },
})
await running.dispatch(place({ orderId: 'A-1' }))
