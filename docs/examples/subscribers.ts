import { z } from 'zod'
import { aggregate, command, createApp, domain, event, subscriber } from '@gesta/core'

const place = command('Order.Place', { input: z.object({ orderId: z.string(), customer: z.string() }) })
const send = command('Mail.Send', { input: z.object({ to: z.string() }), rejections: { refused: 'No mail, please.' } })
const Placed = event('Order.Placed', z.object({ customer: z.string() }))
const Sent = event('Mail.Sent', z.object({ to: z.string() }))

const Order = aggregate('Order', () => ({ placed: false })).on(Placed, () => ({ placed: true }))
const Mail = aggregate('Mail', () => ({ sent: 0 })).on(Sent, ({ sent }) => ({ sent: sent + 1 }))

// Durable: it keeps its place in the store, and runs in one process of all.
const sendMail = subscriber('SendMail').on(Placed, async ({ customer }, { event: placed, dispatch }) => {
  const outcome = await dispatch(send({ to: customer }))
  console.log(`${placed.aggregate.id}: ${outcome.ok ? 'a mail' : outcome.rejection.code}`)
})

// Ephemeral: it runs in every process, for what happens while the process lives.
const { promise: bothSent, resolve } = Promise.withResolvers<void>()
let mails = 0
const watch = subscriber('Watch', { durable: false }).on(Sent, () => {
  if (++mails === 2) resolve()
})

const sales = domain('Order', {
  permissions: 'anonymous',
  handlers: [Order.decide(place, 'orderId', (_, { customer }) => [Placed({ customer })])],
})
const mail = domain('Mail', {
  permissions: 'anonymous',
  handlers: [Mail.decide(send, 'to', (_, { to }) => (to === 'Grumpy' ? send.reject('refused') : [Sent({ to })]))],
  subscribers: [sendMail, watch],
})

await using running = await createApp('shop', { domains: [sales, mail] }).start()
await running.dispatch(place({ orderId: 'A-1', customer: 'Ann' }))
await running.dispatch(place({ orderId: 'A-2', customer: 'Grumpy' }))
await running.dispatch(place({ orderId: 'A-3', customer: 'Bob' }))
await bothSent
