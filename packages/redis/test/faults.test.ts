import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { createClient } from '@redis/client'
import type { RedisClientType } from '@redis/client'
import { isGestaError } from '@gesta/core/ports'
import type { CacheStore, ErrorCode } from '@gesta/core/ports'
import { ownRedisForTests, startTcpProxy } from '@gesta/services'
import { redisCache } from '../src/index.ts'
import { runtime } from './runtime.ts'

const redis = await ownRedisForTests()
const at = { tenant: 't', key: 'k' }
const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
const open = (url: string, timeoutMs = 30_000): Promise<CacheStore> => redisCache({ url, timeoutMs }).open(runtime)

/** A connection beside the cache's. */
async function connect(url: string): Promise<{ readonly redis: RedisClientType } & AsyncDisposable> {
  const client: RedisClientType = createClient({ url })
  await client.connect()
  return { redis: client, [Symbol.asyncDispose]: async () => client.destroy() }
}

/** Asks until there is an answer, as a caller that goes on would. */
async function untilAnswered<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isGestaError(error, 'store_unavailable')) throw error
    }
  }
}

describe('a cache whose server fails', { skip: redis.skip }, () => {
  test('says store_unavailable while the server is away, and goes on by itself when it is back', async () => {
    await using server = await redis.start()
    await using cache = await open(server.url)
    await cache.set(at, '1')
    await server.stop('immediate')
    for (const call of [() => cache.get(at), () => cache.set(at, '2'), () => cache.list('t'), () => cache.flush()])
      await assert.rejects(call, is('store_unavailable'))
    await server.start()
    assert.equal(await untilAnswered(() => cache.get(at)), '1')
    await cache.set(at, '3')
    assert.equal(await cache.get(at), '3')
  })

  test('says store_unavailable to calls in flight when connections are cut, and goes on', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    await using cache = await open(proxy.through(server.url))
    await cache.set(at, '1')
    proxy.impose({ silent: true })
    const calls = [cache.get(at), cache.get(at), cache.total()]
    proxy.cut()
    for (const { status } of await Promise.allSettled(calls)) assert.equal(status, 'rejected')
    proxy.heal()
    assert.equal(await untilAnswered(() => cache.get(at)), '1')
  })

  test('does not wait for a server that says nothing, neither for its answer nor for a connection', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    await using cache = await untilAnswered(() => open(proxy.through(server.url), 100))
    await untilAnswered(() => cache.set(at, '1'))
    proxy.impose({ silent: true })
    for (let call = 0; call < 3; call += 1) await assert.rejects(cache.get(at), is('store_unavailable'))
    proxy.heal()
    assert.equal(await untilAnswered(() => cache.get(at)), '1')
  })

  test('closes in time, also while the server says nothing', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    const cache = await untilAnswered(() => open(proxy.through(server.url), 100))
    proxy.impose({ silent: true })
    const call = cache.get(at)
    await Promise.all([cache[Symbol.asyncDispose](), assert.rejects(call, is('store_unavailable'))])
    await assert.rejects(cache.get(at), is('store_closed'))
    proxy.heal()
    while (proxy.connections > 0) await new Promise((resolve) => setImmediate(resolve))
  })

  test('is opened without a server, and found when there is one', async () => {
    await using server = await redis.start()
    await server.stop('fast')
    await using cache = await open(server.url)
    await assert.rejects(cache.get(at), is('store_unavailable'))
    await server.start()
    assert.equal(await untilAnswered(() => cache.get(at)), undefined)
  })

  test('is not opened on a server that refuses', async () => {
    await using server = await redis.start()
    {
      await using client = await connect(server.url)
      await client.redis.configSet('requirepass', 'right')
    }
    await assert.rejects(open(server.url), is('store_unavailable'))
  })

  test('says store_full when the memory of the server is full and nothing may be evicted, and reads on', async () => {
    await using server = await redis.start({ settings: { maxmemory: '3mb', 'maxmemory-policy': 'noeviction' } })
    await using cache = await open(server.url)
    const fill = async (): Promise<void> => {
      for (let index = 0; ; index += 1) await cache.set({ tenant: 't', key: `k${index}` }, `"${'x'.repeat(100_000)}"`)
    }
    await assert.rejects(fill(), is('store_full'))
    assert.equal((await cache.get({ tenant: 't', key: 'k0' }))?.length, 100_002)
    await cache.delete({ tenant: 't', key: 'k0' })
  })

  test('lists and counts what is left when the server evicts', async () => {
    await using server = await redis.start({ settings: { maxmemory: '5mb', 'maxmemory-policy': 'allkeys-lru' } })
    await using cache = await open(server.url)
    for (let index = 0; index < 100; index += 1)
      await cache.set({ tenant: 't', key: `k${String(index).padStart(3, '0')}` }, `"${'x'.repeat(100_000)}"`)
    const { items } = await cache.list('t', { limit: 1000 })
    assert.ok(items.length < 100)
    for (const { key, value } of items) {
      assert.equal(value.length, 100_002)
      // A look evicts, too: answers need memory.
      const found = await cache.get({ tenant: 't', key })
      assert.ok(found === undefined || found === value)
    }
    assert.ok((await cache.total('t')) < 100)
  })

  test('says that a node of a cluster is none that it can use', async () => {
    await using server = await redis.start({ settings: { 'cluster-enabled': 'yes' } })
    await using cache = await open(server.url)
    await assert.rejects(cache.set(at, '1'), /is a node of a cluster/)
  })

  test('shows no secret of its URL in any error', async () => {
    await using server = await redis.start()
    {
      await using client = await connect(server.url)
      await client.redis.configSet('requirepass', 'right-secret')
    }
    const url = new URL(server.url)
    url.password = 'wrong-secret'
    url.username = 'somebody'
    const failures: unknown[] = []
    const keep = (error: unknown): void => void failures.push(error)
    await open(url.href).catch(keep)
    await server.stop('fast')
    {
      await using cache = await open(url.href)
      await cache.get(at).catch(keep)
    }
    for (const wrong of [
      `http://a:wrong-secret@host`,
      `redis:/wrong-secret`,
      'wrong-secret',
      `redis://:wrong-secret@host/x`,
    ]) {
      try {
        redisCache({ url: wrong })
      } catch (error) {
        keep(error)
      }
    }
    assert.equal(failures.length, 6)
    for (const failure of failures)
      assert.doesNotMatch(inspect(failure, { depth: 20, showHidden: true }), /secret|somebody/)
    assert.ok(failures.slice(0, 2).every(is('store_unavailable')))
  })
})

