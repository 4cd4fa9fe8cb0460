// Read model: what each day of the shop brought in. It folds sums, so the order of the import does not show in it.
import { handle, readModel } from '@gesta/core'
import { revenueByDay } from './contracts.ts'
import type { DayRevenue } from './contracts.ts'
import { Placed, Returned } from './order.ts'

const empty = (day: string): DayRevenue => ({
  day,
  orders: 0,
  returns: 0,
  soldPence: 0,
  refundedPence: 0,
  netPence: 0,
})

export const RevenueByDay = readModel('Order.RevenueByDay', empty)
  .on(
    Placed,
    ({ soldAt }) => soldAt.slice(0, 10),
    (row, { totalPence }) => ({
      ...row,
      orders: row.orders + 1,
      soldPence: row.soldPence + totalPence,
      netPence: row.netPence + totalPence,
    }),
  )
  .on(
    Returned,
    ({ returnedAt }) => returnedAt.slice(0, 10),
    (row, { refundPence }) => ({
      ...row,
      returns: row.returns + 1,
      refundedPence: row.refundedPence + refundPence,
      netPence: row.netPence - refundPence,
    }),
  )

export const handleRevenueByDay = handle(revenueByDay, async (range, { read }) => {
  const { items, total } = await read(RevenueByDay).list(range)
  return { days: [...items], total }
})
