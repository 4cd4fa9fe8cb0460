import { z } from 'zod'
import { aggregate, command, createApp, domain, event, processManager } from '@gesta/core'

const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
const pay = command('Order.Pay', { input: z.object({ orderId: z.string() }) })
const cancel = command('Order.Cancel', { input: z.object({ orderId: z.string(), reason: z.string() }) })
const Placed = event('Order.Placed', z.object({}))
const Paid = event('Order.Paid', z.object({}))
const Cancelled = event('Order.Cancelled', z.object({ reason: z.string() }))

const Order = aggregate('Order', () => ({ status: 'new' }))
  .on(Placed, () => ({ status: 'open' }))
  .on(Paid, () => ({ status: 'paid' }))
  .on(Cancelled, (_, { reason }) => ({ status: `cancelled: ${reason}` }))

// One process per order. What is not paid in half a second is cancelled; in a shop it would be two days.
const payment = processManager('Order.Payment', () => ({}), { actor: 'system' })
  .on(
    Placed,
    (_, { aggregate: { id } }) => id,
    () => ({ deadlinesMs: { unpaid: 500 } }),
  )
  .on(
    Paid,
    (_, { aggregate: { id } }) => id,
    () => ({ end: true }),
  )
  // The order decides: paid meanwhile, it says no.
  .onDeadline('unpaid', (_, orderId) => ({ send: [cancel({ orderId, reason: 'not paid' })] }))
  .on(
    Cancelled,
    (_, { aggregate: { id } }) => id,
    () => ({ end: true }),
  )

const { promise: isCancelled, resolve } = Promise.withResolvers<void>()
const orders = domain('Order', {
  permissions: 'anonymous',
  handlers: [
    Order.decide(place, 'orderId', () => [Placed({})]),
    Order.decide(pay, 'orderId', () => [Paid({})]),
    Order.decide(cancel, 'orderId', ({ status }, { orderId, reason }) => {
      if (status !== 'open') return []
      console.log(`${orderId} was ${status}: ${reason}`)
      resolve()
      return [Cancelled({ reason })]
    }),
  ],
  processManagers: [payment],
})

await using running = await createApp('shop', { domains: [orders] }).start()
await running.dispatch(place({ orderId: 'A-1' }))
await running.dispatch(place({ orderId: 'A-2' }))
await running.dispatch(pay({ orderId: 'A-2' }))
await isCancelled
