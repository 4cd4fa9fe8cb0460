// An app at work in this process whose commands lead to others: a large order is told to customers, and gets a present.
import { aggregate, command, createApp, domain, event, integrationEvent, readModel, subscriber } from '@gesta/core'
import type { Running } from '@gesta/core'
import { whenCaughtUp } from '@gesta/core/testing'
import { serveAdmin } from '@gesta/http'
import { z } from 'zod'

export const place = command('Order.Place', {
  input: z.object({ orderId: z.string(), pence: z.int() }),
  rejections: { free: 'An order costs something.' },
})
const Placed = event('Order.Placed', z.object({ pence: z.int() }))
const Announced = integrationEvent('Order.Announced', z.object({ pence: z.int() }))
const Order = aggregate('Order', () => ({ pence: 0 })).on(Placed, (_, { pence }) => ({ pence }))
const totals = readModel('Order.Totals', () => ({ pence: 0 })).on(
  Placed,
  () => 'all',
  (row, { pence }) => ({ pence: row.pence + pence }),
)
const presents = subscriber('Order.Presents').on(
  Placed,
  async ({ pence }, { event: { aggregate: order }, dispatch }) => {
    if (pence >= 1_000) await dispatch(place({ orderId: `${order.id}-present`, pence: 0 }))
  },
)
const app = createApp('orders', {
  domains: [
    domain('Order', {
      permissions: 'anonymous',
      aggregates: [Order],
      readModels: [totals],
      subscribers: [presents],
      handlers: [
        Order.decide(place, 'orderId', (_, { pence }) => {
          if (pence === 0) return place.reject('free')
          return pence >= 1_000 ? [Placed({ pence }), Announced({ pence })] : [Placed({ pence })]
        }),
      ],
      emits: [Announced],
    }),
  ],
})

export interface LoggedOrders extends AsyncDisposable {
  readonly running: Running<string, string>
  /** `--url` and the admin address. */
  readonly there: readonly string[]
  /** Places an order; its command has the order's id. Resolves when all that follows is done. */
  place(orderId: string, pence: number, tenant?: string): Promise<void>
}

export async function loggedOrders(): Promise<LoggedOrders> {
  await using opening = new AsyncDisposableStack()
  const running = opening.use(await app.start())
  const admin = opening.use(await serveAdmin(running, { port: 0 }))
  const opened = opening.move()
  return {
    running,
    there: ['--url', admin.url],
    place: async (orderId, pence, tenant) => {
      const context = tenant === undefined ? {} : { tenant }
      await running.dispatch(place({ orderId, pence }), { commandId: orderId, context })
      await whenCaughtUp(running)
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
