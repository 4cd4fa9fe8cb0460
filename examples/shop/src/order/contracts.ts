// What the order domain can be told and asked, with the code and reason of every business no.
import { command, query } from '@gesta/core'
import { z } from 'zod'
import { customerId, InvoiceLine, invoiceNo, Item, localDay } from './invoice-line.ts'

const Lines = z.array(InvoiceLine).min(1).max(2_000)
/** How many events the invoice became; an import adds them up. */
const events = z.int()
const Codes = z.object({ codes: z.array(z.string()) })

export const place = command('Order.Place', {
  input: z.object({
    orderId: invoiceNo,
    /** `null`: a guest. */
    customerId: customerId.nullable(),
    country: z.string().min(1).max(60),
    lines: Lines,
  }),
  result: z.object({ totalPence: z.int(), soldAt: z.string(), events }),
  rejections: {
    already_recorded: 'An invoice with this number is recorded already, with other content.',
    times_apart: 'The lines are more than 5 minutes apart: that is not one sale or return.',
    stock_adjustment: 'A quantity is not above zero: without a credit note that corrects the stock, it sells nothing.',
    negative_price: 'A price is below zero.',
    no_goods: 'There are charges only (postage, discount, fee, ...), no goods.',
    too_much: 'A stock code has more than 1,000,000 pieces, or the sum is more than 1,000,000 pounds.',
    nothing_charged: 'Nothing on the invoice has a price: a correction or a gift, not a sale.',
    two_prices: { reason: 'The invoice lists a stock code at two prices.', details: Codes },
  },
  // Keys of guests are shared by everybody; the importer's hold a hash of the invoice, so nobody guesses another's.
  anonymousKeys: true,
})

export const giveBack = command('Order.Return', {
  input: z.object({
    orderId: invoiceNo,
    customerId: customerId.nullable(),
    country: z.string().min(1).max(60),
    /** Quantities count the pieces that come back, so they are above zero. */
    lines: Lines,
  }),
  result: z.object({ refundPence: z.int(), returnedAt: z.string(), events }),
  rejections: {
    already_recorded: 'An invoice with this number is recorded already, with other content.',
    times_apart: 'The lines are more than 5 minutes apart: that is not one sale or return.',
    not_a_return: 'A line of the credit note brings nothing back: its quantity has the sign of a sale.',
    negative_price: 'A price is below zero.',
    no_goods: 'There are charges only (postage, discount, fee, ...), no goods.',
    too_much: 'A stock code has more than 1,000,000 pieces, or the sum is more than 1,000,000 pounds.',
    guest_return: 'The credit note names no customer, so no earlier sale can be found.',
    no_earlier_sale: { reason: 'The customer never bought what comes back.', details: Codes },
    more_than_bought: { reason: 'More pieces come back than the customer bought and still has.', details: Codes },
  },
  anonymousKeys: true,
})

export const get = query('Order.Get', {
  input: z.object({ orderId: invoiceNo }),
  result: z
    .object({
      orderId: z.string(),
      status: z.enum(['placed', 'returned']),
      customerId: z.string().nullable(),
      country: z.string(),
      at: z.string(),
      totalPence: z.int(),
      goods: z.array(Item),
      charges: z.array(Item),
    })
    .nullable(),
})

export const DayRevenue = z.object({
  day: z.string(),
  orders: z.int(),
  returns: z.int(),
  soldPence: z.int(),
  refundedPence: z.int(),
  netPence: z.int(),
})
export type DayRevenue = z.infer<typeof DayRevenue>

export const revenueByDay = query('Order.RevenueByDay', {
  input: z.object({
    from: localDay.optional(),
    to: localDay.optional(),
    limit: z.int().min(1).max(1_000).default(366),
  }),
  result: z.object({ days: z.array(DayRevenue), total: z.int() }),
})
