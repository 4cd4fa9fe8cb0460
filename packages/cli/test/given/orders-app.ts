// The app that tests work on: orders, a read model that can be told to fail, and the configuration's store.
import { existsSync } from 'node:fs'
import { aggregate, command, createApp, domain, event, handle, projection, query, readModel } from '@gesta/core'
import { z } from 'zod'

export const place = command('Order.Place', { input: z.object({ orderId: z.string(), pence: z.int() }) })
export const get = query('Order.Get', { input: z.object({ orderId: z.string() }), result: z.int().nullable() })
const Placed = event('Order.Placed', z.object({ pence: z.int() }))
const Order = aggregate('Order', () => ({ pence: 0 })).on(Placed, (_, { pence }) => ({ pence }))

/** Takes no event of 13 pence while the file that this names exists. */
export const brokenFile = 'GESTA_TEST_BROKEN'
const isBroken = (): boolean => existsSync(process.env[brokenFile] ?? '')

const totals = readModel('totals', () => ({ pence: 0 }), {
  partitionBy: ({ aggregate: { id } }) => id,
  onFailure: 'park',
  attemptsMax: 1,
}).on(
  Placed,
  (_, { aggregate: { id } }) => id,
  (row, { pence }) => {
    if (pence === 13 && isBroken()) throw new Error('Thirteen.')
    return { pence: row.pence + pence }
  },
)

const all = projection(Order)
const orders = domain('Order', {
  permissions: 'anonymous',
  aggregates: [Order],
  readModels: [all, totals],
  handlers: [
    Order.decide(place, 'orderId', (_, { pence }) => [Placed({ pence })]),
    handle(get, async ({ orderId }, { read }) => (await read(all).get(orderId))?.state.pence ?? null),
  ],
})
export const app = createApp('orders', { domains: [orders] })
