// What administrators have set stays in force key by key when a process starts that refuses some of it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { z } from 'zod'
import {
  configDomain,
  createApp,
  defineConfig,
  followConfig,
  ListConfigProcesses,
  memory,
  openConfig,
  ReadConfigHistory,
  SetConfig,
  systemContext,
} from '../../src/index.ts'
import type { Backend, Config, ConfigProcess, SecretProvider } from '../../src/index.ts'
import { systemRuntime } from '../../src/host.ts'
import { managerOf } from '../../src/config/managers.ts'
import { settled } from '../../src/testing/fake-clock.ts'
import { shopConfig } from './shop-config.ts'

const asSystem = { context: systemContext() }
type Shop = typeof shopConfig

async function shared(): Promise<Backend & AsyncDisposable> {
  const backend = await memory().open(systemRuntime())
  const open: Backend['open'] = async () => ({ ...backend, [Symbol.asyncDispose]: async () => undefined })
  return { backend: 'memory', open, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() }
}
function vaultOf(...settable: readonly string[]): SecretProvider {
  const isSettable = (place: string): boolean => settable.includes(place)
  return { name: 'vault', resolve: async (place) => `postgres://${place}`, isSettable }
}
interface Options {
  readonly definition?: Shop
  readonly vault?: SecretProvider
  readonly before?: (config: Config<unknown>) => unknown
}
async function started(
  store: Backend,
  { definition = shopConfig, vault = vaultOf('mine'), before }: Options = {},
  name = 'web-1',
) {
  await using stack = new AsyncDisposableStack()
  const config = stack.use(await openConfig(definition, { secrets: [vault] }))
  before?.(config)
  const app = createApp('shop', { domains: [configDomain(config)] })
  const running = stack.use(await app.start({ store }))
  stack.use(await followConfig(running, config, { process: name, pollMs: 100 }))
  const opening = stack.move()
  return {
    config,
    set: async (values: object, remove?: readonly string[]) => {
      const outcome = await running.dispatch(SetConfig({ values: { ...values }, remove }), asSystem)
      return outcome.ok ? outcome.result.version : outcome.rejection
    },
    told: async (): Promise<ConfigProcess | undefined> => {
      await running.caughtUp()
      const { processes } = await running.query(ListConfigProcesses({ waitMs: 30_000 }), asSystem)
      return processes.find(({ process }) => process === name)
    },
    stored: async (): Promise<object | undefined> =>
      (await running.query(ReadConfigHistory({ limit: 1 }), asSystem)).items[0]?.values,
    [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose](),
  }
}
const both = { 'limits.ordersMax': 7, 'http.port': 9090, 'database.url': 'secret:vault:mine' }

test('a process that starts under a key which it refuses leaves that key out, has all others, and says so', async () => {
  await using store = await shared()
  {
    await using shop = await started(store)
    assert.equal(await shop.set(both), 1)
  }
  await using shop = await started(store, { vault: vaultOf() })
  const { config } = shop
  const { limits, http, database } = config.current
  assert.deepEqual([limits.ordersMax, http.port, database.url.reveal()], [7, 9090, 'postgres://localhost/shop'])
  assert.deepEqual([config.status.leftAside, config.status.failure?.code], [['database.url'], 'config_invalid'])
  const told = await shop.told()
  assert.deepEqual(
    [told?.state, told?.failure?.reason],
    ['refused', 'not in force: database.url; config_invalid: database.url'],
  )
  // A reload neither takes it nor forgets it.
  assert.equal((await config.reload()).ok, true)
  assert.deepEqual([config.status.leftAside, config.current.limits.ordersMax], [['database.url'], 7])
})

test('a key that is refused blocks no other: they are set, and in force, while it waits', async () => {
  await using store = await shared()
  {
    await using shop = await started(store)
    await shop.set(both)
  }
  await using shop = await started(store, { vault: vaultOf() })
  assert.equal(await shop.set({ 'limits.ordersMax': 8 }), 2)
  assert.match((await shop.told())?.failure?.reason ?? '', /^not in force: database\.url;/)
  assert.equal(shop.config.current.limits.ordersMax, 8)
  // Who sets the key itself is told, also when it is the value of before.
  for (const place of ['mine', 'other'])
    assert.partialDeepStrictEqual(await shop.set({ 'database.url': `secret:vault:${place}` }), { code: 'invalid' })
  assert.equal(await shop.set({}, ['database.url']), 3)
  assert.equal((await shop.told())?.state, 'applied')
  assert.deepEqual([shop.config.status.leftAside, shop.config.status.failure], [[], undefined])
})

