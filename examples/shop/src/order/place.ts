// Decides a sale: a pure function of the order so far and the invoice; and the handler that stores what it decided.
import { handle } from '@gesta/core'
import type { InputOf } from '@gesta/core'
import { Bought, Customer } from '../customer/customer.ts'
import { Sold } from './announced.ts'
import { place } from './contracts.ts'
import { areApart, codesWithTwoPrices, earliest, isTooMuch, itemsOf, piecesOf, totalPence } from './items.ts'
import { Order, Placed } from './order.ts'
import type { OrderState } from './order.ts'

export function decidePlace(order: OrderState, { orderId, customerId, country, lines }: InputOf<typeof place>) {
  if (order.status !== 'new') return place.reject('already_recorded')
  if (areApart(lines)) return place.reject('times_apart')
  if (lines.some(({ quantity }) => quantity <= 0)) return place.reject('stock_adjustment')
  if (lines.some(({ pence }) => pence < 0)) return place.reject('negative_price')

  const items = itemsOf(lines)
  if (items.goods.length === 0) return place.reject('no_goods')
  if (isTooMuch(items)) return place.reject('too_much')
  const total = totalPence(items)
  if (total === 0) return place.reject('nothing_charged')
  const codes = codesWithTwoPrices(items.goods)
  if (codes.length > 0) return place.reject('two_prices', { codes })

  const soldAt = earliest(lines)
  const pieces = piecesOf(items.goods)
  return {
    placed: Placed({ customerId, country, soldAt, ...items, totalPence: total }),
    bought: Bought({ orderId, items: pieces }),
    sold: Sold({ orderId, items: pieces }),
    result: { totalPence: total, soldAt, events: customerId === null ? 1 : 2 },
  }
}

/** One commit over two streams: the order, and the customer on whom later returns are decided. A guest has none. */
export const handlePlace = handle(place, async (input, { load, emit }) => {
  const order = await load(Order, input.orderId)
  const customer = input.customerId === null ? undefined : await load(Customer, input.customerId)
  const decision = decidePlace(order.state, input)
  if ('rejected' in decision) return decision
  order.emit(decision.placed)
  customer?.emit(decision.bought)
  emit(decision.sold)
  return decision.result
})
