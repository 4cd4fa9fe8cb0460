// The stock domain: another service, with a store of its own. It hears what the shop announced, at least once; each announcement
// becomes one command whose id is made from it, so nothing moves twice.
import { domain, handle, projection, subscriber } from '@gesta/core'
import { Sold, TakenBack } from '../order/announced.ts'
import { get, send, takeBack } from './contracts.ts'
import { CameBack, Left, Stock } from './stock.ts'

const Stocks = projection(Stock)

const handleSend = handle(send, async ({ orderId, items }, { load }) => {
  for (const { code, quantity } of items) (await load(Stock, code)).emit(Left({ orderId, quantity }))
})
const handleTakeBack = handle(takeBack, async ({ orderId, items }, { load }) => {
  for (const { code, quantity } of items) (await load(Stock, code)).emit(CameBack({ orderId, quantity }))
})
const handleGet = handle(get, async ({ code }, { read }) => {
  const state = (await read(Stocks).get(code))?.state
  return state === undefined ? null : { code, ...state }
})

const KeepStock = subscriber('KeepStock')
  .on(Sold, (sold, { dispatch }) => dispatch(send(sold)))
  .on(TakenBack, (back, { dispatch }) => dispatch(takeBack(back)))

export const stockDomain = domain('Stock', {
  roles: ['web', 'worker'],
  permissions: 'anonymous',
  handlers: [handleSend, handleTakeBack, handleGet],
  aggregates: [Stock],
  readModels: [Stocks],
  subscribers: [KeepStock],
})
