import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cacheSteps, playCacheSteps, runCacheStoreSuite } from '@gesta/core/conformance/cache-store'
import type { StorePlace } from '@gesta/core/conformance/cache-store'
import type { CacheStore } from '@gesta/core/ports'
import { redisForTests } from '@gesta/services'
import { redisCache } from '../src/index.ts'
import { runtime } from './runtime.ts'

const redis = await redisForTests()

async function newPlace(): Promise<StorePlace<CacheStore>> {
  const keys = redis.newKeys()
  return {
    open: () => redisCache({ url: keys.url, prefix: keys.prefix, timeoutMs: 30_000 }).open(runtime),
    remove: async () => keys[Symbol.asyncDispose](),
  }
}

describe('on Redis', { skip: redis.skip }, () => {
  runCacheStoreSuite(test, newPlace, {
    durable: true,
    shared: true,
    endless: 'every key in Redis has an end, so that none stays for ever',
  })

  test('a cache shows what a map would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (numbers) => {
        const place = await newPlace()
        const store = await place.open()
        try {
          await playCacheSteps(store, cacheSteps(numbers))
        } finally {
          await store[Symbol.asyncDispose]()
          await place.remove()
        }
      }),
      { numRuns: 20 },
    )
  })
})
