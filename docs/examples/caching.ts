import { z } from 'zod'
import { aggregate, cacheKey, command, createApp, domain, event, handle, projection, query } from '@gesta/core'

const setPrice = command('Price.Set', { input: z.object({ sku: z.string(), shelf: z.string(), pence: z.int() }) })
const getPrice = query('Price.Get', { input: z.object({ sku: z.string() }), result: z.int().nullable() })
const getShelf = query('Price.Shelf', { input: z.object({ shelf: z.string() }), result: z.int() })
const PriceSet = event('Price.Set', z.object({ shelf: z.string(), pence: z.int() }))

const Price = aggregate('Price', () => ({ shelf: '', pence: 0 })).on(PriceSet, (_, price) => price)
const prices = projection(Price)

// What a key names is known to the compiler.
const priceOf = cacheKey<number>('Price.Pence')
const dearestOf = cacheKey<number>('Price.Dearest')

const pricing = domain('Price', {
  permissions: 'anonymous',
  readModels: [prices],
  handlers: [
    Price.decide(setPrice, 'sku', (_, { shelf, pence }) => [PriceSet({ shelf, pence })]),
    handle(getPrice, async ({ sku }, { cache }) => {
      const found = await cache.get(
        priceOf(sku),
        async ({ read }) => {
          console.log('loads', sku)
          return (await read(prices).get(sku))?.state.pence
        },
        { ttlMs: 60_000, aggregates: [[Price, sku]] },
      )
      return found ?? null
    }),
    handle(getShelf, async ({ shelf }, { cache }) => {
      const found = await cache.get(
        dearestOf(shelf),
        async ({ read }) => {
          console.log('loads', shelf)
          const { items } = await read(prices).list()
          return Math.max(...items.map(({ state }) => (state.shelf === shelf ? state.pence : 0)))
        },
        { ttlMs: 60_000, tags: [`shelf:${shelf}`] },
      )
      return found ?? 0
    }),
  ],
  // A price ends what was cached of its shelf, in the commit that stores it.
  cacheTags: [[PriceSet, ({ data }) => [`shelf:${(data as { readonly shelf: string }).shelf}`]]],
})

await using running = await createApp('shop', { domains: [pricing] }).start()
await running.dispatch(setPrice({ sku: 'tea', shelf: 'drinks', pence: 450 }))
for (let asked = 0; asked < 3; asked++) console.log(await running.query(getPrice({ sku: 'tea' })))
console.log(await running.query(getShelf({ shelf: 'drinks' })))
await running.dispatch(setPrice({ sku: 'tea', shelf: 'drinks', pence: 500 }))
console.log(await running.query(getPrice({ sku: 'tea' })))
console.log(await running.query(getShelf({ shelf: 'drinks' })))
const { hits, loads } = running.cache.state
console.log({ hits, loads })
