// A small app with every kind of contract that a route can have; the tests serve it.
import { aggregate, command, createApp, deny, domain, event, handle, projection, query, readModel } from '@gesta/core'
import * as v from 'valibot'
import { z } from 'zod'

export const place = command('Order.Place', {
  input: z.object({
    orderId: z.string(),
    pence: z.int().positive(),
    note: z.string().default(''),
    tags: z.array(z.string()).optional(),
  }),
  result: z.object({ pence: z.int() }),
  rejections: {
    exists: 'This order exists.',
    over_limit: { reason: 'The order is too large.', details: z.object({ limitPence: z.int() }) },
  },
})
export const cancel = command('Order.Cancel', {
  input: z.object({ orderId: z.string(), reason: z.string() }),
  rejections: { not_placed: 'Only a placed order can be cancelled.' },
})
export const get = query('Order.Get', {
  input: z.object({ orderId: z.string() }),
  result: z.object({ status: z.string(), pence: z.int(), note: z.string() }).nullable(),
})
/** Every JSON type that a query string can carry. */
export const echo = query('Order.Echo', {
  input: z.object({
    text: z.string().optional(),
    whole: z.int().optional(),
    number: z.number().nullable().optional(),
    flag: z.boolean().optional(),
    list: z.array(z.int()).optional(),
    texts: z.array(z.string()).optional(),
    nested: z.object({ a: z.int() }).optional(),
    either: z.union([z.string(), z.int()]).optional(),
    kind: z.enum(['a', 'b']).optional(),
  }),
  result: z.json(),
})
/** An input that takes fields without a name. */
export const open = query('Order.Open', { input: z.looseObject({ known: z.int() }), result: z.json() })
/** An input that is no object. */
export const sum = query('Order.Sum', { input: z.array(z.int()), result: z.int() })
/** A schema whose library does not describe it as JSON Schema. */
export const plain = query('Order.Plain', {
  input: v.object({ id: v.string(), size: v.optional(v.number()) }),
  result: z.json(),
})
/** A schema that cannot be converted, because of one field. */
export const since = query('Order.Since', {
  input: z.object({ at: z.string().transform((text) => new Date(text)) }),
  result: z.string(),
})
export const tree = command('Order.Graft', { input: z.object({ tree: z.json() }) })
export const fail = command('Order.Fail')
export const ping = query('Order.Ping', { result: z.literal('pong') })
export const secret = query('Order.Secret', { result: z.string() })
export const forbidden = command('Order.Forbidden', { input: z.object({ orderId: z.string() }) })
export const nightly = command('Order.Nightly')

export const Placed = event('Order.Placed', z.object({ pence: z.int(), note: z.string() }))
export const Cancelled = event('Order.Cancelled', z.object({ reason: z.string() }))

export const Order = aggregate('Order', () => ({ status: 'new', pence: 0, note: '' }))
  .on(Placed, (_, { pence, note }) => ({ status: 'placed', pence, note }))
  .on(Cancelled, (order) => ({ ...order, status: 'cancelled' }))
export const orders = projection(Order)
/** Stops at the first event whose note asks for it. */
export const brittle = readModel('Order.Brittle', () => ({ seen: 0 })).on(
  Placed,
  () => 'all',
  (row, { note }) => {
    if (note === 'break the read model') throw new Error('a secret of the read model')
    return { seen: row.seen + 1 }
  },
)

/** What a slow handler waits for; a test replaces it. */
export const gate: { opened: Promise<void>; entered: () => void; signal: AbortSignal | undefined } = {
  opened: Promise.resolve(),
  entered: () => undefined,
  signal: undefined,
}
export const slow = command('Order.Slow')
export const slowQuery = query('Order.SlowQuery', { result: z.string() })

const waitAtGate = async (signal: AbortSignal): Promise<void> => {
  gate.signal = signal
  gate.entered()
  await gate.opened
}

const orderDomain = domain('Order', {
  roles: ['web'],
  readModels: [orders, brittle],
  aggregates: [Order],
  permissions: {
    'Order.Place': 'anonymous',
    'Order.Cancel': 'anonymous',
    'Order.Get': 'anonymous',
    'Order.Echo': 'anonymous',
    'Order.Open': 'anonymous',
    'Order.Sum': 'anonymous',
    'Order.Plain': 'anonymous',
    'Order.Since': 'anonymous',
    'Order.Graft': 'anonymous',
    'Order.Fail': 'anonymous',
    'Order.Ping': 'anonymous',
    'Order.Secret': 'authenticated',
    'Order.Forbidden': () => deny('a secret of the permission'),
    'Order.Nightly': 'anonymous',
    'Order.Slow': 'anonymous',
    'Order.SlowQuery': 'anonymous',
  },
  handlers: [
    Order.decide(place, 'orderId', (order, { pence, note }) =>
      order.status !== 'new'
        ? place.reject('exists')
        : pence > 1_000_000
          ? place.reject('over_limit', { limitPence: 1_000_000 })
          : place.accept([Placed({ pence, note })], { pence }),
    ),
    Order.decide(cancel, 'orderId', (order, { reason }) =>
      order.status === 'placed' ? [Cancelled({ reason })] : cancel.reject('not_placed'),
    ),
    handle(get, async ({ orderId }, { read }) => (await read(orders).get(orderId))?.state ?? null),
    handle(echo, async (input) => input as never),
    handle(open, async (input) => input as never),
    handle(sum, async (numbers) => numbers.reduce((a, b) => a + b, 0)),
    handle(plain, async (input) => input as never),
    handle(since, async ({ at }) => at.toISOString()),
    handle(tree, async () => undefined),
    handle(fail, async () => {
      throw new Error('a secret of the handler')
    }),
    handle(ping, async () => 'pong' as const),
    handle(secret, async (_, { context }) => context.account ?? ''),
    handle(forbidden, async () => undefined),
    handle(nightly, async () => undefined, { roles: ['cron'] }),
    handle(slow, async (_, { signal }) => waitAtGate(signal)),
    handle(slowQuery, async (_, { signal }) => {
      await waitAtGate(signal)
      return 'done'
    }),
  ],
})

export const shop = createApp('shop', { domains: [orderDomain] })
