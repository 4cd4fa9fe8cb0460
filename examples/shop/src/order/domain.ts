// The order domain: sales and returns, one command per invoice, and what each day brought in.
import { domain, handle, projection } from '@gesta/core'
import { Sold, TakenBack } from './announced.ts'
import { get } from './contracts.ts'
import { handleReturn, mayGiveBack } from './give-back.ts'
import { Order } from './order.ts'
import { returnForOthers } from '../people/permissions.ts'
import { handlePlace } from './place.ts'
import { handleRevenueByDay, RevenueByDay } from './revenue-by-day.ts'

const Orders = projection(Order)

const handleGet = handle(get, async ({ orderId }, { read }) => {
  const state = (await read(Orders).get(orderId))?.state
  if (state === undefined || state.status === 'new') return null
  return { ...state, orderId, status: state.status, goods: [...state.goods], charges: [...state.charges] }
})

/** The domain without the question who may: that depends on who runs the shop. */
export const orderParts = {
  roles: ['web'],
  customPermissions: [{ name: returnForOthers, description: 'Give back what somebody else bought' }],
  handlers: [handlePlace, handleReturn, handleGet, handleRevenueByDay],
  emits: [Sold, TakenBack],
  aggregates: [Order],
  readModels: [Orders, RevenueByDay],
} as const

export const orderDomain = domain('Order', {
  ...orderParts,
  permissions: {
    'Order.Place': 'anonymous',
    'Order.Return': mayGiveBack,
    'Order.Get': 'anonymous',
    'Order.RevenueByDay': 'anonymous',
  },
})
