// Read model: what was sold and came back of each product. It folds sums and a latest value, so that the order in which
// invoices arrive (an import runs many at once) does not show in it.
import { handle, readModel } from '@gesta/core'
import type { Item } from '../order/invoice-line.ts'
import { Placed, Returned } from '../order/order.ts'
import { get, sales } from './contracts.ts'
import type { ProductSales } from './contracts.ts'
import { Described } from './product.ts'

interface Row extends ProductSales {
  /** Time and number of the invoice that the description is from; the latest one wins. */
  readonly describedBy: string
}
/** Sorts behind every invoice: a description that somebody put right stays. */
const byHand = '~'

const empty = (code: string): Row => ({
  code,
  description: '',
  describedBy: '',
  orders: 0,
  sold: 0,
  returned: 0,
  soldPence: 0,
  refundedPence: 0,
})

const codesOf = ({ goods }: { readonly goods: readonly Item[] }): string[] => [
  ...new Set(goods.map(({ code }) => code)),
]

export const SalesByProduct = readModel('Product.Sales', empty)
  .on(Placed, codesOf, (row, { goods, soldAt }, { aggregate }, code) => {
    const { quantity, pence, description } = summed(goods, code)
    const sold = { ...row, orders: row.orders + 1, sold: row.sold + quantity, soldPence: row.soldPence + pence }
    return described(sold, description, `${soldAt} ${aggregate.id}`)
  })
  .on(Returned, codesOf, (row, { goods }, _, code) => {
    const { quantity, pence } = summed(goods, code)
    return { ...row, returned: row.returned + quantity, refundedPence: row.refundedPence + pence }
  })
  .on(
    Described,
    (_, { aggregate }) => aggregate.id,
    (row, { description }) => ({ ...row, description, describedBy: byHand }),
  )

export const handleGet = handle(get, async ({ code }, { read }) => (await read(SalesByProduct).get(code)) ?? null)

export const handleSales = handle(sales, async (range, { read }) => {
  const { items, total } = await read(SalesByProduct).list(range)
  return { products: [...items], total }
})

function summed(goods: readonly Item[], code: string): { quantity: number; pence: number; description: string } {
  const sum = { quantity: 0, pence: 0, description: '' }
  for (const item of goods) {
    if (item.code !== code) continue
    sum.quantity += item.quantity
    sum.pence += item.quantity * item.pence
    sum.description ||= item.description
  }
  return sum
}

function described(row: Row, description: string, describedBy: string): Row {
  return description === '' || describedBy < row.describedBy ? row : { ...row, description, describedBy }
}
