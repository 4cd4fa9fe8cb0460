import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle, query, readModel } from '@gesta/core'
import type { AnyDomain, ReadModel } from '@gesta/core'
import { z } from 'zod'
import { accountDomain, deposit, get, open } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

const Sold = event('Sale.Sold', z.object({ skus: z.array(z.string()), pence: z.int() }))
const Voided = event('Sale.Voided', z.object({ sku: z.string() }))
const Sale = aggregate('Sale', () => null)
  .on(Sold, () => null)
  .on(Voided, () => null)
const sell = command('Sale.Sell', {
  input: z.object({ saleId: z.string(), skus: z.array(z.string()), pence: z.int() }),
})
const voidSale = command('Sale.Void', { input: z.object({ saleId: z.string(), sku: z.string() }) })
const row = query('Sale.Row', { input: z.object({ key: z.string() }), result: z.unknown() })
const list = query('Sale.List', {
  input: z.object({
    from: z.string().optional(),
    to: z.string().optional(),
    limit: z.int().optional(),
    offset: z.int().optional(),
  }),
  result: z.object({ items: z.array(z.unknown()), total: z.int() }),
})

/** An app that sells, and shows the rows of one read model. */
function saleDomain<Row>(model: ReadModel<string, Row>): AnyDomain {
  return domain('Sale', {
    permissions: 'anonymous',
    handlers: [
      Sale.decide(sell, 'saleId', (_, { skus, pence }) => [Sold({ skus, pence })]),
      Sale.decide(voidSale, 'saleId', (_, { sku }) => [Voided({ sku })]),
      handle(row, async ({ key }, { read }) => (await read(model).get(key)) ?? null),
      handle(list, async (range, { read }) => {
        const { items, total } = await read(model).list(range)
        return { items: [...items], total }
      }),
    ],
    readModels: [model],
  })
}
const bySku = readModel('Sale.BySku', (sku) => ({ sku, sales: 0 }))
  .on(
    Sold,
    ({ skus }) => skus,
    (sales) => ({ ...sales, sales: sales.sales + 1 }),
  )
  .on(
    Voided,
    ({ sku }) => sku,
    (sales) => (sales.sales === 1 ? undefined : { ...sales, sales: sales.sales - 1 }),
  )

describe('a handler that changes its row', () => {
  test('fails at the next event for it, although the row is frozen at its top alone', async () => {
    const skusOf = readModel('Sale.Skus', () => Object.freeze({ skus: [] as string[] }), { attemptsMax: 1 }).on(
      Sold,
      () => 'all',
      (sales, { skus }) => {
        sales.skus.push(...skus)
        return sales
      },
    )
    await using app = await startApp(saleDomain(skusOf))
    await app.running.dispatch(sell({ saleId: '1', skus: ['a'], pence: 1 }))
    await app.clock.finish(app.running.caughtUp())
    await app.running.dispatch(sell({ saleId: '2', skus: ['b'], pence: 1 }))
    await assert.rejects(app.clock.finish(app.running.caughtUp()), { code: 'read_model_failed' })
    assert.deepEqual(await app.running.query(row({ key: 'all' })), { skus: ['a'] })
  })
})

