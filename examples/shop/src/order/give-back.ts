// Decides a return, as a credit note names it: pure, on what the customer bought; and the handler that stores it.
import { deny, handle } from '@gesta/core'
import type { Caller, Denied, InputOf } from '@gesta/core'
import { Customer, GaveBack, holdingOf } from '../customer/customer.ts'
import type { CustomerState } from '../customer/customer.ts'
import { returnForOthers } from '../people/permissions.ts'
import { TakenBack } from './announced.ts'
import { giveBack } from './contracts.ts'
import { areApart, earliest, isTooMuch, itemsOf, piecesOf, totalPence } from './items.ts'
import { Order, Returned } from './order.ts'
import type { OrderState } from './order.ts'

/** A customer who is signed in gives back what is his own. At the till nobody is: it takes back from everybody, as the office does. */
export function mayGiveBack({ customerId }: InputOf<typeof giveBack>, caller: Caller): Denied | undefined {
  const { identity } = caller
  if (identity === undefined || identity === customerId || caller.holds(returnForOthers)) return undefined
  return deny('it is the purchase of another customer')
}

/** All or nothing: a credit note is one document, so one line without an earlier sale refuses it whole. */
export function decideReturn(
  order: OrderState,
  customer: CustomerState | undefined,
  { orderId, customerId, country, lines }: InputOf<typeof giveBack>,
) {
  if (order.status !== 'new') return giveBack.reject('already_recorded')
  if (areApart(lines)) return giveBack.reject('times_apart')
  if (lines.some(({ quantity }) => quantity <= 0)) return giveBack.reject('not_a_return')
  if (lines.some(({ pence }) => pence < 0)) return giveBack.reject('negative_price')

  const items = itemsOf(lines)
  if (items.goods.length === 0) return giveBack.reject('no_goods')
  if (isTooMuch(items)) return giveBack.reject('too_much')
  if (customer === undefined) return giveBack.reject('guest_return')

  const pieces = piecesOf(items.goods)
  const never = pieces.filter(({ code }) => holdingOf(customer, code) === undefined)
  if (never.length > 0) return giveBack.reject('no_earlier_sale', { codes: never.map(({ code }) => code) })
  const tooMany = pieces.filter(({ code, quantity }) => quantity > leftOf(customer, code))
  if (tooMany.length > 0) return giveBack.reject('more_than_bought', { codes: tooMany.map(({ code }) => code) })

  const returnedAt = earliest(lines)
  const refundPence = totalPence(items)
  return {
    returned: Returned({ customerId, country, returnedAt, ...items, refundPence }),
    gaveBack: GaveBack({ orderId, items: pieces }),
    takenBack: TakenBack({ orderId, items: pieces }),
    result: { refundPence, returnedAt, events: 2 },
  }
}

/** Loading the customer makes its version a condition of the commit: two returns of the same pieces cannot both pass. */
export const handleReturn = handle(giveBack, async (input, { load, emit }) => {
  const order = await load(Order, input.orderId)
  const customer = input.customerId === null ? undefined : await load(Customer, input.customerId)
  const decision = decideReturn(order.state, customer?.state, input)
  if ('rejected' in decision) return decision
  order.emit(decision.returned)
  customer?.emit(decision.gaveBack)
  emit(decision.takenBack)
  return decision.result
})

function leftOf(customer: CustomerState, code: string): number {
  const { bought = 0, returned = 0 } = holdingOf(customer, code) ?? {}
  return bought - returned
}