describe('the keys of a cache', { skip: redis.skip }, () => {
  test('all have an end, also epochs and indexes, and a name does not outlive its entry for long', async () => {
    await using server = await redis.start()
    await using cache = await redisCache({ url: server.url, prefix: 'p:', ttlMsMax: 60_000 }).open(runtime)
    await using client = await connect(server.url)
    for (let index = 0; index < 100; index += 1)
      await cache.set({ tenant: 't', key: `short-${index}` }, '1', { ttlMs: 1 })
    while ((await cache.get({ tenant: 't', key: 'short-99' })) !== undefined);
    await cache.set({ tenant: 't', key: 'endless' }, '1')
    await cache.set({ tenant: 't', key: 'long' }, '1', { ttlMs: 31_536_000_000 })
    await cache.flush('t')
    await cache.set({ tenant: '', key: 'again' }, '1')
    const keys = await client.redis.keys('*')
    assert.ok(keys.length > 6)
    for (const key of keys) {
      assert.match(key, /^p:/)
      const leftMs = await client.redis.pTTL(key)
      assert.ok(leftMs > 0 && leftMs <= 60_000, `${key} ${leftMs}`)
      // Each write removes up to 16 names whose entries have expired.
      if (key.startsWith('p:names')) assert.ok((await client.redis.zCard(key)) < 100 - 2 * 15)
    }
  })

  test('a server that forgot the scripts is given them again', async () => {
    await using server = await redis.start()
    await using cache = await open(server.url)
    await using client = await connect(server.url)
    await cache.set(at, '1')
    await client.redis.scriptFlush()
    assert.equal(await cache.delete(at), true)
  })

  test('an epoch that was evicted empties the cache, and brings nothing back', async () => {
    await using server = await redis.start()
    await using cache = await redisCache({ url: server.url, prefix: 'p:' }).open(runtime)
    await using client = await connect(server.url)
    await cache.set(at, '1')
    await cache.flush('t')
    await client.redis.del('p:epoch:t')
    assert.equal(await cache.get(at), undefined)
    assert.deepEqual((await cache.list('t')).items, [])
    await cache.set({ tenant: 't', key: 'other' }, '2')
    assert.equal(await cache.get(at), undefined)
    assert.equal(await cache.total('t'), 1)
    assert.equal(await cache.total(), 1)
  })
})

describe('redisCache()', () => {
  test('refuses what it cannot use', () => {
    const url = 'redis://127.0.0.1'
    assert.throws(() => redisCache({ url, timeout: 1 } as never), /Did you mean "timeoutMs"/)
    assert.throws(() => redisCache({ url: 'http://127.0.0.1' }), /Expected url to be redis:/)
    assert.throws(() => redisCache({ url: `${url}/shop` }), /number of a database/)
    assert.throws(() => redisCache({ url, prefix: '' }), /prefix of at least one character/)
    assert.throws(() => redisCache({ url, ttlMsMax: 999 }), /ttlMsMax .* from 1000 to/)
    assert.throws(() => redisCache({ url, timeoutMs: 0 }), /timeoutMs .* from 1 to 60000/)
  })
})
