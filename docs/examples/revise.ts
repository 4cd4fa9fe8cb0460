import { z } from 'zod'
import { aggregate, event } from '@gesta/core'

// Version 1 had no currency. Version 2 has one, and says what the old data become.
export const Placed = event('Order.Placed', z.object({ pence: z.int() })).revise(
  z.object({ pence: z.int(), currency: z.string() }),
  (old) => ({ ...old, currency: 'GBP' }),
)

const Order = aggregate('Order', () => ({ total: '' })).on(Placed, (_, { pence, currency }) => ({
  total: `${(pence / 100).toFixed(2)} ${currency}`,
}))

console.log(Placed.schemaVersion, Order.fold([Placed({ pence: 4200, currency: 'EUR' })]))