test('what one process refuses keeps its value there, and what is set afterwards is in force there too', async () => {
  await using store = await shared()
  await using web = await started(store, { vault: vaultOf('mine', 'other') })
  await using narrow = await started(store, {}, 'narrow-1')
  await web.set({ 'database.url': 'secret:vault:mine' })
  assert.equal((await narrow.told())?.state, 'applied')
  await web.set({ 'database.url': 'secret:vault:other', 'limits.ordersMax': 5 })
  assert.equal((await narrow.told())?.state, 'refused')
  // A version is taken whole or not at all.
  assert.equal(narrow.config.current.limits.ordersMax, 100)
  assert.equal(await narrow.set({ 'limits.countries': ['FR'] }), 3)
  assert.equal((await narrow.told())?.state, 'refused')
  const { limits, database } = narrow.config.current
  assert.deepEqual([limits.ordersMax, limits.countries, database.url.reveal()], [5, ['FR'], 'postgres://mine'])
})

test('a secret that nobody answers for at the start keeps no other key out, and is taken as soon as it is there', async () => {
  await using store = await shared()
  {
    await using shop = await started(store)
    await shop.set(both)
  }
  let isDown = true
  const up = vaultOf('mine')
  const resolve: SecretProvider['resolve'] = async (place, signal) => {
    if (isDown) throw new Error('down')
    return up.resolve(place, signal)
  }
  await using shop = await started(store, { vault: { ...up, resolve } })
  assert.deepEqual([shop.config.current.limits.ordersMax, shop.config.current.http.port], [7, 9090])
  assert.equal(shop.config.status.failure?.code, 'secret_unavailable')
  isDown = false
  while (shop.config.current.database.url.reveal() !== 'postgres://mine') await settled()
  assert.deepEqual(shop.config.status.leftAside, [])
})

test('a process that starts without anything of what was set, because a subscriber refuses it, names all of it', async () => {
  await using store = await shared()
  {
    await using shop = await started(store)
    await shop.set({ 'limits.ordersMax': 7, 'limits.countries': ['FR'] })
  }
  const before: Options['before'] = (config) => config.on({ prepare: () => Promise.reject(new Error('no')) })
  await using shop = await started(store, { before })
  assert.equal(shop.config.current.limits.ordersMax, 100)
  assert.deepEqual(shop.config.status.leftAside, ['limits.ordersMax', 'limits.countries'])
  const told = await shop.told()
  assert.equal(told?.state, 'refused')
  assert.match(told.failure?.reason ?? '', /^not in force: limits\.ordersMax, limits\.countries; config_refused: /)
})

test('a stored key that the program no longer has can be removed, one that was never stored cannot', async () => {
  await using store = await shared()
  const fee = { schema: z.int(), default: 1, description: 'A fee.' } as const
  {
    await using config = await openConfig(defineConfig({ limits: { fee } }))
    await using older = await createApp('shop', { domains: [configDomain(config)] }).start({ store })
    assert.ok((await older.dispatch(SetConfig({ values: { 'limits.fee': 2 } }), asSystem)).ok)
  }
  await using shop = await started(store)
  assert.partialDeepStrictEqual(await shop.set({ 'limits.fee': 3 }), { code: 'invalid' })
  assert.equal(await shop.set({}, ['limits.fee']), 2)
  assert.deepEqual(await shop.stored(), {})
  assert.partialDeepStrictEqual(await shop.set({}, ['limits.fee']), { code: 'invalid' })
})

test('a key whose value in force cannot be had now is not left aside: the version waits', async () => {
  let isDown = false
  const up = vaultOf('mine')
  const resolve: SecretProvider['resolve'] = async (place, signal) => {
    if (isDown) throw new Error('down')
    return up.resolve(place, signal)
  }
  await using config = await openConfig(shopConfig, { secrets: [{ ...up, resolve }] })
  const { adopt } = managerOf(config)
  const url = { 'database.url': 'secret:vault:mine' }
  await adopt({ version: 1, values: url }, true)
  isDown = true
  for (const version of [2, 3])
    assert.equal((await adopt({ version, values: { ...url, 'limits.ordersMax': 7 } }, false)).ok, false)
  assert.deepEqual([config.current.database.url.reveal(), config.current.limits.ordersMax], ['postgres://mine', 100])
})
