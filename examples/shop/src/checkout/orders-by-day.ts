// What became of the orders of the web, by the day on which it did.
import { readModel } from '@gesta/core'
import { Cancelled, Delivered, Paid, Placed } from './web-order.ts'

interface Day {
  readonly placed: number
  readonly paid: number
  readonly cancelled: number
  readonly delivered: number
}
const dayOf = (_: unknown, { recordedAt }: { readonly recordedAt: string }): string => recordedAt.slice(0, 10)

export const OrdersByDay = readModel('Checkout.OrdersByDay', (): Day => ({
  placed: 0,
  paid: 0,
  cancelled: 0,
  delivered: 0,
}))
  .on(Placed, dayOf, (day) => ({ ...day, placed: day.placed + 1 }))
  .on(Paid, dayOf, (day) => ({ ...day, paid: day.paid + 1 }))
  .on(Cancelled, dayOf, (day) => ({ ...day, cancelled: day.cancelled + 1 }))
  .on(Delivered, dayOf, (day) => ({ ...day, delivered: day.delivered + 1 }))
