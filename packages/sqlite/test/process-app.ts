// An app whose process manager answers every order with a command, and with another one at its deadline: each must be decided once.
import { aggregate, command, createApp, domain, event, processManager } from '@gesta/core'
import { z } from 'zod'

const one = { input: z.object({ id: z.string() }) }
export const place = command('Order.Place', one)
const confirm = command('Order.Confirm', one)
const close = command('Order.Close', one)
const Placed = event('Order.Placed', z.object({}))
const Confirmed = event('Order.Confirmed', z.object({}))
const Closed = event('Order.Closed', z.object({}))
const Order = aggregate('Order', () => ({}))
  .on(Placed, (state) => state)
  .on(Confirmed, (state) => state)
  .on(Closed, (state) => state)

/** `decided` is called whenever a command that the process has sent is decided. */
export function processApp(decided: () => void = () => {}) {
  const closing = processManager('Order.Closing', () => ({}), { leaseMs: 300 })
    .on(
      Placed,
      (_, { aggregate: { id } }) => id,
      (_, __, { aggregate: { id } }) => ({ send: [confirm({ id })], deadlinesMs: { open: 20 } }),
    )
    .onDeadline('open', (_, id) => ({ send: [close({ id })], end: true }))
  const orders = domain('Order', {
    permissions: 'anonymous',
    roles: ['any'],
    handlers: [
      Order.decide(place, 'id', () => [Placed({})]),
      Order.decide(confirm, 'id', () => {
        decided()
        return [Confirmed({})]
      }),
      Order.decide(close, 'id', () => {
        decided()
        return [Closed({})]
      }),
    ],
    processManagers: [closing],
  })
  return createApp('orders', { domains: [orders] })
}
