// An order of the web, from its placing to its delivery or its end.
import { aggregate, event } from '@gesta/core'
import { z } from 'zod'

export const Placed = event('Checkout.Placed', z.object({ pieces: z.int(), pence: z.int() }))
export const Paid = event('Checkout.Paid', z.object({}))
export const Cancelled = event('Checkout.Cancelled', z.object({ reason: z.string() }))
export const Delivered = event('Checkout.Delivered', z.object({ parcel: z.string() }))

export interface WebOrderState {
  readonly status: 'new' | 'open' | 'paid' | 'cancelled' | 'delivered'
  readonly pieces: number
  readonly pence: number
  readonly parcel: string | null
}

export const WebOrder = aggregate('WebOrder', (): WebOrderState => ({
  status: 'new',
  pieces: 0,
  pence: 0,
  parcel: null,
}))
  .on(Placed, (order, { pieces, pence }) => ({ ...order, status: 'open', pieces, pence }))
  .on(Paid, (order) => ({ ...order, status: 'paid' }))
  .on(Cancelled, (order) => ({ ...order, status: 'cancelled' }))
  .on(Delivered, (order, { parcel }) => ({ ...order, status: 'delivered', parcel }))
