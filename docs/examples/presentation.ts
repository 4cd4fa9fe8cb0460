import { z } from 'zod'
import { aggregate, command, createApp, domain, event, presentationEvent } from '@gesta/core'

const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
const Placed = event('Order.Placed', z.object({}))
const Changed = presentationEvent('Order.Changed', z.object({ orderId: z.string() }))

const Order = aggregate('Order', () => ({ placed: false })).on(Placed, () => ({ placed: true }))

const sales = domain('Order', {
  permissions: 'anonymous',
  emits: [Changed],
  handlers: [Order.decide(place, 'orderId', (_, { orderId }) => [Placed({}), Changed({ orderId })])],
})

await using running = await createApp('shop', { domains: [sales] }).start({
  fanout: {
    sendPresentationEvents: async (events) => console.log(events.map(({ type, value }) => ({ type, value }))),
  },
})
await running.dispatch(place({ orderId: 'A-1' }))
