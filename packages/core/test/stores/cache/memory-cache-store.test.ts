import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cacheSteps, playCacheSteps, runCacheStoreSuite } from '../../../src/conformance/cache-store/index.ts'
import { createMemoryCacheStore } from '../../../src/stores/cache/memory-cache-store.ts'
import { createFakeClock } from '../../fake-clock.ts'
import { runtime } from '../runtime.ts'

runCacheStoreSuite(
  test,
  async () => ({ open: async () => createMemoryCacheStore(runtime.clock), remove: async () => undefined }),
  { durable: 'memory ends with its process', shared: 'memory belongs to one process', endless: true },
)

const at = (key: string): { tenant: string; key: string } => ({ tenant: 'tenant-1', key })

describe('a cache in memory', () => {
  test('shows what a map would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), (numbers) =>
        playCacheSteps(createMemoryCacheStore(runtime.clock), cacheSteps(numbers)),
      ),
      { numRuns: 50 },
    )
  })

  test('counts time by the clock that it was given', async () => {
    const clock = createFakeClock()
    const cache = createMemoryCacheStore(clock)
    await cache.set(at('a'), '1', { ttlMs: 1000 })
    await clock.advance(999)
    assert.equal(await cache.get(at('a')), '1')
    assert.equal((await cache.list('tenant-1')).items[0]?.expiresInMs, 1)
    await clock.advance(2)
    assert.equal(await cache.get(at('a')), undefined)
    assert.equal(await cache.total(), 0)
    assert.equal(clock.timers, 0)
  })

  test('drops what was not asked for the longest when it has no room, in entries and in bytes', async () => {
    const few = createMemoryCacheStore(runtime.clock, { bytesMax: 1_000_000, entriesMax: 3 })
    for (const key of ['a', 'b', 'c']) await few.set(at(key), '1')
    await few.get(at('a'))
    await few.set(at('d'), '1')
    assert.deepEqual(
      (await few.list('tenant-1')).items.map(({ key }) => key),
      ['a', 'c', 'd'],
    )
    const small = createMemoryCacheStore(runtime.clock, { bytesMax: 1000, entriesMax: 100 })
    for (const key of ['a', 'b', 'c']) await small.set(at(key), `"${'x'.repeat(200)}"`)
    assert.equal(await small.total(), 2)
    assert.ok(Number((await small.info()).details['bytes']) <= 1000)
  })

  test('does not keep what has no room at all, nor the value before it', async () => {
    const small = createMemoryCacheStore(runtime.clock, { bytesMax: 1000, entriesMax: 100 })
    await small.set(at('a'), '1')
    await small.set(at('b'), '1')
    await small.set(at('a'), `"${'x'.repeat(2000)}"`)
    assert.equal(await small.get(at('a')), undefined)
    assert.equal(await small.get(at('b')), '1')
  })
})
