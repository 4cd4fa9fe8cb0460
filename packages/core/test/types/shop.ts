// The shop that the type tests look at: every kind of contract, fold, handler and permission, all inferred.
import { z } from 'zod'
import {
  aggregate,
  anyOf,
  command,
  createApp,
  deny,
  domain,
  event,
  handle,
  integrationEvent,
  job,
  presentationEvent,
  projection,
  query,
  readModel,
} from '@gesta/core'
import type { InputOf, Schema } from '@gesta/core'

const Line = z.object({ sku: z.string(), quantity: z.int().positive(), pence: z.int().nonnegative() })
export const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), customerId: z.string(), lines: z.array(Line), note: z.string().default('') }),
  result: z.object({ totalPence: z.int() }),
  rejections: {
    order_exists: 'An order with this id exists.',
    over_limit: { reason: 'The order is over the limit.', details: z.object({ limitPence: z.int() }) },
  },
})
export const cancel = command('Order.Cancel', {
  input: z.object({ orderId: z.string(), reason: z.string() }),
  rejections: { not_placed: 'Only a placed order can be cancelled.' },
})
export const move = command('Order.Move', {
  input: z.object({ from: z.string(), to: z.string(), sku: z.string() }),
  result: z.object({ moved: z.int() }),
  rejections: { not_placed: 'Both orders must be placed.' },
})
export const get = query('Order.Get', {
  input: z.object({ orderId: z.string() }),
  result: z.object({ status: z.string(), totalPence: z.int(), version: z.int() }).nullable(),
})
export const salesOf = query('Order.SalesByDay', {
  input: z.object({ from: z.iso.date(), to: z.iso.date() }),
  result: z.array(z.object({ day: z.string(), pence: z.int() })),
})
export const sendReceipt = job('Order.SendReceipt', { input: z.object({ orderId: z.string() }) })
export const Placed = event('Order.Placed', z.object({ customerId: z.string(), total: z.number() })).revise(
  z.object({ customerId: z.string(), totalPence: z.int(), lines: z.array(Line) }),
  (old) => ({ customerId: old.customerId, totalPence: Math.round(old.total * 100), lines: [] }),
)
export const Cancelled = event('Order.Cancelled', z.object({ reason: z.string() }))
export const LineMoved = event('Order.LineMoved', z.object({ sku: z.string(), direction: z.enum(['in', 'out']) }))
export const Shipped = event('Order.Shipped', z.object({ carrier: z.string() }))
export interface Review {
  readonly reviewerId: string
  readonly name: string
  readonly stars: number
}
export const review: Schema<Review> = z.object({ reviewerId: z.string(), name: z.string(), stars: z.int() })
export interface SignedReview {
  readonly reviewerId: string
  readonly signature: string
  readonly stars: number
}
export const signedReview: Schema<SignedReview> = z.object({
  reviewerId: z.string(),
  signature: z.string(),
  stars: z.int(),
})
export const Reviewed = event('Order.Reviewed', review, { personal: { subject: 'reviewerId', fields: ['name'] } })
export const Signed = Reviewed.revise(signedReview, ({ name, ...rest }) => ({ ...rest, signature: name }), {
  personal: { subject: 'reviewerId', fields: ['signature'] },
})
export const OrderPlaced = integrationEvent('Order.PlacedV1', z.object({ orderId: z.string(), totalPence: z.int() }))
export const OrdersChanged = presentationEvent('Order.Changed', z.object({ orderId: z.string() }))

interface OrderState {
  readonly status: 'new' | 'placed' | 'cancelled'
  readonly totalPence: number
  readonly note?: string | undefined
}
export const Order = aggregate('Order', (): OrderState => ({ status: 'new', totalPence: 0 }))
  .on(Placed, (order, { totalPence }) => ({ ...order, status: 'placed', totalPence }))
  .on(Cancelled, (order) => ({ ...order, status: 'cancelled' }))
  .on(LineMoved, (order) => order)

/** A decider that stands alone. */
export const placeOrder = (order: OrderState, input: InputOf<typeof place>) => {
  if (order.status !== 'new') return place.reject('order_exists')
  const totalPence = input.lines.reduce((sum, line) => sum + line.quantity * line.pence, 0)
  if (totalPence > 1_000_00) return place.reject('over_limit', { limitPence: 1_000_00 })
  return place.accept(
    [
      Placed({ customerId: input.customerId, totalPence, lines: input.lines }),
      OrderPlaced({ orderId: input.orderId, totalPence }),
      OrdersChanged({ orderId: input.orderId }),
      sendReceipt({ orderId: input.orderId }),
    ],
    { totalPence },
  )
}
export const orders = projection(Order)
export const salesByDay = readModel('Order.SalesByDay', (day) => ({ day, pence: 0 }), { modelVersion: 2 }).on(
  Placed,
  (_, { recordedAt }) => recordedAt.slice(0, 10),
  (row, { totalPence }) => ({ ...row, pence: row.pence + totalPence }),
)
export const orderDomain = domain('Order', {
  roles: ['web', 'api'],
  permissions: {
    'Order.Place': 'anonymous',
    'Order.Cancel': anyOf('authorized', (input, caller) =>
      input.reason === '' || caller.account === undefined ? deny('no reason') : undefined,
    ),
    'Order.Move': 'authorized',
    'Order.Get': 'anonymous',
    'Order.SalesByDay': (input, caller) =>
      input.from < input.to && caller.holds('Order.SalesByDay') ? undefined : deny('range'),
  },
  handlers: [
    Order.decide(place, 'orderId', placeOrder),
    Order.decide(cancel, 'orderId', (order, { reason }) =>
      order.status === 'placed'
        ? [Cancelled({ reason }), OrdersChanged({ orderId: 'x' })]
        : cancel.reject('not_placed'),
    ),
    handle(move, async ({ from, to, sku }, { load, emit }) => {
      const [source, target] = await Promise.all([load(Order, from), load(Order, to)])
      if (source.state.status !== 'placed' || target.state.status !== 'placed') return move.reject('not_placed')
      source.emit(LineMoved({ sku, direction: 'out' }))
      target.emit(LineMoved({ sku, direction: 'in' }))
      emit(OrdersChanged({ orderId: from }), OrdersChanged({ orderId: to }), sendReceipt({ orderId: to }))
      return { moved: 1 }
    }),
    handle(get, async ({ orderId }, { read }) => {
      const order = await read(orders).get(orderId)
      return order ? { status: order.state.status, totalPence: order.state.totalPence, version: order.version } : null
    }),
    handle(salesOf, async (range, { read }) => [...(await read(salesByDay).list(range)).items]),
    handle(
      sendReceipt,
      async ({ orderId }, { dispatch, attempt }) => {
        if (attempt > 3) await dispatch(cancel({ orderId, reason: 'no receipt' }))
      },
      { roles: ['worker'] },
    ),
  ],
  aggregates: [Order],
  readModels: [orders, salesByDay],
  emits: [OrderPlaced, OrdersChanged],
})
export const shop = createApp('shop', { domains: [orderDomain] })
