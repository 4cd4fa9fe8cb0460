import { z } from 'zod'
import { aggregate, command, createApp, domain, event, integrationEvent } from '@gesta/core'
import { createMemoryTopicBus } from '@gesta/core/registry'

const place = command('Order.Place', { input: z.object({ orderId: z.string(), article: z.string() }) })
const Placed = event('Order.Placed', z.object({ article: z.string() }))
const ArticleOrdered = integrationEvent('Order.ArticleOrdered', z.object({ article: z.string() }))

const Order = aggregate('Order', () => ({ placed: false })).on(Placed, () => ({ placed: true }))
const sales = domain('Order', {
  permissions: 'anonymous',
  // One commit stores the event and the message; neither is there without the other.
  handlers: [Order.decide(place, 'orderId', (_, { article }) => [Placed({ article }), ArticleOrdered({ article })])],
  emits: [ArticleOrdered],
})

// The broker, and another service that receives from it.
await using bus = createMemoryTopicBus()
await using stock = await bus.subscribe('orders', 'stock')

await using running = await createApp('shop', { domains: [sales] }).start({
  broker: bus.publisher('orders', { source: 'shop' }),
})
await running.dispatch(place({ orderId: 'A-1', article: 'lamp' }), { commandId: 'c-1' })

const batch = await stock.receiveEventBatch({ signal: AbortSignal.timeout(10_000) })
for (const { source, key, sequence, value } of batch?.events ?? [])
  console.log(source, key, sequence, JSON.stringify(value))
