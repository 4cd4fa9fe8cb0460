// A shop that goes on by itself: an order that is placed is reserved by a subscriber, which places messages and events of its own.
import { aggregate, command, domain, event, handle, integrationEvent, job, readModel, subscriber } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'

export const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pieces: z.int() }),
  rejections: { empty: 'An order has at least one piece.' },
})
export const reserve = command('Stock.Reserve', {
  input: z.object({ orderId: z.string(), pieces: z.int() }),
  rejections: { sold_out: 'There is not enough left.' },
})
const remind = job('Order.Remind', { input: z.object({ orderId: z.string() }) })
const Placed = event('Order.Placed', z.object({ pieces: z.int() }))
const Reserved = event('Stock.Reserved', z.object({ pieces: z.int() }))
const Announced = integrationEvent('Order.Announced', z.object({ text: z.string() }))

const Order = aggregate('Order', () => ({ pieces: 0 })).on(Placed, (_, { pieces }) => ({ pieces }))
const Stock = aggregate('Stock', () => ({ left: 10 })).on(Reserved, ({ left }, { pieces }) => ({ left: left - pieces }))

export const pieces = readModel('Order.Pieces', () => ({ pieces: 0 })).on(
  Placed,
  () => 'all',
  (row, placed) => ({ pieces: row.pieces + placed.pieces }),
)
/** Takes no order of 13 pieces. */
export const picky = readModel('Order.Picky', () => ({ pieces: 0 }), {
  partitionBy: ({ aggregate: { id } }) => id,
  onFailure: 'park',
  attemptsMax: 1,
}).on(
  Placed,
  (_, { aggregate: { id } }) => id,
  (row, placed) => {
    if (placed.pieces === 13) throw new Error('Thirteen.')
    return { pieces: row.pieces + placed.pieces }
  },
)
const reserving = subscriber('Stock.Reserving').on(
  Placed,
  async (
    placed,
    {
      event: {
        aggregate: { id },
      },
      dispatch,
    },
  ) => {
    await dispatch(reserve({ orderId: id, pieces: placed.pieces }))
  },
)

export const shopDomains: readonly AnyDomain[] = [
  domain('Order', {
    permissions: 'anonymous',
    aggregates: [Order],
    readModels: [pieces, picky],
    handlers: [
      Order.decide(place, 'orderId', (_, input) =>
        input.pieces < 1
          ? place.reject('empty')
          : [Placed({ pieces: input.pieces }), Announced({ text: input.orderId }), remind({ orderId: input.orderId })],
      ),
      handle(remind, async () => undefined),
    ],
    emits: [Announced],
  }),
  domain('Stock', {
    permissions: 'anonymous',
    aggregates: [Stock],
    subscribers: [reserving],
    handlers: [
      Stock.decide(
        reserve,
        () => 'stock',
        ({ left }, input) => (left < input.pieces ? reserve.reject('sold_out') : [Reserved({ pieces: input.pieces })]),
      ),
    ],
  }),
]
