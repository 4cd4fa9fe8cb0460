// What the customer domain can be asked. It is told nothing itself: orders and returns write its history.
import { query } from '@gesta/core'
import { z } from 'zod'
import { customerId } from '../order/invoice-line.ts'

export const CustomerOrder = z.object({
  customerId: z.string(),
  orderId: z.string(),
  kind: z.enum(['sale', 'return']),
  at: z.string(),
  pieces: z.int(),
  /** Below zero for a return. */
  totalPence: z.int(),
})
export type CustomerOrder = z.infer<typeof CustomerOrder>

export const orders = query('Customer.Orders', {
  input: z.object({
    customerId,
    limit: z.int().min(1).max(1_000).default(100),
    offset: z.int().min(0).default(0),
  }),
  result: z.object({ orders: z.array(CustomerOrder), total: z.int() }),
})

export const get = query('Customer.Get', {
  input: z.object({ customerId }),
  result: z
    .object({
      customerId: z.string(),
      holdings: z.array(z.object({ code: z.string(), bought: z.int(), returned: z.int() })),
    })
    .nullable(),
})
