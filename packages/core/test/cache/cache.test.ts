import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cacheKey } from '../../src/cache/cache-key.ts'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import { settled } from '../fake-clock.ts'
import { createLog, createProcess, Price, slowLoad, untouched } from './given.ts'

const priceOf = cacheKey<{ readonly pence: number }>('Shop.Price')
const textOf = cacheKey<string>('Shop.Text')
const key = priceOf('tea')
const of = { ttlMs: 60_000, aggregates: [[Price, 'tea']] } as const

describe('a cache', () => {
  test('loads a value once, and gives the same frozen one to who asks later', async () => {
    const { cache, get } = createProcess(createLog())
    const given = { pence: 5 }
    const first = await get(key, async () => given, untouched)
    const second = await get(key, () => Promise.reject(new Error('again')), untouched)
    assert.deepEqual(first, given)
    assert.equal(first, second)
    assert.notEqual(first, given)
    assert.ok(Object.isFrozen(first))
    const { hits, misses, loads, entries } = cache.state
    assert.deepEqual({ hits, misses, loads, entries }, { hits: 1, misses: 1, loads: 1, entries: 1 })
  })

  test('loads once for a thousand that ask at once', async () => {
    const { cache, get } = createProcess(createLog())
    const slow = slowLoad<{ pence: number }>()
    const asked = Array.from({ length: 1_000 }, () => get(key, slow.load, untouched))
    await settled()
    slow.end({ pence: 7 })
    assert.deepEqual(new Set((await Promise.all(asked)).map((price) => price?.pence)), new Set([7]))
    assert.equal(slow.calls, 1)
    assert.equal(cache.state.loads, 1)
    assert.equal(cache.state.joined, 999)
  })

  test('gives an error of a load to all who wait for it, and keeps none', async () => {
    const { cache, get } = createProcess(createLog())
    const { load, fail } = slowLoad<{ pence: number }>()
    const asked = [get(key, load, untouched), get(key, load, untouched)]
    await settled()
    fail(new Error('no prices today'))
    for (const one of asked) await assert.rejects(one, /no prices today/)
    assert.deepEqual(await get(key, async () => ({ pence: 1 }), untouched), { pence: 1 })
    assert.equal(cache.state.loadErrors, 1)
  })

  test('ends a value after its time, less up to a tenth', async () => {
    const log = createLog()
    const { get } = createProcess(log)
    await get(key, async () => ({ pence: 1 }), { ttlMs: 1_000 })
    await log.clock.advance(899)
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), { ttlMs: 1_000 }), { pence: 1 })
    await log.clock.advance(101)
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), { ttlMs: 1_000 }), { pence: 2 })
  })

  test('ends values that were loaded together at different times', async () => {
    const log = createLog()
    const { get } = createProcess(log)
    const load = async (): Promise<string> => 'old'
    for (let n = 0; n < 100; n++) await get(textOf(n), load, { ttlMs: 10_000 })
    await log.clock.advance(9_500)
    const found = await Promise.all(Array.from({ length: 100 }, (_, n) => get(textOf(n), async () => 'new', untouched)))
    assert.deepEqual(new Set(found), new Set(['old', 'new']))
  })

  test('remembers for a shorter time that there is none', async () => {
    const log = createLog()
    const { cache, get } = createProcess(log)
    const how = { ttlMs: 60_000, negativeTtlMs: 1_000 }
    assert.equal(await get(key, async () => undefined, how), undefined)
    assert.equal(await get(key, async () => ({ pence: 1 }), how), undefined)
    assert.equal(cache.state.negativeHits, 1)
    await log.clock.advance(1_000)
    assert.deepEqual(await get(key, async () => ({ pence: 1 }), how), { pence: 1 })
  })

  test('does not remember it with a time of 0', async () => {
    const { get } = createProcess(createLog())
    const how = { ttlMs: 60_000, negativeTtlMs: 0 }
    assert.equal(await get(key, async () => undefined, how), undefined)
    assert.deepEqual(await get(key, async () => ({ pence: 1 }), how), { pence: 1 })
  })

  test('gives a value whose time is over while loading fails, as long as it may', async () => {
    const log = createLog()
    const { cache, get } = createProcess(log)
    const how = { ttlMs: 1_000, staleOnErrorMs: 5_000 }
    const fail = (): Promise<never> => Promise.reject(new Error('down'))
    await get(key, async () => ({ pence: 1 }), how)
    await log.clock.advance(3_000)
    assert.deepEqual(await get(key, fail, how), { pence: 1 })
    assert.equal(cache.state.stale, 1)
    await log.clock.advance(4_000)
    await assert.rejects(get(key, fail, how), /down/)
  })

  test('gives a value whose time is over at once while it is loaded behind it', async () => {
    const log = createLog()
    const { get } = createProcess(log)
    const how = { ttlMs: 1_000, staleWhileLoadingMs: 5_000 }
    await get(key, async () => ({ pence: 1 }), how)
    await log.clock.advance(1_500)
    const { load, end } = slowLoad<{ pence: number }>()
    assert.deepEqual(await get(key, load, how), { pence: 1 })
    end({ pence: 2 })
    await settled()
    assert.deepEqual(await get(key, load, how), { pence: 2 })
  })

  test('keeps tenants and parts of keys apart', async () => {
    const { get } = createProcess(createLog())
    const texts = ['a/b', 'a', 'a%2Fb', 'ä', '']
    for (const tenant of ['', 'acme'])
      for (const text of texts) {
        const value = `${tenant}:${text}`
        assert.equal(await get(textOf(text, 'b'), async () => value, untouched, { tenant }), value)
      }
  })

  test('drops what was not asked for the longest when it is full, and what is larger than all of it', async () => {
    const { cache, get } = createProcess(createLog(), { entriesMax: 2, bytesMax: 65_536 })
    for (const n of [1, 2, 3])
      await get(textOf(n), async () => 'text', { ttlMs: 60_000, aggregates: [[Price, `${n}`]] })
    assert.equal(cache.state.entries, 2)
    assert.equal(cache.state.evictions, 1)
    await get(textOf(4), async () => 'x'.repeat(100_000), untouched)
    assert.equal(await get(textOf(4), async () => 'again', untouched), 'again')
    assert.ok(cache.state.bytes <= 65_536)
  })

  test('gives up a load that takes too long, and lets a caller go before', async () => {
    const log = createLog()
    const { get } = createProcess(log, { loadTimeoutMs: 1_000 })
    const leaving = new AbortController()
    const { load } = slowLoad<{ pence: number }>()
    const signals: AbortSignal[] = []
    const noting = ({ signal }: { readonly signal: AbortSignal }) => {
      signals.push(signal)
      return load()
    }
    const gone = get(key, noting, untouched, { signal: leaving.signal })
    const waiting = get(key, noting, untouched)
    leaving.abort(new Error('left'))
    await assert.rejects(gone, /left/)
    const late = assert.rejects(waiting, (error) => isGestaError(error, 'deadline_exceeded'))
    await log.clock.advance(1_000)
    await late
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    )
  })
})

