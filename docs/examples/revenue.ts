import { z } from 'zod'
import { aggregate, command, createApp, domain, event, handle, query, readModel } from '@gesta/core'

const place = command('Order.Place', { input: z.object({ orderId: z.string(), day: z.string(), pence: z.int() }) })
const revenue = query('Order.Revenue', {
  input: z.object({ from: z.string(), to: z.string() }),
  result: z.array(z.object({ day: z.string(), orders: z.int(), pence: z.int() })),
})
const Placed = event('Order.Placed', z.object({ day: z.string(), pence: z.int() }))

const Order = aggregate('Order', () => ({ placed: false })).on(Placed, () => ({ placed: true }))

// One row per day. The key function says which rows an event touches; the fold makes each row after it.
const revenueByDay = readModel('Order.RevenueByDay', (day) => ({ day, orders: 0, pence: 0 })).on(
  Placed,
  ({ day }) => day,
  (row, { pence }) => ({ ...row, orders: row.orders + 1, pence: row.pence + pence }),
)

const sales = domain('Order', {
  permissions: 'anonymous',
  readModels: [revenueByDay],
  handlers: [
    Order.decide(place, 'orderId', (order, { day, pence }) => (order.placed ? [] : [Placed({ day, pence })])),
    handle(revenue, async (range, { read }) => [...(await read(revenueByDay).list(range)).items]),
  ],
})

await using running = await createApp('shop', { domains: [sales] }).start()
await running.dispatch(place({ orderId: 'A-1', day: '2026-01-01', pence: 4200 }))
await running.dispatch(place({ orderId: 'A-2', day: '2026-01-02', pence: 500 }))
const last = await running.dispatch(place({ orderId: 'A-3', day: '2026-01-02', pence: 700 }))

console.log(await running.query(revenue({ from: '2026-01-01', to: '2026-01-31' }), { after: last.token }))