describe('a read model', () => {
  test('folds an event into every row that its key names, and into none for an empty list', async () => {
    await using app = await startApp(saleDomain(bySku))
    await app.running.dispatch(sell({ saleId: '1', skus: ['a', 'b'], pence: 1 }))
    await app.running.dispatch(sell({ saleId: '2', skus: [], pence: 1 }))
    const { token: after } = await app.running.dispatch(sell({ saleId: '3', skus: ['b', 'c'], pence: 1 }))
    assert.deepEqual(await app.running.query(list({}), { after }), {
      items: [
        { sku: 'a', sales: 1 },
        { sku: 'b', sales: 2 },
        { sku: 'c', sales: 1 },
      ],
      total: 3,
    })
  })

  test('folds a row twice when the key names it twice', async () => {
    await using app = await startApp(saleDomain(bySku))
    const { token: after } = await app.running.dispatch(sell({ saleId: '1', skus: ['a', 'a'], pence: 1 }))
    assert.deepEqual(await app.running.query(row({ key: 'a' }), { after }), { sku: 'a', sales: 2 })
  })

  test('deletes a row whose fold is undefined, and makes it anew at its next event', async () => {
    await using app = await startApp(saleDomain(bySku))
    await app.running.dispatch(sell({ saleId: '1', skus: ['a'], pence: 1 }))
    const { token } = await app.running.dispatch(voidSale({ saleId: '1', sku: 'a' }))
    assert.equal(await app.running.query(row({ key: 'a' }), { after: token }), null)
    const { token: after } = await app.running.dispatch(sell({ saleId: '2', skus: ['a'], pence: 1 }))
    assert.deepEqual(await app.running.query(row({ key: 'a' }), { after }), { sku: 'a', sales: 1 })
  })

  test('deletes and makes a row anew within one batch', async () => {
    await using app = await startApp(saleDomain(bySku))
    const one = [
      sell({ saleId: '1', skus: ['a'], pence: 1 }),
      voidSale({ saleId: '1', sku: 'a' }),
      sell({ saleId: '1', skus: ['a'], pence: 1 }),
    ]
    const outcomes = await Promise.all(one.map((message) => app.running.dispatch(message)))
    const after = outcomes.at(-1)?.token
    assert.deepEqual(await app.running.query(row({ key: 'a' }), { after }), { sku: 'a', sales: 1 })
  })

  test('runs several handlers of one event in the order of registration, each on the row of the one before', async () => {
    const traced = readModel('Sale.Traced', () => '')
      .on(
        Sold,
        () => 'x',
        (text) => `${text}1`,
      )
      .on(
        Sold,
        ({ skus }) => [...skus, 'x'],
        (text, _, __, key) => `${text}2${key}`,
      )
      .on(
        Sold,
        () => 'x',
        (text) => `${text}3`,
      )
    await using app = await startApp(saleDomain(traced))
    const { token: after } = await app.running.dispatch(sell({ saleId: '1', skus: ['y'], pence: 1 }))
    assert.equal(await app.running.query(row({ key: 'x' }), { after }), '12x3')
    assert.equal(await app.running.query(row({ key: 'y' }), { after }), '2y')
  })

  test('sees the whole recorded event', async () => {
    const seen = readModel('Sale.Seen', (): unknown => null).on(
      Sold,
      () => 'x',
      (_, __, recorded) => ({ ...recorded }),
    )
    await using app = await startApp(saleDomain(seen))
    const context = { identity: 'i', tenant: 't', targetWorkspace: 'w', attributes: { from: 'test' } }
    const { token: after, commandId } = await app.running.dispatch(sell({ saleId: '7', skus: [], pence: 4 }), {
      context,
    })
    assert.deepEqual(await app.running.query(row({ key: 'x' }), { after, context }), {
      id: `${commandId}.0`,
      commandId,
      type: 'Sale.Sold',
      data: { skus: [], pence: 4 },
      schemaVersion: 1,
      position: 1,
      tenant: 't',
      workspace: 'w',
      domain: 'Sale',
      aggregate: { type: 'Sale', id: '7' },
      version: 1,
      recordedAt: new Date(app.clock.nowUs() / 1000).toISOString(),
      context: { correlationId: commandId, ...context },
    })
  })

  test('keeps the rows of tenants apart', async () => {
    await using app = await startApp(saleDomain(bySku))
    for (const tenant of ['t-1', 't-2', 't-2'])
      await app.running.dispatch(sell({ saleId: '1', skus: ['a'], pence: 1 }), { context: { tenant } })
    await app.running.caughtUp()
    const sales = async (context: object): Promise<unknown> => app.running.query(row({ key: 'a' }), { context })
    assert.deepEqual(await sales({ tenant: 't-1' }), { sku: 'a', sales: 1 })
    assert.deepEqual(await sales({ tenant: 't-2' }), { sku: 'a', sales: 2 })
    assert.deepEqual(await sales({ tenant: 't-1', targetTenant: 't-2' }), { sku: 'a', sales: 2 })
    assert.equal(await sales({}), null)
    assert.deepEqual(await app.running.query(list({}), { context: { tenant: 't-1' } }), {
      items: [{ sku: 'a', sales: 1 }],
      total: 1,
    })
  })

  test('lists rows by key, from and to inclusive, in pages, with the total', async () => {
    await using app = await startApp(saleDomain(bySku))
    const { token: after } = await app.running.dispatch(
      sell({ saleId: '1', skus: ['e', 'a', 'd', 'c', 'b'], pence: 1 }),
    )
    const keys = async (range: Parameters<typeof list>[0]): Promise<unknown> => {
      const { items, total } = await app.running.query(list(range), { after })
      return [items.map((item) => (item as { sku: string }).sku).join(''), total]
    }
    assert.deepEqual(await keys({}), ['abcde', 5])
    assert.deepEqual(await keys({ from: 'b', to: 'd' }), ['bcd', 3])
    assert.deepEqual(await keys({ limit: 2 }), ['ab', 5])
    assert.deepEqual(await keys({ from: 'b', limit: 2, offset: 1 }), ['cd', 4])
    assert.deepEqual(await keys({ from: 'x' }), ['', 0])
  })

  test('gives queries the version of the one aggregate that they show', async () => {
    const { hostOf } = await import('../../src/app/running.ts')
    await using app = await startApp(accountDomain)
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await app.running.caughtUp()
    assert.deepEqual(await hostOf(app.running).query(get({ accountId: 'a' }), {}), {
      result: { balance: 1, version: 2 },
      version: 2,
    })
    assert.deepEqual(await hostOf(app.running).query(get({ accountId: 'b' }), {}), { result: null, version: undefined })
  })
})

describe('a reader of a read model', () => {
  test('is refused for one that no domain declares', async () => {
    const stray = query('Sale.Stray', { result: z.unknown() })
    const strayDomain = domain('Sale', {
      permissions: 'anonymous',
      handlers: [handle(stray, async (_, { read }) => read(bySku).get('a'))],
    })
    await using app = await startApp(strayDomain)
    await assert.rejects(app.running.query(stray()), {
      message: 'The app has no read model Sale.BySku. Add it to readModels of its domain.',
    })
  })
})
