// What the shop tells other services: stored with the order, sent by the outbox.
import { integrationEvent } from '@gesta/core'
import { z } from 'zod'

const goods = z.object({
  orderId: z.string(),
  items: z.array(z.object({ code: z.string(), quantity: z.int().positive() })),
})

export const Sold = integrationEvent('Order.Sold', goods)
export const TakenBack = integrationEvent('Order.TakenBack', goods)
