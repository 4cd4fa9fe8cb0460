import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { isGestaError } from '@gesta/core'
import { cacheSteps, playCacheSteps } from '../../../src/conformance/cache-store/index.ts'
import { encryptedCacheStore } from '../../../src/stores/cache/encrypted-cache-store.ts'
import { createMemoryCacheStore } from '../../../src/stores/cache/memory-cache-store.ts'
import type { KeyStore } from '../../../src/stores/key/key-store.ts'
import { createMemoryKeyStore } from '../../../src/stores/key/memory-key-store.ts'
import { newKeyring, second } from '../key/secrets.ts'
import { runtime } from '../runtime.ts'

const at = { tenant: 't', key: 'a' }

describe('a sealed cache', () => {
  test('shows what a map would hold, whatever is done in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 30 }), (numbers) =>
        playCacheSteps(
          encryptedCacheStore(createMemoryCacheStore(runtime.clock), newKeyring().keyring),
          cacheSteps(numbers),
        ),
      ),
      { numRuns: 50 },
    )
  })

  test('holds nothing that can be read, and lists what it was given', async () => {
    const inner = createMemoryCacheStore(runtime.clock)
    const cache = encryptedCacheStore(inner, newKeyring().keyring)
    await cache.set(at, '{"name":"Ann"}', { ttlMs: 60_000 })
    assert.doesNotMatch((await inner.get(at)) ?? '', /Ann/)
    const [entry] = (await cache.list('t', { withTotal: true })).items
    assert.equal(entry?.value, '{"name":"Ann"}')
    assert.ok((entry?.expiresInMs ?? 0) > 0)
    assert.deepEqual((await cache.info()).store, 'cache')
  })

  test('does not find what does not open: it was moved, its key is another one, or was destroyed', async () => {
    const inner = createMemoryCacheStore(runtime.clock)
    const { keys, keyring } = newKeyring()
    const cache = encryptedCacheStore(inner, keyring)
    await cache.set(at, '1')
    await cache.set({ tenant: 'u', key: 'a' }, '1')
    const sealed = (await inner.get(at)) ?? ''
    for (const moved of [
      { tenant: 't', key: 'b' },
      { tenant: 'u', key: 'a' },
    ]) {
      await inner.set(moved, sealed)
      assert.equal(await cache.get(moved), undefined)
    }
    assert.deepEqual((await cache.list('t')).items.length, 1)
    assert.equal(await encryptedCacheStore(inner, newKeyring().keyring).get(at), undefined)
    assert.equal(await encryptedCacheStore(inner, newKeyring(keys, [second]).keyring).get(at), undefined)
    await keys.shred({ tenant: 't', subject: '' }, 'gone', 1)
    assert.equal(await encryptedCacheStore(inner, newKeyring(keys).keyring).get(at), undefined)
  })

  test('finds what was cached before it was sealed, and tells when the key store does not answer', async () => {
    const inner = createMemoryCacheStore(runtime.clock)
    await inner.set(at, '"before"')
    assert.equal(await encryptedCacheStore(inner, newKeyring().keyring).get(at), '"before"')
    const keys = createMemoryKeyStore()
    await encryptedCacheStore(inner, newKeyring(keys).keyring).set(at, '"after"')
    const away: KeyStore = { ...keys, get: () => Promise.reject(new Error('away')) }
    await assert.rejects(encryptedCacheStore(inner, newKeyring(away).keyring).get(at), /away/)
  })

  test('refuses what a cache refuses', async () => {
    const cache = encryptedCacheStore(createMemoryCacheStore(runtime.clock), newKeyring().keyring)
    await assert.rejects(cache.set({ tenant: 't', key: '' }, '1'), (error) => isGestaError(error, 'invalid_key'))
    await assert.rejects(cache.set(at, ''), (error) => isGestaError(error, 'invalid_output'))
    await assert.rejects(cache.set(at, '1', { ttlMs: 0 }), RangeError)
    const long = `"${'x'.repeat(1_000_000)}"`
    await assert.rejects(cache.set(at, long), (error) => isGestaError(error, 'payload_too_large'))
  })
})
