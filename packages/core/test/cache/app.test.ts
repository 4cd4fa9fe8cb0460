import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import {
  aggregate,
  cacheKey,
  command,
  createApp,
  domain,
  event,
  handle,
  projection,
  query,
  systemContext,
} from '@gesta/core'
import type { HandlerCache } from '@gesta/core'
import { startApp } from '../started-app.ts'

const set = command('Price.Set', { input: z.object({ sku: z.string(), shelf: z.string(), pence: z.int() }) })
const PriceSet = event('Price.Set', z.object({ shelf: z.string(), pence: z.int() }))
const get = query('Price.Get', { input: z.object({ sku: z.string() }), result: z.int().nullable() })
const shelf = query('Price.Shelf', { input: z.object({ shelf: z.string() }), result: z.int() })

const Price = aggregate('Price', () => ({ pence: 0 })).on(PriceSet, (_, { pence }) => ({ pence }))
const prices = projection(Price)
const priceOf = cacheKey<number>('Price.Of')
const shelfOf = cacheKey<number>('Price.OfShelf')

/** A domain whose queries count their loads. */
function priceDomain() {
  const loads = { price: 0, shelf: 0 }
  const priceFor = (cache: HandlerCache, sku: string) =>
    cache.get(
      priceOf(sku),
      async ({ read }) => {
        loads.price++
        return (await read(prices).get(sku))?.state.pence
      },
      { ttlMs: 60_000, aggregates: [[Price, sku]] },
    )
  const definition = domain('Price', {
    permissions: 'anonymous',
    handlers: [
      Price.decide(set, 'sku', (_, input) => [PriceSet({ shelf: input.shelf, pence: input.pence })]),
      handle(get, async ({ sku }, { cache }) => (await priceFor(cache, sku)) ?? null),
      handle(shelf, async (input, { cache }) => {
        const found = await cache.get(
          shelfOf(input.shelf),
          async ({ read }) => {
            loads.shelf++
            return (await read(prices).list()).items.length
          },
          { ttlMs: 60_000, tags: [`shelf:${input.shelf}`] },
        )
        return found ?? 0
      }),
    ],
    readModels: [prices],
    cacheTags: [[PriceSet, ({ data }) => [`shelf:${(data as { readonly shelf: string }).shelf}`]]],
  })
  return { definition, loads }
}

describe('a query', () => {
  test('loads once, and anew after a write, whose value it sees also while the view lags', async () => {
    const { definition, loads } = priceDomain()
    await using app = await startApp(definition)
    const { running, clock } = app
    for (const pence of [5, 6, 7]) {
      await clock.finish(running.dispatch(set({ sku: 'tea', shelf: 'drinks', pence })))
      for (let n = 0; n < 3; n++) assert.equal(await clock.finish(running.query(get({ sku: 'tea' }))), pence)
    }
    assert.equal(loads.price, 3)
    assert.equal(running.cache.state.hits, 6)
  })

  test('loads anew what the events of others are said to end, in the commit that stores them', async () => {
    const { definition, loads } = priceDomain()
    await using app = await startApp(definition)
    const { running, clock, store } = app
    const ask = (name: string) => clock.finish(running.query(shelf({ shelf: name })))
    await clock.finish(running.dispatch(set({ sku: 'tea', shelf: 'drinks', pence: 1 })))
    assert.deepEqual([await ask('drinks'), await ask('drinks'), loads.shelf], [1, 1, 1])
    await clock.finish(running.dispatch(set({ sku: 'milk', shelf: 'drinks', pence: 1 })))
    assert.deepEqual([await ask('drinks'), loads.shelf], [2, 2])
    await clock.finish(running.dispatch(set({ sku: 'nail', shelf: 'tools', pence: 1 })))
    assert.deepEqual([await ask('drinks'), loads.shelf], [2, 2])
    const tags = await store.list({ types: ['Gesta.CacheInvalidated'] })
    assert.deepEqual(
      tags.items.map(({ aggregateId, version }) => [aggregateId, version]),
      [
        ['shelf:drinks', 1],
        ['shelf:drinks', 2],
        ['shelf:tools', 1],
      ],
    )
  })

  test('that asks for the history of what it shows is shown it as it lies in the views', async () => {
    const { definition, loads } = priceDomain()
    await using app = await startApp(definition)
    const { running, clock } = app
    await clock.finish(running.dispatch(set({ sku: 'tea', shelf: 'drinks', pence: 1 })))
    await clock.finish(running.query(get({ sku: 'tea' })))
    const answer = await clock.finish(running.query(get({ sku: 'tea' }), { history: true, context: systemContext() }))
    assert.deepEqual([answer?.result, answer?.history.length], [1, 1])
    assert.equal(loads.price, 2)
  })
})

