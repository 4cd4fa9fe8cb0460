import { z } from 'zod'
import { integrationEvent } from '@gesta/core'
import {
  createMemoryTopicBus,
  createRegistry,
  publishEventsToBroker,
  registerIntegrationEvent,
  runEventWorker,
} from '@gesta/core/registry'

const Paid = integrationEvent('Order.Paid', z.object({ orderId: z.string() }))

// The service that sends mails.
const registry = createRegistry()
const drain = new AbortController()
registerIntegrationEvent(registry, Paid, ({ orderId }, { event }) => {
  console.log(`a mail for ${orderId}, because of an event from ${event.source}`)
  drain.abort()
})
await using bus = createMemoryTopicBus()
await using mails = await bus.subscribe('orders', 'mails')
const work = runEventWorker(registry, mails, { drain: drain.signal })

// The service that sells.
const orders = bus.publisher('orders', { source: 'shop' })
await publishEventsToBroker(orders, [
  { id: 'e-1', category: 'integration', type: 'Order.Paid', value: { orderId: 'A-1' } },
])
await work
