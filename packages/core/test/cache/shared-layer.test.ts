import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cacheKey } from '../../src/cache/cache-key.ts'
import { createMemoryCacheStore } from '../../src/stores/cache/memory-cache-store.ts'
import type { CacheStore } from '../../src/stores/cache/cache-store.ts'
import { settled } from '../fake-clock.ts'
import { createLog, createProcess, Price, slowLoad, untouched } from './given.ts'
import type { Log, Process } from './given.ts'

const priceOf = cacheKey<number>('Shop.Price')
const key = priceOf('tea')
const of = { ttlMs: 60_000, aggregates: [[Price, 'tea']] } as const
const never = (): Promise<never> => Promise.reject(new Error('It was to be found.'))

function twoProcesses(log: Log, wrap: (store: CacheStore) => CacheStore = (store) => store) {
  const store = createMemoryCacheStore(log.clock)
  const options = { manyWriters: true, sharedStore: wrap(store) }
  const begin = (): Process => createProcess(log, options)
  return { store, begin, here: begin(), there: begin() }
}

describe('a layer that processes share', () => {
  test('gives what another process has loaded, and what it found not to be there', async () => {
    const { here, there } = twoProcesses(createLog())
    await there.get(key, async () => 5, of)
    await there.get(priceOf('milk'), async () => undefined, untouched)
    await settled()
    assert.equal(await here.get(key, never, of), 5)
    assert.equal(await here.get(priceOf('milk'), never, untouched), undefined)
    assert.equal(here.cache.state.sharedHits, 2)
  })

  test('gives nothing that a write has ended, also to a process that has not heard of it', async () => {
    const log = createLog()
    const { here, there } = twoProcesses(log)
    const writer = createProcess(log)
    await there.get(key, async () => 5, of)
    await settled()
    await writer.write('Price', 'tea')
    assert.equal(await here.get(key, async () => 6, of), 6)
  })

  test('takes an old value from a slow reader, and gives it to nobody', async () => {
    const log = createLog()
    const { here, there, store } = twoProcesses(log)
    const writer = createProcess(log)
    const slow = slowLoad<number>()
    const reading = there.get(key, slow.load, of)
    await settled()
    await writer.write('Price', 'tea')
    assert.equal(await here.get(key, async () => 6, of), 6)
    // It has heard of nothing and puts what it has.
    slow.end(5)
    await reading
    await settled()
    assert.equal(await createProcess(log, { sharedStore: store }).get(key, async () => 6, of), 6)
    await here.hear()
    assert.equal(await here.get(key, async () => 6, of), 6)
    await there.hear()
    assert.equal(await there.get(key, async () => 6, of), 6)
  })

  test('keeps values for their own time, and stale ones for loads that fail', async () => {
    const log = createLog()
    const { here, there } = twoProcesses(log)
    const how = { ttlMs: 1_000, staleOnErrorMs: 10_000 }
    await there.get(key, async () => 5, how)
    await log.clock.advance(2_000)
    assert.equal(await here.get(key, () => Promise.reject(new Error('down')), how), 5)
    assert.equal(await here.get(key, async () => 6, how), 6)
  })

  test('tells of a write that a process has not heard of: the value of before does not stand in when loading fails', async () => {
    const log = createLog()
    const { here } = twoProcesses(log)
    const how = { ...of, ttlMs: 1_000, staleOnErrorMs: 60_000 }
    const fail = (): Promise<never> => Promise.reject(new Error('down'))
    await here.get(key, async () => 5, how)
    await log.clock.advance(2_000)
    assert.equal(await here.get(key, fail, how), 5)
    await createProcess(log).write('Price', 'tea')
    await assert.rejects(here.get(key, fail, how), /down/)
  })

  test('is left alone while it fails, and used again when it is back', async () => {
    const log = createLog()
    let away = true
    const { here, store } = twoProcesses(log, (inner) => ({
      ...inner,
      get: (asked) => (away ? Promise.reject(new Error('away')) : inner.get(asked)),
      set: (...entry) => (away ? Promise.reject(new Error('away')) : inner.set(...entry)),
    }))
    for (let n = 0; n < 10; n++) assert.equal(await here.get(priceOf(n), async () => n, untouched), n)
    const { sharedErrors, sharedSkipped, shared, loads } = here.cache.state
    assert.equal(shared, 'left alone')
    assert.equal(loads, 10)
    assert.ok(sharedErrors <= 4, `${sharedErrors} calls`)
    assert.ok(sharedSkipped > 0)
    away = false
    await log.clock.advance(20_000)
    await here.get(priceOf('back'), async () => 1, untouched)
    await settled()
    assert.equal(here.cache.state.shared, 'in use')
    assert.equal(await store.total(''), 1)
  })

  test('keeps nobody waiting that says nothing', async () => {
    const log = createLog()
    const silent = (): Promise<never> => new Promise(() => undefined)
    const { here } = twoProcesses(log, (inner) => ({ ...inner, get: silent, set: silent }))
    assert.equal(await log.clock.finish(here.get(key, async () => 5, of)), 5)
    assert.equal(here.cache.state.sharedErrors, 1)
  })

  test('gives out nothing of a tenant that was kept before somebody of it was erased, and removes it', async () => {
    const log = createLog()
    const { here, there, store } = twoProcesses(log)
    await there.get(key, async () => 5, untouched, { tenant: 'acme' })
    await settled()
    assert.equal(await store.total('acme'), 1)
    await here.write('Gesta.Subject', 'ada', 'acme')
    await settled()
    assert.equal(await store.total('acme'), 0)
    assert.equal(await here.get(key, async () => 6, untouched, { tenant: 'acme' }), 6)
  })

  test('gives that out to no process either that begins after the erasure, although nobody could remove it', async () => {
    const log = createLog()
    let away = false
    const { here, store, begin } = twoProcesses(log, (inner) => ({
      ...inner,
      flush: (tenant) => (away ? Promise.reject(new Error('away')) : inner.flush(tenant)),
    }))
    await here.get(key, async () => 5, untouched, { tenant: 'acme' })
    await settled()
    away = true
    await here.write('Gesta.Subject', 'ada', 'acme')
    await settled()
    assert.equal(await store.total('acme'), 1)
    const later = begin()
    assert.equal(await later.get(key, async () => 6, untouched, { tenant: 'acme' }), 6)
    const last = begin()
    await settled()
    assert.equal(await last.get(key, async () => 7, untouched, { tenant: 'acme' }), 6)
  })

  test('is not trusted with what is none of its values', async () => {
    const log = createLog()
    const { here, store } = twoProcesses(log)
    const name = { tenant: '', key: `cached/${log.store.identity.incarnation}/${key.text}` }
    for (const text of ['null', '[]', '["a",1,2]', '{"at":1}', 'not json']) {
      await store.set(name, text)
      assert.equal(await here.get(key, async () => 5, untouched), 5)
      await here.cache.forget(key, '')
    }
  })

  test('gets what is too large for it from the load', async () => {
    const log = createLog()
    const { here, store } = twoProcesses(log)
    const textOf = cacheKey<string>('Shop.Text')
    const long = 'x'.repeat(400_000)
    assert.equal(await here.get(textOf(1), async () => long, untouched), long)
    await settled()
    assert.equal(await store.total(''), 0)
    assert.equal(here.cache.state.sharedErrors, 0)
  })
})
