import { z } from 'zod'
import { aggregate, command, createApp, domain, event } from '@gesta/core'

// A command: what a caller wants done. Its rejections are the ways in which the business says no.
const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pence: z.int().positive() }),
  rejections: { exists: 'This order exists.' },
})

// An event: what happened. It is kept for ever.
const Placed = event('Order.Placed', z.object({ pence: z.int() }))

// An aggregate: the state of one order, folded from its own events.
const Order = aggregate('Order', () => ({ status: 'new', pence: 0 })).on(Placed, (_, { pence }) => ({
  status: 'placed',
  pence,
}))

// A decision: a pure function of state and input. `orderId` is the field that names the order.
const decidePlace = Order.decide(place, 'orderId', (order, { pence }) =>
  order.status === 'new' ? [Placed({ pence })] : place.reject('exists'),
)

// A domain bundles what belongs together and says who may run it. An app puts domains together.
const sales = domain('Order', { permissions: 'anonymous', handlers: [decidePlace] })
const shop = createApp('shop', { domains: [sales] })

await using running = await shop.start()

const placed = await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
console.log(placed.ok, placed.version)

const again = await running.dispatch(place({ orderId: 'A-1', pence: 1 }))
if (!again.ok) console.log(again.rejection.code, again.rejection.reason)
