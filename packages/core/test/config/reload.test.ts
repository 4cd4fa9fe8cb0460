import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { openConfig } from '../../src/index.ts'
import type { Config, ConfigChange, SecretProvider } from '../../src/index.ts'
import { createFakeClock, settled } from '../../src/testing/fake-clock.ts'
import { given } from './given-source.ts'
import { shopConfig } from './shop-config.ts'

test('a change of a hot key is in force after a reload, and subscribers are told', async () => {
  const file = given({})
  await using config = await openConfig(shopConfig, { sources: [file] })
  const before = config.current
  const seen: unknown[] = []
  const leave = config.on((current, change) => seen.push([current.limits.ordersMax, change]))
  file.says = { limits: { ordersMax: 7 } }
  assert.deepEqual(await config.reload(), { ok: true, version: 2, changed: ['limits.ordersMax'], pending: [] })
  assert.deepEqual(seen, [[7, { changed: ['limits.ordersMax'], pending: [] }]])
  assert.equal(before.limits.ordersMax, 100)
  assert.equal(config.current.limits.countries, before.limits.countries)
  leave()
  file.says = {}
  await config.reload()
  assert.equal(seen.length, 1)
})

test('what is read is frozen', async () => {
  await using config = await openConfig(shopConfig)
  const { limits } = config.current as { limits: { ordersMax: number; countries: string[] } }
  assert.throws(() => (limits.ordersMax = 1), TypeError)
  assert.throws(() => limits.countries.push('FR'), TypeError)
})

test('a key marked restart keeps its value, and is told as pending until it is taken back', async () => {
  const file = given({})
  await using config = await openConfig(shopConfig, { sources: [file] })
  file.says = { http: { port: 9090 }, limits: { ordersMax: 5 } }
  const reloaded = await config.reload()
  assert.deepEqual(reloaded, { ok: true, version: 2, changed: ['limits.ordersMax'], pending: ['http.port'] })
  assert.equal(config.current.http.port, 8080)
  assert.deepEqual(config.status.pending, ['http.port'])
  assert.equal(config.show().find(({ key }) => key === 'http.port')?.pending, true)
  file.says = {}
  await config.reload()
  assert.deepEqual(config.status.pending, [])
})

test('whatever fails keeps what is in force and says why', async () => {
  const file = given({ database: { url: 'secret:vault:a' } })
  let isUp = true
  const vault: SecretProvider = {
    name: 'vault',
    resolve: async () => (isUp ? 'postgres://one' : Promise.reject(new Error('down'))),
  }
  await using config = await openConfig(shopConfig, { sources: [file], secrets: [vault] })
  const before = config.current
  const failed = async (step: string, code: string): Promise<void> => {
    const reload = await config.reload()
    assert.deepEqual(reload.ok ? 'ok' : [reload.step, reload.error.code], [step, code])
    assert.equal(config.current, before)
    assert.equal(config.status.failure?.code, code)
  }
  file.says = { database: { url: 'secret:vault:a' }, limits: { ordersMax: 'much' } }
  await failed('validate', 'config_invalid')
  file.says = { database: { url: 'secret:vault:a' }, limits: { ordersMax: 8 } }
  isUp = false
  await failed('resolve', 'secret_unavailable')
  isUp = true
  file.fails = new Error('gone')
  await failed('parse', 'config_unreadable')
  file.fails = undefined
  const leave = config.on({ prepare: () => Promise.reject(new Error('the pool does not fit')) })
  await failed('prepare', 'config_refused')
  leave()
  assert.deepEqual([config.status.failures, config.status.version], [4, 1])
  assert.equal((await config.reload()).ok, true)
  assert.deepEqual([config.status.failure, config.current.limits.ordersMax], [undefined, 8])
})

test('a subscriber that refuses takes back what others have prepared', async () => {
  const file = given({})
  await using config = await openConfig(shopConfig, { sources: [file] })
  const steps: string[] = []
  const steady = (name: string): Parameters<typeof config.on>[0] => ({
    prepare: () => steps.push(`${name} prepares`),
    changed: () => steps.push(`${name} changes`),
    abandoned: () => steps.push(`${name} abandons`),
  })
  config.on(steady('one'))
  const leave = config.on({ prepare: () => Promise.reject(new Error('no')) })
  config.on(steady('two'))
  file.says = { limits: { ordersMax: 1 } }
  await config.reload()
  assert.deepEqual(steps.splice(0), ['one prepares', 'one abandons'])
  leave()
  await config.reload()
  assert.deepEqual(steps, ['one prepares', 'two prepares', 'one changes', 'two changes'])
})

