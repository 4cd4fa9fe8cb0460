import { z } from 'zod'
import { aggregate, command, createApp, domain, event, presentationEvent } from '@gesta/core'
import { createFanout } from '@gesta/core/registry'
import { serve } from '@gesta/http'
import { createClient } from '@gesta/http/client'

const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
const Placed = event('Order.Placed', z.object({}))
const Changed = presentationEvent('Order.Changed', z.object({ orderId: z.string() }))

const Order = aggregate('Order', () => ({ placed: false })).on(Placed, () => ({ placed: true }))
const shop = createApp('shop', {
  domains: [
    domain('Order', {
      roles: ['web'],
      permissions: 'anonymous',
      emits: [Changed],
      handlers: [Order.decide(place, 'orderId', (_, { orderId }) => [Placed({}), Changed({ orderId })])],
    }),
  ],
})

// The hub gets what the app sends, and the server gives its clients to it.
await using fanout = createFanout()
await using running = await shop.start({ role: 'web', fanout })
await using server = await serve(running, { port: 0, events: { fanout } })

// In a browser or another process.
const client = createClient<typeof shop>({ baseUrl: server.url })
const heard = Promise.withResolvers<string>()
using subscription = client.Order.Changed.subscribe(({ orderId }) => heard.resolve(orderId), {
  onResync: () => console.log('something was missed: read everything again'),
})
await subscription.opened

await client.Order.Place({ orderId: 'A-1' })
console.log(`${await heard.promise} changed`)
