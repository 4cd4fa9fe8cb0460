// What the checkout can be told and asked: an order of the web, its payment, its delivery.
import { command, job, query } from '@gesta/core'
import { z } from 'zod'

const orderId = z.string().min(1).max(40)
const one = z.object({ orderId })

export const placeOrder = command('Checkout.Place', {
  input: z.object({ orderId, pieces: z.int().positive(), pence: z.int().positive() }),
  rejections: {
    exists: 'An order with this id is there already.',
    too_many: { reason: 'The order has more pieces than one may have.', details: z.object({ piecesMax: z.int() }) },
  },
})
export const pay = command('Checkout.Pay', {
  input: one,
  rejections: { not_open: 'Only an order that waits for its payment can be paid.' },
})
export const cancelOrder = command('Checkout.Cancel', {
  input: z.object({ orderId, reason: z.string() }),
  rejections: { not_open: 'Only an order that waits for its payment can be cancelled.' },
})
export const noteDelivery = command('Checkout.NoteDelivery', {
  input: z.object({ orderId, parcel: z.string() }),
  rejections: { not_paid: 'Only an order that is paid can be delivered.' },
})
export const getOrder = query('Checkout.Get', {
  input: one,
  result: z
    .object({
      status: z.enum(['open', 'paid', 'cancelled', 'delivered']),
      pieces: z.int(),
      pence: z.int(),
      parcel: z.string().nullable(),
    })
    .nullable(),
})
/** Gives the parcel to the carrier. Three attempts: whoever runs the shop looks at what fails then. */
export const deliver = job('Checkout.Deliver', {
  input: one,
  queue: 'parcels',
  attemptsMax: 3,
  timeoutMs: 10_000,
  backoff: { firstMs: 200, maxMs: 60_000 },
})
