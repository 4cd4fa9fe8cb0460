// An app whose commands an operator looks at: anybody may place orders, only somebody with an account may close the shop.
import { aggregate, command, createApp, domain, event, handle, readModel } from '@gesta/core'
import type { DispatchOptions, Running } from '@gesta/core'
import { z } from 'zod'
import { operatorOf } from './operator.ts'
import type { AdminAnswer, Operator } from './operator.ts'

const lines = z.array(z.string())
export const place = command('Order.Place', {
  input: z.object({
    orderId: z.string(),
    pence: z.int().positive(),
    card: z.string().optional(),
    lines: lines.optional(),
  }),
  rejections: { exists: 'This order exists.' },
  redact: { card: 'secret' },
})
export const close = command('Order.Close')
const Placed = event('Order.Placed', z.object({ pence: z.int() }))
const Order = aggregate('Order', () => ({ isPlaced: false })).on(Placed, () => ({ isPlaced: true }))
const totals = readModel('Order.Totals', () => ({ pence: 0 })).on(
  Placed,
  () => 'all',
  (row, { pence }) => ({ pence: row.pence + pence }),
)
const shop = createApp('shop', {
  domains: [
    domain('Order', {
      permissions: { 'Order.Place': 'anonymous', 'Order.Close': 'authenticated' },
      aggregates: [Order],
      readModels: [totals],
      handlers: [
        Order.decide(place, 'orderId', (order, { pence }) =>
          order.isPlaced ? place.reject('exists') : [Placed({ pence })],
        ),
        handle(close, async () => undefined),
      ],
    }),
  ],
})

export interface LoggedShop extends AsyncDisposable {
  readonly running: Running<string, string>
  readonly operator: Operator
  /** Places an order; its command has the order's id. */
  place(orderId: string, pence: number, options?: DispatchOptions, more?: object): Promise<void>
  /** What the operator is told, which is no problem. */
  told(answer: Promise<AdminAnswer>): Promise<AdminAnswer['body']>
}

export async function loggedShop(): Promise<LoggedShop> {
  await using opening = new AsyncDisposableStack()
  const running = opening.use(await shop.start())
  const operator = opening.use(await operatorOf(running))
  const opened = opening.move()
  return {
    running,
    operator,
    place: async (orderId, pence, options = {}, more = {}) =>
      void (await running.dispatch(place({ orderId, pence, ...more }), { commandId: orderId, ...options })),
    told: async (answer) => {
      const { status, body, text } = await answer
      if (status !== 200) throw new Error(`Expected an answer, received ${status}: ${text}`)
      return body
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
