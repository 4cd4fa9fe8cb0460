// The customer: how many pieces of each stock code were bought and came back. Returns are decided on it.
import { aggregate, event } from '@gesta/core'
import { z } from 'zod'

const moved = z.object({
  orderId: z.string(),
  items: z.array(z.object({ code: z.string(), quantity: z.int().positive() })),
})

export const Bought = event('Customer.Bought', moved)
export const GaveBack = event('Customer.GaveBack', moved)

export interface Holding {
  readonly bought: number
  readonly returned: number
}
export interface CustomerState {
  readonly holdings: { readonly [code: string]: Holding }
}

const neverBought: Holding = { bought: 0, returned: 0 }

export const Customer = aggregate('Customer', (): CustomerState => ({ holdings: {} }))
  .on(Bought, ({ holdings }, { items }) =>
    changed(holdings, items, (holding, quantity) => ({ ...holding, bought: holding.bought + quantity })),
  )
  .on(GaveBack, ({ holdings }, { items }) =>
    changed(holdings, items, (holding, quantity) => ({ ...holding, returned: holding.returned + quantity })),
  )

/** What the customer has of a stock code; `undefined`: it was never bought. */
export function holdingOf({ holdings }: CustomerState, code: string): Holding | undefined {
  return Object.hasOwn(holdings, code) ? holdings[code] : undefined
}

function changed(
  holdings: CustomerState['holdings'],
  items: readonly { readonly code: string; readonly quantity: number }[],
  change: (holding: Holding, quantity: number) => Holding,
): CustomerState {
  const next = { ...holdings }
  for (const { code, quantity } of items) next[code] = change(next[code] ?? neverBought, quantity)
  return { holdings: next }
}