test('who comes while others get ready is asked and told too; who leaves meanwhile is told that nothing comes', async () => {
  const file = given({})
  await using config = await openConfig(shopConfig, { sources: [file] })
  const steps: string[] = []
  const named = (name: string): Parameters<typeof config.on>[0] => ({
    prepare: () => steps.push(`${name} prepares`),
    changed: () => steps.push(`${name} changes`),
    abandoned: () => steps.push(`${name} abandons`),
  })
  const leave = config.on(named('one'))
  const preparing = Promise.withResolvers<void>()
  const isReady = Promise.withResolvers<void>()
  config.on({
    prepare: async () => {
      preparing.resolve()
      await isReady.promise
    },
  })
  file.says = { limits: { ordersMax: 1 } }
  const reloading = config.reload()
  await preparing.promise
  // It reads the values of before, and would keep them.
  assert.equal(config.current.limits.ordersMax, 100)
  config.on(named('late'))
  leave()
  isReady.resolve()
  assert.equal((await reloading).ok, true)
  assert.deepEqual(steps, ['one prepares', 'late prepares', 'one abandons', 'late changes'])
})

test('a subscriber that cannot follow stops nobody, and the status says so', async () => {
  const file = given({})
  await using config = await openConfig(shopConfig, { sources: [file] })
  let last: ConfigChange | undefined
  config.on(() => {
    throw new TypeError('hidden-word')
  })
  config.on((_, change) => (last = change))
  file.says = { limits: { ordersMax: 1 } }
  assert.equal((await config.reload()).ok, true)
  assert.deepEqual([last?.changed, config.status.subscriberFailure], [['limits.ordersMax'], 'TypeError'])
})

test('a source that rings is read again; rings that come meanwhile are one reload', async () => {
  const file = given({})
  await using config = await openConfig(shopConfig, { sources: [file] })
  for (const ordersMax of [1, 2, 3, 4]) file.change({ limits: { ordersMax } })
  await config.reload()
  assert.equal(config.current.limits.ordersMax, 4)
  assert.equal(config.status.reloads, 1)
})

test('what was down is asked again by itself', async () => {
  const clock = createFakeClock()
  const file = given({})
  await using config = await openConfig(shopConfig, { sources: [file], retryMs: 1_000 }, { clock })
  file.fails = new Error('gone')
  file.says = { limits: { ordersMax: 9 } }
  await config.reload()
  file.fails = undefined
  await clock.advance(1_000)
  while (config.current.limits.ordersMax !== 9) await settled()
})

test('a source that never answers ends with its time, and so does a subscriber', async () => {
  const clock = createFakeClock()
  const file = given({})
  let isStuck = false
  const source = { ...file, read: () => (isStuck ? new Promise<never>(() => undefined) : file.read([], never)) }
  await using config = await openConfig(shopConfig, { sources: [source] }, { clock })
  isStuck = true
  const reading = config.reload()
  await clock.advance(10_000)
  assert.match(failureOf(await reading), /TimeoutError/)
  isStuck = false
  file.says = { limits: { ordersMax: 9 } }
  config.on({ prepare: () => new Promise(() => undefined) })
  const preparing = config.reload()
  await clock.advance(0)
  await clock.advance(10_000)
  assert.match(failureOf(await preparing), /one refused: TimeoutError/)
})

test('no reader sees a mixture, however reloads and failures come', async () => {
  const step = fc.record({ size: fc.integer({ min: 1, max: 50 }), isBroken: fc.boolean(), refuses: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const file = given({})
      await using config = await openConfig(shopConfig, { sources: [file] })
      let refuses = false
      // Both keys always change together.
      const isWhole = (): boolean => {
        const { ordersMax, perKind } = config.current.limits
        return ordersMax === 100 || perKind['small'] === ordersMax
      }
      config.on({
        prepare: async () => {
          assert.ok(isWhole())
          await Promise.resolve()
          if (refuses) throw new Error('no')
        },
        changed: () => assert.ok(isWhole()),
      })
      let expected = 100
      for (const { size, isBroken, refuses: refusing } of steps) {
        refuses = refusing
        file.says = { limits: { ordersMax: size, perKind: { small: isBroken ? 'x' : size } } }
        const reload = await config.reload()
        assert.ok(isWhole())
        if (reload.ok) expected = size
        assert.equal(config.current.limits.ordersMax, expected)
        assert.equal(config.status.subscriberFailure, undefined)
      }
    }),
  )
})

const never = new AbortController().signal

function failureOf(reload: Awaited<ReturnType<Config<unknown>['reload']>>): string {
  return reload.ok ? 'it went well' : reload.error.message
}

test('a subscriber that never comes back keeps no later reload waiting, and no end', async () => {
  const clock = createFakeClock()
  const file = given({})
  {
    await using config = await openConfig(shopConfig, { sources: [file] }, { clock })
    config.on(() => new Promise(() => undefined))
    file.says = { limits: { ordersMax: 9 } }
    const reloading = config.reload()
    await clock.advance(0)
    await clock.advance(10_000)
    assert.equal((await reloading).ok, true)
    assert.equal(config.status.subscriberFailure, 'TimeoutError')
    file.change({ limits: { ordersMax: 10 } })
    while (config.current.limits.ordersMax !== 10) await settled()
  }
})