test('a handler of a command has no cache, whatever it knows of types', async () => {
  const decide = command('Rate.Set', { input: z.object({}) })
  const handler = handle(decide, async (_, context) => {
    await (context as unknown as { readonly cache: HandlerCache }).cache.get(priceOf('tea'), async () => 1, {
      ttlMs: 1,
    })
  })
  await using app = await startApp(domain('Rate', { permissions: 'anonymous', handlers: [handler] }))
  await assert.rejects(app.running.dispatch(decide({})), /Only a handler of a query has a cache/)
})

describe('the cache of an app', () => {
  test('is ended by tag, in every process that reads the log', async () => {
    const { definition } = priceDomain()
    await using here = await startApp(definition)
    await using there = await startApp(priceDomain().definition, { beside: here })
    const rate = cacheKey<number>('Rate')('eur')
    const how = { ttlMs: 60_000, tags: ['rates'] }
    const { clock } = here
    const ask = (app: typeof here, value: number) => clock.finish(app.running.cache.get(rate, async () => value, how))
    assert.deepEqual([await ask(here, 1), await ask(there, 1)], [1, 1])
    assert.deepEqual([await ask(here, 2), await ask(there, 2)], [1, 1])
    await clock.finish(there.running.cache.invalidate(['rates', 'rates']))
    while ((await ask(here, 2)) === 1) await clock.advance(50)
    assert.equal(await ask(there, 2), 2)
  })

  test('tells a load what it must see, and forgets one value when it is told to', async () => {
    const { definition } = priceDomain()
    await using app = await startApp(definition)
    const { running, clock } = app
    await clock.finish(running.dispatch(set({ sku: 'tea', shelf: 'drinks', pence: 4 })))
    const total = cacheKey<number>('Total')()
    let loads = 0
    const ask = () =>
      clock.finish(
        running.cache.get(
          total,
          async ({ after }) => {
            loads++
            return (await running.query(get({ sku: 'tea' }), { after })) ?? 0
          },
          { ttlMs: 60_000 },
        ),
      )
    assert.deepEqual([await ask(), await ask(), loads], [4, 4, 1])
    await running.cache.forget(total)
    assert.deepEqual([await ask(), loads], [4, 2])
  })

  test('ends loads that are going on when the app stops', async () => {
    const { definition } = priceDomain()
    const app = await startApp(definition)
    const waiting = app.running.cache.get(cacheKey<number>('Never')(), () => new Promise(() => undefined), {
      ttlMs: 1_000,
    })
    const ended = assert.rejects(waiting, /The app has stopped/)
    await app[Symbol.asyncDispose]()
    await ended
  })

  test('is refused options that make no sense, and tags of events that are none of the log', async () => {
    const app = createApp('shop', { domains: [priceDomain().definition] })
    await assert.rejects(app.start({ caching: { entriesMax: 0 } }), RangeError)
    await assert.rejects(app.start({ caching: { entriesmax: 1 } as never }), /Did you mean "entriesMax"/)
    const tagged = (cacheTags: unknown) =>
      domain('Other', { permissions: 'anonymous', handlers: [], cacheTags: cacheTags as never })
    assert.throws(() => tagged([[PriceSet, 'shelf']]), /Give it a function/)
    assert.throws(() => tagged([[{ type: 'Other.Shown', category: 'presentation' }, () => []]]), /no domain event/)
  })
})

test('what a cache counts is in the metrics of the app, from when it was first asked for something', async () => {
  await using running = await createApp('cached', { domains: [] }).start()
  const samples = async (name: string): Promise<unknown> =>
    (await running.operations.metrics()).find((metric) => metric.name === name)?.samples
  assert.deepEqual(await samples('gesta_cache_entries'), [])
  for (let at = 0; at < 3; at++) await running.cache.get(priceOf('tea'), async () => 1, { ttlMs: 60_000 })
  assert.deepEqual(await samples('gesta_cache_entries'), [{ labels: {}, value: 1 }])
  assert.deepEqual(await samples('gesta_cache_requests_total'), [
    { labels: { result: 'hit' }, value: 2 },
    { labels: { result: 'miss' }, value: 1 },
  ])
  assert.deepEqual(await samples('gesta_cache_shared_left_alone'), [])
})
