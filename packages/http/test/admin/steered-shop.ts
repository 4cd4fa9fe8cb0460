// An app whose read models operators have something to do with: one that a test can hold up while it is built, and one that parks.
import { aggregate, command, createApp, domain, event, handle, query, readModel } from '@gesta/core'
import { z } from 'zod'

export const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), day: z.string(), pence: z.int() }),
  rejections: { exists: 'This order exists.' },
})
export const revenueOf = query('Order.RevenueOf', {
  input: z.object({ day: z.string() }),
  result: z.object({ orders: z.int(), pence: z.int() }).nullable(),
})
const Placed = event('Order.Placed', z.object({ day: z.string(), pence: z.int() }))
const Order = aggregate('Order', () => ({ isPlaced: false })).on(Placed, () => ({ isPlaced: true }))

/** What building from the start of the log waits for; a test replaces it. */
export const gate = { opened: Promise.resolve() }
export const revenue = readModel('Order.RevenueByDay', () => ({ orders: 0, pence: 0 }), {
  onRestore: () => gate.opened,
}).on(
  Placed,
  ({ day }) => day,
  (row, { pence }) => ({ orders: row.orders + 1, pence: row.pence + pence }),
)

/** Sums that the read model below cannot take; a test changes it. */
export const refused = new Set<number>()
export const picky = readModel('Order.Picky', () => ({ pence: 0 }), {
  partitionBy: ({ data }) => (data as { readonly day: string }).day,
  onFailure: 'park',
  attemptsMax: 1,
}).on(
  Placed,
  ({ day }) => day,
  (row, { pence }) => {
    if (refused.has(pence)) throw new Error('a secret of the read model')
    return { pence: row.pence + pence }
  },
)

export const steeredShop = createApp('shop', {
  domains: [
    domain('Order', {
      roles: ['web'],
      permissions: 'anonymous',
      aggregates: [Order],
      readModels: [revenue, picky],
      handlers: [
        Order.decide(place, 'orderId', (order, { day, pence }) =>
          order.isPlaced ? place.reject('exists') : [Placed({ day, pence })],
        ),
        handle(revenueOf, async ({ day }, { read }) => (await read(revenue).get(day)) ?? null),
      ],
    }),
  ],
})

export type SteeredShop = Awaited<ReturnType<typeof steeredShop.start>>

/** Places orders of a day, one after the other, with ids that begin with `name`. */
export async function placeMany(
  running: SteeredShop,
  name: string,
  day: string,
  pence: readonly number[],
): Promise<void> {
  for (const [index, each] of pence.entries())
    await running.dispatch(place({ orderId: `${name}-${index}`, day, pence: each }))
}
