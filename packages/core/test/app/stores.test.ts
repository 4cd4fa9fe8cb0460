import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, logDestination } from '../../src/index.ts'
import type { CacheStore, DataStore, LogStore, SingleStore } from '../../src/index.ts'
import type { Store } from '../../src/stores/store.ts'
import { createMemoryCacheStore } from '../../src/stores/cache/memory-cache-store.ts'
import { createMemoryDataStore } from '../../src/stores/data/memory-data-store.ts'
import { createMemoryLogStore } from '../../src/stores/log/memory-log-store.ts'
import type { BackendRuntime } from '../../src/stores/backend.ts'
import { isGestaError } from '../../src/errors/gesta-error.ts'

const app = createApp('empty', { domains: [] })
const at = { tenant: '', bucket: 'b', object: 'o' }

/** A single store that tells when it is opened and closed. */
function single<Port extends Store>(
  name: string,
  told: string[],
  make: (runtime: BackendRuntime) => Port,
): SingleStore<Port> {
  return {
    backend: 'test',
    open: async (runtime) => {
      told.push(`${name} opened`)
      const store = make(runtime)
      return {
        ...store,
        [Symbol.asyncDispose]: async () => {
          told.push(`${name} closed`)
          await store[Symbol.asyncDispose]()
        },
      }
    },
  }
}

describe('the stores of a started app', () => {
  test('are those of its backend, and closed with it', async () => {
    const running = await app.start()
    const { data, cache, log } = running.stores
    await data.set({ ...at, contentType: 'text/plain', content: new Uint8Array([1]) })
    await cache.set({ tenant: '', key: 'k' }, '1')
    await log.append([{ level: 'info', at: 1, tenant: '', text: 'a' }])
    assert.deepEqual([await data.total(), await cache.total(), await log.total()], [1, 1, 1])
    await running[Symbol.asyncDispose]()
    for (const call of [data.total(), cache.total(), log.total()])
      await assert.rejects(call, (error) => isGestaError(error, 'store_closed'))
  })

  test('can be replaced one by one, are opened with the clock of the app, and closed with it in reverse', async () => {
    const told: string[] = []
    const data = single<DataStore>('data', told, ({ clock }) => createMemoryDataStore(clock))
    const cache = single<CacheStore>('cache', told, ({ clock }) => createMemoryCacheStore(clock))
    const log = single<LogStore>('log', told, ({ clock }) => createMemoryLogStore(clock))
    {
      await using running = await app.start({ data, cache, log })
      await running.stores.data.set({ ...at, contentType: 'text/plain', content: new Uint8Array([1]) })
      assert.equal(await running.stores.data.total(), 1)
      told.push('running')
    }
    assert.deepEqual(told, [
      'data opened',
      'cache opened',
      'log opened',
      'running',
      'log closed',
      'cache closed',
      'data closed',
    ])
  })

  test('are all closed again when one of them cannot be opened', async () => {
    const told: string[] = []
    const data = single<DataStore>('data', told, ({ clock }) => createMemoryDataStore(clock))
    const cache: SingleStore<CacheStore> = { backend: 'test', open: () => Promise.reject(new Error('no server')) }
    await assert.rejects(app.start({ data, cache }), /no server/)
    assert.deepEqual(told, ['data opened', 'data closed'])
  })

  test('take the lines of a logger', async () => {
    await using running = await app.start()
    {
      await using lines = logDestination(running)
      lines.write(`${JSON.stringify({ level: 50, time: 1000, msg: 'failed', tenant: 'acme' })}\n`)
    }
    const { items } = await running.stores.log.list({ level: 'error', tenant: 'acme' })
    assert.deepEqual(
      items.map(({ text, at: time }) => [text, time]),
      [['failed', 1_000_000]],
    )
  })

  test('a destination with an unknown option or a wrong one is refused', async () => {
    await using running = await app.start()
    assert.throws(() => logDestination(running, { gather: 1 } as object), /no option "gather"/)
    assert.throws(() => logDestination(running, { gatherMs: -1 }), /whole number from 0/)
  })
})
