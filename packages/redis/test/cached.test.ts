// The cache of apps over Redis: several apps on one log, which hear of each other's commits as processes do, by reading it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cacheKey, createApp, memory } from '@gesta/core'
import type { Running } from '@gesta/core'
import type { AppendListener, Backend, Commit, OpenBackend } from '@gesta/core/ports'
import { ownRedisForTests, redisForTests } from '@gesta/services'
import { redisCache } from '../src/index.ts'
import { until } from './given.ts'
import { runtime } from './runtime.ts'

const redis = await redisForTests()
const own = await ownRedisForTests()
const keyOf = cacheKey<number>('Test.Value')
const Counter = { name: 'Gesta.CacheTag' }
type App = Running<string, string>

/** The log as one of several processes has it: it hears at once of what it stored itself alone. */
function separate(opened: OpenBackend): Backend {
  const stored = new WeakSet<Commit>()
  const { events } = opened
  const closed = { [Symbol.asyncDispose]: async () => undefined }
  return {
    backend: 'memory',
    open: async () => ({
      ...opened,
      shared: true,
      events: {
        ...events,
        commit: (commit, options) => {
          stored.add(commit)
          return events.commit(commit, options)
        },
        onAppend: (listener: AppendListener) =>
          events.onAppend((all) => listener(all.filter(({ commit }) => stored.has(commit)))),
        ...closed,
      },
      ...closed,
    }),
  }
}

async function startOn(opened: OpenBackend, url: string, prefix: string): Promise<App> {
  const app = createApp('cached', { domains: [] })
  const cache = redisCache({ url, prefix, timeoutMs: 30_000 })
  return app.start({ store: separate(opened), cache, caching: { sharedTimeoutMs: 30_000 } })
}

/** A value that only grows, and the one event that says so: of a tag, which any app may store. */
function counterOf(name: string) {
  const options = { ttlMs: 600_000, aggregates: [[Counter, name]] } as const
  let value = 0
  return {
    write: async (app: App): Promise<number> => {
      const written = ++value
      await app.cache.invalidate([name])
      return written
    },
    now: () => value,
    get: async (app: App, load: () => Promise<number> = async () => value): Promise<number> =>
      (await app.cache.get(keyOf(name), load, options)) ?? -1,
  }
}

describe('a cache over Redis', { skip: redis.skip }, () => {
  test('gives no app what a slow reader puts there after a write', async () => {
    await using keys = redis.newKeys()
    await using opened = await memory().open(runtime)
    await using reader = await startOn(opened, keys.url, keys.prefix)
    await using writer = await startOn(opened, keys.url, keys.prefix)
    const counter = counterOf('tea')
    const slow = Promise.withResolvers<number>()
    const reading = counter.get(reader, () => slow.promise)
    await until(async () => reader.cache.state.loads === 1)
    assert.equal(await counter.write(writer), 1)
    assert.equal(await counter.get(writer), 1)
    slow.resolve(0)
    await reading
    // Whoever comes now has nothing in memory, and asks Redis.
    for (let n = 0; n < 3; n++) {
      await using late = await startOn(opened, keys.url, keys.prefix)
      assert.equal(await counter.get(late), 1)
    }
    await until(async () => (await counter.get(reader)) === 1)
  })

  test('shares what was loaded, so that the others load nothing', async () => {
    await using keys = redis.newKeys()
    await using opened = await memory().open(runtime)
    await using one = await startOn(opened, keys.url, keys.prefix)
    await using other = await startOn(opened, keys.url, keys.prefix)
    const counter = counterOf('tea')
    await counter.write(one)
    assert.equal(await counter.get(one), 1)
    const load = (): Promise<number> => Promise.reject(new Error('It was to be found.'))
    await until(async () => (await counter.get(other, load).catch(() => 0)) === 1)
    assert.equal(other.cache.state.sharedHits, 1)
  })

  test('leaves nobody with an old value, with readers and writers in any order', async () => {
    await using keys = redis.newKeys()
    await using opened = await memory().open(runtime)
    await using one = await startOn(opened, keys.url, keys.prefix)
    await using other = await startOn(opened, keys.url, keys.prefix)
    const apps = [one, other]
    const counter = counterOf('tea')
    const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
    const work = apps.flatMap((app) => {
      let known = 0
      const write = async (): Promise<void> => {
        for (let n = 0; n < 40; n++) {
          known = Math.max(known, await counter.write(app))
          await turns()
        }
      }
      const read = async (): Promise<void> => {
        for (let n = 0; n < 200; n++) {
          const atLeast = known
          const value = await counter.get(app, async () => {
            const seen = counter.now()
            await turns()
            return seen
          })
          assert.ok(value >= atLeast, `received ${value}, which is older than ${atLeast}`)
          if (n % 4 === 0) await turns()
        }
      }
      return [write(), read(), read(), read()]
    })
    await Promise.all(work)
    for (const app of apps) await until(async () => (await counter.get(app)) === counter.now())
    await using late = await startOn(opened, keys.url, keys.prefix)
    assert.equal(await counter.get(late), counter.now())
  })
})

describe('a cache whose Redis is away', { skip: own.skip }, () => {
  test('lets an app start without it, and is used once it is there', async () => {
    await using server = await own.start()
    await server.stop('immediate')
    await using opened = await memory().open(runtime)
    await using app = await startOn(opened, server.url, 'test:')
    const counter = counterOf('tea')
    await counter.write(app)
    assert.equal(await counter.get(app), 1)
    await server.start()
    await until(async () => {
      await app.cache.get(keyOf(Math.random()), async () => 1, { ttlMs: 1_000 })
      return app.cache.state.shared === 'in use'
    })
    assert.equal(await counter.get(app), 1)
  })

  test('loads by itself, says so, and shares again when it is back', async () => {
    await using server = await own.start()
    await using opened = await memory().open(runtime)
    await using app = await startOn(opened, server.url, 'test:')
    const counter = counterOf('tea')
    await counter.write(app)
    assert.equal(await counter.get(app), 1)
    await server.stop('immediate')
    for (let n = 2; n < 12; n++) {
      await counter.write(app)
      assert.equal(await counter.get(app), n)
    }
    assert.equal(app.cache.state.shared, 'left alone')
    assert.ok(app.cache.state.sharedErrors > 0)
    await server.start()
    await until(async () => {
      await app.cache.get(keyOf(Math.random()), async () => 1, { ttlMs: 1_000 })
      return app.cache.state.shared === 'in use'
    })
    await counter.write(app)
    assert.equal(await counter.get(app), 12)
  })
})