describe('a write', () => {
  test('ends what was cached under its aggregate, and nothing else', async () => {
    const { cache, write, get } = createProcess(createLog())
    const other = { ttlMs: 60_000, aggregates: [[Price, 'milk']] } as const
    await get(key, async () => ({ pence: 1 }), of)
    await get(priceOf('milk'), async () => ({ pence: 1 }), other)
    await write('Price', 'tea')
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), of), { pence: 2 })
    assert.deepEqual(await get(priceOf('milk'), async () => ({ pence: 2 }), other), { pence: 1 })
    assert.equal(cache.state.invalidations, 1)
  })

  test('ends it in its own tenant only', async () => {
    const { write, get } = createProcess(createLog())
    await get(key, async () => ({ pence: 1 }), of, { tenant: 'acme' })
    await write('Price', 'tea', 'globex')
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), of, { tenant: 'acme' }), { pence: 1 })
  })

  test('keeps a load that began before it from putting the old value back', async () => {
    const { cache, write, get } = createProcess(createLog())
    const { load, end } = slowLoad<{ pence: number }>()
    const slow = get(key, load, of)
    await settled()
    await write('Price', 'tea')
    end({ pence: 1 })
    assert.deepEqual(await slow, { pence: 1 })
    assert.equal(cache.state.outdated, 1)
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), of), { pence: 2 })
  })

  test('lets nobody who asks after it wait for a load that began before it', async () => {
    const { write, get } = createProcess(createLog())
    const { load, end } = slowLoad<{ pence: number }>()
    const slow = get(key, load, of)
    await settled()
    await write('Price', 'tea')
    const after = get(key, async () => ({ pence: 2 }), of)
    assert.deepEqual(await after, { pence: 2 })
    end({ pence: 1 })
    assert.deepEqual(await slow, { pence: 1 })
    assert.deepEqual(await get(key, load, of), { pence: 2 })
  })

  test('is never answered with the value of before, also not while loading fails', async () => {
    const { write, get } = createProcess(createLog())
    const how = { ...of, staleOnErrorMs: 60_000, staleWhileLoadingMs: 60_000 }
    await get(key, async () => ({ pence: 1 }), how)
    await write('Price', 'tea')
    await assert.rejects(
      get(key, () => Promise.reject(new Error('down')), how),
      /down/,
    )
  })

  test('is what the next load is told to see', async () => {
    const { write, get } = createProcess(createLog())
    await get(key, async () => ({ pence: 1 }), of)
    const position = await write('Price', 'tea')
    let told = -1
    const load = async (loads: { readonly position: number }) => {
      told = loads.position
      return { pence: 2 }
    }
    await get(key, load, of)
    assert.equal(told, position)
  })

  test('ends also what somebody asked for who came with a token of events that the log does not have', async () => {
    const { write, get } = createProcess(createLog())
    // As after a failover that lost them. New events get their positions.
    const after = 1_000
    assert.deepEqual(await get(key, async () => ({ pence: 1 }), of, { after }), { pence: 1 })
    await write('Price', 'tea')
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), of), { pence: 2 })
    const slow = slowLoad<{ pence: number }>()
    const asked = get(key, slow.load, of, { after })
    await settled()
    await write('Price', 'tea')
    assert.deepEqual(await get(key, async () => ({ pence: 3 }), of), { pence: 3 })
    slow.end({ pence: 2 })
    await asked
    assert.deepEqual(await get(key, async () => ({ pence: 4 }), of), { pence: 3 })
  })

  test('leaves nothing behind of what depended on it', async () => {
    const { cache, write, get } = createProcess(createLog(), { entriesMax: 1 })
    for (let n = 0; n < 50; n++) await get(textOf(n), async () => 'text', { ttlMs: 1, aggregates: [[Price, `${n}`]] })
    for (let n = 0; n < 50; n++) await write('Price', `${n}`)
    assert.equal(cache.state.invalidations, 1)
  })

  test('of an erasure ends everything of its tenant', async () => {
    const { write, get } = createProcess(createLog())
    await get(key, async () => ({ pence: 1 }), untouched, { tenant: 'acme' })
    await get(key, async () => ({ pence: 1 }), untouched, { tenant: 'globex' })
    await write('Gesta.Subject', 'ada', 'acme')
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), untouched, { tenant: 'acme' }), { pence: 2 })
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), untouched, { tenant: 'globex' }), { pence: 1 })
  })
})

