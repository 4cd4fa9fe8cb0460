import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle, projection, query } from '@gesta/core'
import type { ModelListOptions } from '@gesta/core'
import { z } from 'zod'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'

const status = z.enum(['new', 'placed', 'cancelled'])
const Set = event('Order.Set', z.object({ status, pence: z.int().nullable(), note: z.string().optional() }))
interface OrderState {
  readonly status: 'new' | 'placed' | 'cancelled'
  readonly pence: number | null
  readonly note?: string | undefined
}
const Order = aggregate('Order', (): OrderState => ({ status: 'new', pence: null })).on(Set, (_, data) => data)
const set = command('Order.Set', {
  input: z.object({ orderId: z.string(), status, pence: z.int().nullable(), note: z.string().optional() }),
})
const get = query('Order.Get', { input: z.object({ orderId: z.string() }), result: z.unknown() })
const list = query('Order.List', {
  input: z.unknown(),
  result: z.object({ items: z.array(z.unknown()), total: z.int() }),
})
const orders = projection(Order)
const orderDomain = domain('Order', {
  permissions: 'anonymous',
  handlers: [
    Order.decide(set, 'orderId', (_, { orderId: _id, ...data }) => [Set(data)]),
    handle(get, async ({ orderId }, { read }) => (await read(orders).get(orderId)) ?? null),
    handle(list, async (options, { read }) => {
      const { items, total } = await read(orders).list(options as ModelListOptions<OrderState>)
      return { items: [...items], total }
    }),
  ],
  readModels: [orders],
})

async function withOrders(rows: readonly (readonly [string, OrderState])[]): Promise<StartedApp> {
  const app = await startApp(orderDomain)
  for (const [orderId, state] of rows) {
    await app.running.dispatch(set({ orderId, ...state }))
    await app.clock.advance(1_000)
  }
  await app.running.caughtUp()
  return app
}
const some = [
  ['c', { status: 'placed', pence: 3 }],
  ['a', { status: 'placed', pence: 1 }],
  ['b', { status: 'cancelled', pence: null, note: 'x' }],
  ['d', { status: 'placed', pence: 1 }],
  ['a', { status: 'cancelled', pence: 2 }],
] as const

describe('a projection', () => {
  test('has the state of each aggregate, its version and the times of its first and last event', async () => {
    await using app = await withOrders(some)
    assert.deepEqual(await app.running.query(get({ orderId: 'a' })), {
      tenant: '',
      id: 'a',
      state: { status: 'cancelled', pence: 2 },
      version: 2,
      createdAt: '2026-01-02T03:04:06.000Z',
      updatedAt: '2026-01-02T03:04:09.000Z',
    })
    assert.equal(await app.running.query(get({ orderId: 'x' })), null)
  })

  const listed: readonly [string, ModelListOptions<OrderState>, string, number][] = [
    ['all by id', {}, 'abcd', 4],
    ['by a field of the state, ties by id, null first', { orderBy: 'pence' }, 'bdac', 4],
    ['by the time of the first event', { orderBy: 'createdAt' }, 'cabd', 4],
    ['by the time of the last event', { orderBy: 'updatedAt' }, 'cbda', 4],
    ['by text', { orderBy: 'status' }, 'abcd', 4],
    ['those that are equal in a field', { where: { status: 'placed' } }, 'cd', 2],
    ['those that are equal in several fields', { where: { status: 'placed', pence: 1 } }, 'd', 1],
    ['those whose field is null', { where: { pence: null } }, 'b', 1],
    ['all when a field of where is undefined', { where: { status: undefined } }, 'abcd', 4],
    ['none', { where: { note: 'y' } }, '', 0],
    ['the first page', { pageSize: 3 }, 'abc', 4],
    ['the last page', { page: 2, pageSize: 3 }, 'd', 4],
    ['no page behind the last', { page: 3, pageSize: 3 }, '', 4],
    [
      'a page of those that are equal, in order',
      { where: { status: 'cancelled' }, orderBy: 'updatedAt', pageSize: 1, page: 2 },
      'a',
      2,
    ],
  ]
  for (const [what, options, ids, total] of listed) {
    test(`lists ${what}`, async () => {
      await using app = await withOrders(some)
      const page = await app.running.query(list(options))
      assert.deepEqual([page.items.map((item) => (item as { id: string }).id).join(''), page.total], [ids, total])
    })
  }

  test('shows a tenant its own aggregates', async () => {
    await using app = await startApp(orderDomain)
    for (const tenant of ['t-1', 't-2'])
      await app.running.dispatch(set({ orderId: tenant, status: 'placed', pence: 1 }), { context: { tenant } })
    await app.running.caughtUp()
    const page = await app.running.query(list({}), { context: { tenant: 't-2' } })
    assert.deepEqual(
      [page.total, (page.items[0] as { id: string; tenant: string }).id, (page.items[0] as { tenant: string }).tenant],
      [1, 't-2', 't-2'],
    )
    assert.equal(await app.running.query(get({ orderId: 't-1' }), { context: { tenant: 't-2' } }), null)
  })
})

describe('a page that cannot be', () => {
  for (const [options, message] of [
    [{ page: 0 }, /page to be 1 or more, received 0/],
    [{ page: 1.5 }, /page to be 1 or more, received 1\.5/],
    [{ pageSize: 0 }, /pageSize from 1 to 1000, received 0/],
    [{ pageSize: 1_001 }, /pageSize from 1 to 1000, received 1001/],
  ] as const) {
    test(`is refused: ${JSON.stringify(options)}`, async () => {
      await using app = await withOrders([])
      await assert.rejects(app.running.query(list(options)), { message })
    })
  }
})
