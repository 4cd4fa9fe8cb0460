// The order: one per invoice number, a sale or a credit note.
import { aggregate, event } from '@gesta/core'
import { z } from 'zod'
import { Item } from './invoice-line.ts'

const invoice = {
  customerId: z.string().nullable(),
  country: z.string(),
  goods: z.array(Item),
  charges: z.array(Item),
}

export const Placed = event('Order.Placed', z.object({ ...invoice, soldAt: z.string(), totalPence: z.int() }))
export const Returned = event('Order.Returned', z.object({ ...invoice, returnedAt: z.string(), refundPence: z.int() }))

export interface OrderState {
  readonly status: 'new' | 'placed' | 'returned'
  readonly customerId: string | null
  readonly country: string
  /** Local time of the shop. */
  readonly at: string
  /** What the customer paid; below zero for a return. */
  readonly totalPence: number
  readonly goods: readonly Item[]
  readonly charges: readonly Item[]
}

const nothing: OrderState = {
  status: 'new',
  customerId: null,
  country: '',
  at: '',
  totalPence: 0,
  goods: [],
  charges: [],
}

export const Order = aggregate('Order', (): OrderState => nothing)
  .on(Placed, (_, { soldAt, ...placed }) => ({ ...placed, status: 'placed', at: soldAt }))
  .on(Returned, (_, { returnedAt, refundPence, ...returned }) => ({
    ...returned,
    status: 'returned',
    at: returnedAt,
    totalPence: -refundPence,
  }))