describe('a cache of several processes', () => {
  test('ends a value when it hears of the write of another one', async () => {
    const log = createLog()
    const [here, there] = [createProcess(log, { manyWriters: true }), createProcess(log, { manyWriters: true })]
    await here.get(key, async () => ({ pence: 1 }), of)
    await there.write('Price', 'tea')
    await here.hear()
    assert.deepEqual(await here.get(key, async () => ({ pence: 2 }), of), { pence: 2 })
  })

  test('gives nothing older than the token that a caller brings', async () => {
    const log = createLog()
    const [here, there] = [createProcess(log, { manyWriters: true }), createProcess(log, { manyWriters: true })]
    await here.get(key, async () => ({ pence: 1 }), of)
    const after = await there.write('Price', 'tea')
    assert.deepEqual(await here.get(key, async () => ({ pence: 2 }), of), { pence: 1 })
    assert.deepEqual(await here.get(key, async () => ({ pence: 2 }), of, { after }), { pence: 2 })
  })

  test('gives nothing older than that token while loading fails either, also to who waits for a load of others', async () => {
    const log = createLog()
    const [here, there] = [createProcess(log, { manyWriters: true }), createProcess(log, { manyWriters: true })]
    const how = { ...of, ttlMs: 1_000, staleOnErrorMs: 60_000 }
    await here.get(key, async () => ({ pence: 1 }), how)
    const after = await there.write('Price', 'tea')
    const fail = (): Promise<never> => Promise.reject(new Error('down'))
    await log.clock.advance(2_000)
    await assert.rejects(here.get(key, fail, how, { after }), /down/)
    const { load, fail: end } = slowLoad<{ pence: number }>()
    const first = assert.rejects(here.get(key, load, how, { after }), /down/)
    const joined = here.get(key, load, how)
    await settled()
    end(new Error('down'))
    await first
    assert.deepEqual(await joined, { pence: 1 })
  })

  test('loads each time while the log cannot be followed, and uses what it had when loading fails', async () => {
    const { cache, get } = createProcess(createLog(), { manyWriters: true })
    const how = { ...of, staleOnErrorMs: 1_000 }
    await get(key, async () => ({ pence: 1 }), how)
    cache.followed(undefined)
    assert.equal(cache.state.hearing, false)
    assert.deepEqual(await get(key, () => Promise.reject(new Error('down')), how), { pence: 1 })
    assert.deepEqual(await get(key, async () => ({ pence: 2 }), how), { pence: 2 })
    cache.followed(0)
    assert.deepEqual(await get(key, async () => ({ pence: 3 }), how), { pence: 2 })
  })
})

describe('a key', () => {
  test('has a name of letters, digits, dots and hyphens', () => {
    for (const name of ['', 'a b', 'a/b']) assert.throws(() => cacheKey(name), /name of a cache key/)
  })

  test('is refused when it is too long, and so are options that make no sense', async () => {
    const { get } = createProcess(createLog())
    await assert.rejects(
      get(textOf('x'.repeat(500)), async () => 'x', untouched),
      /at most 440 characters/,
    )
    await assert.rejects(
      get(textOf(1), async () => 'x', { ttlMs: 0 }),
      RangeError,
    )
    await assert.rejects(
      get(textOf(1), async () => 'x', { ttlMs: 1, tag: ['a'] } as never),
      /Did you mean "tags"/,
    )
    const many = Array.from({ length: 65 }, (_, n) => `${n}`)
    await assert.rejects(
      get(textOf(1), async () => 'x', { ttlMs: 1, tags: many }),
      /at most 64 aggregates and tags/,
    )
    await assert.rejects(
      get(textOf(1), async () => 1n as never, untouched),
      (error) => isGestaError(error, 'invalid_output'),
    )
  })
})
