// A small shop for tests of process managers: orders that are placed, paid, cancelled and shipped.
import { aggregate, command, domain, event, handle, job, processManager } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'

export const place = command('Order.Place', { input: z.object({ orderId: z.string(), pence: z.int() }) })
export const pay = command('Order.Pay', { input: z.object({ orderId: z.string() }) })
export const cancel = command('Order.Cancel', {
  input: z.object({ orderId: z.string(), reason: z.string() }),
  rejections: { not_open: 'The order is not open.' },
})
export const reserve = command('Stock.Reserve', {
  input: z.object({ orderId: z.string(), pieces: z.int() }),
  rejections: { sold_out: { reason: 'Nothing is left.', details: z.object({ left: z.int() }) } },
})
export const Placed = event('Order.Placed', z.object({ pence: z.int() }))
export const Paid = event('Order.Paid', z.object({}))
export const Cancelled = event('Order.Cancelled', z.object({ reason: z.string() }))
export const Reserved = event('Stock.Reserved', z.object({ orderId: z.string(), pieces: z.int() }))
export const ship = job('Order.Ship', { input: z.object({ orderId: z.string() }), attemptsMax: 2 })

type Status = 'new' | 'open' | 'paid' | 'cancelled'
export const Order = aggregate('Order', (): { status: Status } => ({ status: 'new' }))
  .on(Placed, () => ({ status: 'open' }))
  .on(Paid, () => ({ status: 'paid' }))
  .on(Cancelled, () => ({ status: 'cancelled' }))
export const Stock = aggregate('Stock', () => ({ left: 3 })).on(Reserved, ({ left }, { pieces }) => ({
  left: left - pieces,
}))

export const hour = 3_600_000

/** Cancels what was not paid in two days, and reminds of it a day before. */
export const payment = processManager('Order.Payment', () => ({ pence: 0, reminded: false }))
  .on(
    Placed,
    (_, { aggregate: { id } }) => id,
    (state, { pence }) => ({ state: { ...state, pence }, deadlinesMs: { remind: 24 * hour, unpaid: 48 * hour } }),
  )
  .on(
    Paid,
    (_, { aggregate: { id } }) => id,
    (_, __, { aggregate: { id } }) => ({ send: [ship({ orderId: id })], end: true }),
  )
  .onDeadline('remind', (state) => ({ state: { ...state, reminded: true } }))
  .onDeadline('unpaid', (_, orderId) => ({ send: [cancel({ orderId, reason: 'not paid' })], end: true }))

export interface Shipping {
  readonly ships?: (orderId: string) => void | Promise<void>
}

export function shopWith(managers: readonly { readonly name: string }[], { ships }: Shipping = {}): AnyDomain[] {
  return [
    domain('Order', {
      permissions: 'anonymous',
      roles: ['any'],
      handlers: [
        Order.decide(place, 'orderId', (_, { pence }) => [Placed({ pence })]),
        Order.decide(pay, 'orderId', ({ status }) => (status === 'open' ? [Paid({})] : [])),
        Order.decide(cancel, 'orderId', ({ status }, { reason }) =>
          status === 'open' ? [Cancelled({ reason })] : cancel.reject('not_open'),
        ),
        handle(ship, async ({ orderId }) => {
          await ships?.(orderId)
        }),
      ],
      processManagers: managers,
    }),
    domain('Stock', {
      permissions: 'anonymous',
      roles: ['any'],
      handlers: [
        Stock.decide(
          reserve,
          () => 'all',
          ({ left }, { orderId, pieces }) =>
            pieces > left ? reserve.reject('sold_out', { left }) : [Reserved({ orderId, pieces })],
        ),
      ],
    }),
  ]
}
