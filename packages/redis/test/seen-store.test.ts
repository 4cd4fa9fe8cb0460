import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { playSeenSteps, runSeenStoreSuite, seenSteps } from '@gesta/core/conformance/seen-store'
import type { SeenStorePlace } from '@gesta/core/conformance/seen-store'
import { isGestaError } from '@gesta/core/ports'
import { ownRedisForTests, redisForTests } from '@gesta/services'
import { redisSeen } from '../src/index.ts'
import { connect, until } from './given.ts'
import { runtime } from './runtime.ts'

const redis = await redisForTests()
const ownRedis = await ownRedisForTests()
const idsMax = 20

async function newPlace(): Promise<SeenStorePlace> {
  const keys = redis.newKeys()
  return {
    idsMax,
    open: () => redisSeen({ url: keys.url, prefix: keys.prefix, idsMax, timeoutMs: 30_000 }).open(runtime),
    remove: async () => keys[Symbol.asyncDispose](),
  }
}

describe('seen events on Redis', { skip: redis.skip }, () => {
  runSeenStoreSuite(test, newPlace, { counted: true, durable: true, shared: true })

  test('hold what a list would hold, whatever is marked in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), async (drawn) => {
        const place = await newPlace()
        const store = await place.open()
        try {
          await playSeenSteps(store, idsMax, seenSteps(drawn))
        } finally {
          await store[Symbol.asyncDispose]()
          await place.remove()
        }
      }),
      { numRuns: 15 },
    )
  })

  test('are forgotten when their time is over, and nothing of them stays', async () => {
    await using keys = redis.newKeys()
    await using store = await redisSeen({ url: keys.url, prefix: keys.prefix, ttlMs: 1000, timeoutMs: 30_000 }).open(
      runtime,
    )
    await using client = await connect(keys.url)
    await store.mark('mails', ['a', 'b'])
    for (const key of await client.redis.keys(`${keys.prefix}*`)) assert.ok((await client.redis.pTTL(key)) <= 1000)
    await until(async () => (await store.total()) === 0)
    assert.equal((await store.seen('mails', ['a', 'b'])).size, 0)
    await until(async () => (await client.redis.keys(`${keys.prefix}*`)).length === 0)
  })

  test('a mark that is repeated lives on while others are forgotten', async () => {
    await using keys = redis.newKeys()
    await using store = await redisSeen({ url: keys.url, prefix: keys.prefix, ttlMs: 1000, timeoutMs: 30_000 }).open(
      runtime,
    )
    await store.mark('mails', ['a', 'b'])
    await until(async () => {
      await store.mark('mails', ['b'])
      const seen = await store.seen('mails', ['a', 'b'])
      return seen.has('b') && !seen.has('a')
    })
  })
})

describe('seen events on a Redis that fails', { skip: ownRedis.skip }, () => {
  test('are there again when the server is', async () => {
    await using server = await ownRedis.start()
    await using store = await redisSeen({ url: server.url, timeoutMs: 30_000 }).open(runtime)
    await store.mark('mails', ['a'])
    await server.stop('immediate')
    for (const call of [() => store.seen('mails', ['a']), () => store.mark('mails', ['b']), () => store.total()])
      await assert.rejects(call, (error) => isGestaError(error, 'store_unavailable'))
    await server.start()
    await until(async () => (await store.seen('mails', ['a']).catch(() => new Set<string>())).has('a'))
  })
})

describe('redisSeen()', () => {
  test('refuses what it cannot use', () => {
    const url = 'redis://127.0.0.1'
    assert.throws(() => redisSeen({ url, ttlMS: 1 } as never), /Did you mean "ttlMs"/)
    assert.throws(() => redisSeen({ url: 'http://127.0.0.1' }), /Expected url to be redis:/)
    assert.throws(() => redisSeen({ url, prefix: '' }), /prefix of at least one character/)
    assert.throws(() => redisSeen({ url, idsMax: 0 }), /idsMax .* from 1/)
    assert.throws(() => redisSeen({ url, ttlMs: 999 }), /ttlMs .* from 1000 to/)
    assert.throws(() => redisSeen({ url, timeoutMs: 0 }), /timeoutMs .* from 1 to 60000/)
  })
})
