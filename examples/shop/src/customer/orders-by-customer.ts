// Read model: the invoices of a customer in the order of their time. One row per invoice, so no row grows for ever.
import { handle, readModel } from '@gesta/core'
import type { Item } from '../order/invoice-line.ts'
import { Placed, Returned } from '../order/order.ts'
import { orders } from './contracts.ts'
import type { CustomerOrder } from './contracts.ts'

/** Sorts by customer, then time; guests have no row. Ids and times have no `|`. */
const keyOf = (customerId: string | null, at: string, orderId: string): string[] =>
  customerId === null ? [] : [`${customerId}|${at}|${orderId}`]

const piecesIn = (goods: readonly Item[]): number => goods.reduce((sum, { quantity }) => sum + quantity, 0)

const empty = (key: string): CustomerOrder => {
  const [customerId = '', at = '', orderId = ''] = key.split('|')
  return { customerId, orderId, kind: 'sale', at, pieces: 0, totalPence: 0 }
}

// An invoice that it cannot take waits, and the others go on; a restore is shared out by invoice.
export const OrdersByCustomer = readModel('Customer.Orders', empty, {
  partitionBy: ({ aggregate }) => aggregate.id,
  onFailure: 'park',
  module: import.meta.url,
})
  .on(
    Placed,
    ({ customerId, soldAt }, { aggregate }) => keyOf(customerId, soldAt, aggregate.id),
    (row, { goods, totalPence }) => ({ ...row, pieces: piecesIn(goods), totalPence }),
  )
  .on(
    Returned,
    ({ customerId, returnedAt }, { aggregate }) => keyOf(customerId, returnedAt, aggregate.id),
    (row, { goods, refundPence }) => ({ ...row, kind: 'return', pieces: piecesIn(goods), totalPence: -refundPence }),
  )

export const handleOrders = handle(orders, async ({ customerId, limit, offset }, { read }) => {
  // Times begin with a digit, and `~` sorts behind every digit.
  const range = { from: `${customerId}|`, to: `${customerId}|~`, limit, offset }
  const { items, total } = await read(OrdersByCustomer).list(range)
  return { orders: [...items], total }
})
