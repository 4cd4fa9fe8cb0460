import { z } from 'zod'
import { aggregate, command, createApp, domain, event, handle, job } from '@gesta/core'
import { whenIdle } from '@gesta/core/testing'

const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
const note = command('Order.NoteReceipt', { input: z.object({ orderId: z.string() }) })
const Placed = event('Order.Placed', z.object({}))
const ReceiptSent = event('Order.ReceiptSent', z.object({}))
const Order = aggregate('Order', () => ({ receipts: 0 }))
  .on(Placed, (order) => order)
  .on(ReceiptSent, ({ receipts }) => ({ receipts: receipts + 1 }))

const sendReceipt = job('Order.SendReceipt', {
  input: z.object({ orderId: z.string() }),
  attemptsMax: 5,
  backoff: { firstMs: 10, maxMs: 1000 },
})

const orders = domain('Order', {
  permissions: 'anonymous',
  handlers: [
    // The job is stored with the event, or neither is.
    Order.decide(place, 'orderId', (_, { orderId }) => [Placed({}), sendReceipt({ orderId })]),
    Order.decide(note, 'orderId', () => [ReceiptSent({})]),
    handle(sendReceipt, async ({ orderId }, { attempt, dispatch, log }) => {
      if (attempt === 1) throw new Error('The mail server is busy.')
      log('sent')
      await dispatch(note({ orderId }))
      return { sentTo: orderId }
    }),
  ],
})

await using running = await createApp('shop', { domains: [orders] }).start()
await running.dispatch(place({ orderId: 'A-1' }), { commandId: 'first' })
do await whenIdle(running)
while ((await running.jobs.total({ states: ['retry_scheduled'] })) > 0)

const receipt = await running.jobs.get('first.j0')
console.log(receipt?.state, receipt?.attempt, receipt?.story.result)
console.log(receipt?.story.failures.map(({ error }) => error))
