import assert from 'node:assert/strict'
import test from 'node:test'
import { z } from 'zod'
import {
  configDomain,
  createApp,
  defineConfig,
  followConfig,
  isGestaError,
  ListConfigProcesses,
  memory,
  openConfig,
  ReadConfigHistory,
  RollbackConfig,
  SetConfig,
  ShowConfig,
  systemContext,
} from '../../src/index.ts'
import type { Backend, ConfigProcesses } from '../../src/index.ts'
import { systemRuntime } from '../../src/host.ts'
import { settled } from '../../src/testing/fake-clock.ts'
import { ReportConfig } from '../../src/config/config-contracts.ts'
import { managerOf } from '../../src/config/managers.ts'
import { follow } from '../../src/config/follow-config.ts'
import { createFakeClock } from '../fake-clock.ts'
import { given } from './given-source.ts'
import type { GivenSource } from './given-source.ts'
import { shopConfig } from './shop-config.ts'

const asSystem = { context: systemContext() }
const unnamed = { role: undefined, instance: 'one' } as const

/** One store for several apps, as a database is. */
async function shared(): Promise<Backend & AsyncDisposable> {
  const backend = await memory().open(systemRuntime())
  const open: Backend['open'] = async () => ({ ...backend, [Symbol.asyncDispose]: async () => undefined })
  return { backend: 'memory', open, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() }
}

async function opened(store: Backend, process: string, file: GivenSource = given({})) {
  await using stack = new AsyncDisposableStack()
  const config = stack.use(await openConfig(shopConfig, { sources: [file] }))
  const app = createApp('shop', { domains: [configDomain(config)] })
  const running = stack.use(await app.start({ store }))
  stack.use(await followConfig(running, config, { process, pollMs: 100 }))
  const opening = stack.move()
  return {
    config,
    running,
    file,
    processes: async (version?: number): Promise<ConfigProcesses> => {
      await running.caughtUp()
      return running.query(ListConfigProcesses({ version, waitMs: 30_000 }), asSystem)
    },
    [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose](),
  }
}

test('an administrator sets named keys, and the answer lists how each process took it', async () => {
  await using shop = await opened(memory(), 'web-1')
  const { running, config } = shop
  const set = await running.dispatch(SetConfig({ values: { 'limits.ordersMax': 7 }, reason: 'Sale' }), asSystem)
  assert.deepEqual(set.ok && set.result, { version: 1 })
  const { version, isConverged, processes } = await shop.processes()
  assert.deepEqual(
    [version, isConverged, processes.map((one) => [one.process, one.state])],
    [1, true, [['web-1', 'applied']]],
  )
  assert.equal(config.current.limits.ordersMax, 7)
  assert.deepEqual(config.origin('limits.ordersMax'), { source: 'administrator' })
  const shown = await running.query(ShowConfig(), asSystem)
  assert.equal(shown.process, 'web-1')
  assert.deepEqual(
    shown.keys.find(({ key }) => key === 'limits.ordersMax'),
    { key: 'limits.ordersMax', value: '7', source: 'administrator', reload: 'hot', secret: false, pending: false },
  )
  assert.equal(shown.keys.find(({ key }) => key === 'database.url')?.value, '(secret)')
})

test('what does not fit is refused before it is stored, all of it at once', async () => {
  await using shop = await opened(memory(), 'web-1')
  const values = { 'limits.ordersMx': 5, 'database.url': 'hidden-word' }
  const refused = await shop.running.dispatch(SetConfig({ values }), asSystem)
  assert.ok(!refused.ok && refused.rejection.code === 'invalid')
  assert.doesNotMatch(JSON.stringify(refused), /hidden-word/)
  assert.deepEqual(
    refused.rejection.details.problems.map(({ key, problem }) => [key, problem]),
    [
      ['limits.ordersMx', 'unknown_key'],
      ['database.url', 'invalid_value'],
    ],
  )
  const wrong = await shop.running.dispatch(SetConfig({ values: { 'limits.ordersMax': 0 } }), asSystem)
  assert.ok(!wrong.ok && wrong.rejection.code === 'invalid')
  assert.match(wrong.rejection.details.problems[0]?.expected ?? '', /number to be >=1/)
  assert.equal((await shop.processes()).version, 0)
  const { items } = await shop.running.commandLog.list({}, {})
  assert.doesNotMatch(JSON.stringify(items), /hidden-word/)
})

test('nobody but who may sets the configuration, and only processes report', async () => {
  await using shop = await opened(memory(), 'web-1')
  const context = { tenant: 'acme', account: 'ann', session: 's-1', identity: 'ann' }
  await assert.rejects(shop.running.dispatch(SetConfig({ values: {} }), { context }), (error) =>
    isGestaError(error, 'permission_denied'),
  )
  await assert.rejects(shop.running.query(ShowConfig(), { context }), (error) =>
    isGestaError(error, 'permission_denied'),
  )
})

test('a key that is set and marked restart is told as pending, and is in force in the next process', async () => {
  await using store = await shared()
  {
    await using shop = await opened(store, 'web-1')
    await shop.running.dispatch(SetConfig({ values: { 'http.port': 9090 } }), asSystem)
    const { isConverged, processes } = await shop.processes()
    const [process] = processes
    assert.deepEqual([isConverged, process?.state, process?.pendingKeys], [false, 'pending', ['http.port']])
    assert.equal(shop.config.current.http.port, 8080)
    await using next = await opened(store, 'web-2')
    assert.equal(next.config.current.http.port, 9090)
  }
})

test('the history tells who set what, and a rollback is a new version with the values of an old one', async () => {
  await using shop = await opened(memory(), 'web-1')
  const { running, config } = shop
  for (const ordersMax of [5, 6])
    await running.dispatch(SetConfig({ values: { 'limits.ordersMax': ordersMax } }), asSystem)
  await running.dispatch(SetConfig({ values: { 'limits.countries': ['FR'] }, remove: ['limits.ordersMax'] }), asSystem)
  const back = await running.dispatch(RollbackConfig({ version: 1 }), asSystem)
  assert.deepEqual(back.ok && back.result, { version: 4 })
  assert.equal((await shop.processes(4)).isConverged, true)
  assert.deepEqual([config.current.limits.ordersMax, config.current.limits.countries], [5, ['DE']])
  const { items, hasMore } = await running.query(ReadConfigHistory({}), asSystem)
  assert.equal(hasMore, false)
  assert.deepEqual(
    items.map(({ version, changed, identity }) => [version, changed, identity]),
    [
      [4, ['limits.countries', 'limits.ordersMax'], 'system'],
      [3, ['limits.countries', 'limits.ordersMax'], 'system'],
      [2, ['limits.ordersMax'], 'system'],
      [1, ['limits.ordersMax'], 'system'],
    ],
  )
  const unknown = await running.dispatch(RollbackConfig({ version: 9 }), asSystem)
  assert.equal(!unknown.ok && unknown.rejection.code, 'unknown_version')
  const none = await running.dispatch(RollbackConfig({ version: 0 }), asSystem)
  assert.deepEqual(none.ok && none.result, { version: 5 })
})

test('a change, a refusal and a reload that failed are in the audit log', async () => {
  await using shop = await opened(memory(), 'web-1')
  const { running, file } = shop
  await running.dispatch(SetConfig({ values: { 'limits.ordersMax': 7 } }), asSystem)
  await running.dispatch(SetConfig({ values: { 'limits.ordersMax': 0 } }), asSystem)
  assert.equal((await shop.processes()).isConverged, true)
  file.change({ limits: { ordersMax: 'hidden-word' } })
  file.change({ limits: { countries: 'hidden-word' } })
  const entries = async (): Promise<readonly (readonly [string, string])[]> => {
    const { items } = await running.audit.list(systemContext(), { order: 'oldest', tenant: 'SYSTEM' })
    assert.doesNotMatch(JSON.stringify(items), /hidden-word/)
    return items.filter(({ action }) => action.startsWith('Config.')).map(({ action, outcome }) => [action, outcome])
  }
  while ((await entries()).length < 3) await settled()
  assert.deepEqual(await entries(), [
    ['Config.Set', 'succeeded'],
    ['Config.Set', 'rejected'],
    ['Config.Reload', 'failed'],
  ])
  const { processes } = await shop.processes()
  assert.deepEqual(
    [processes[0]?.state, processes[0]?.failure?.reason],
    ['applied', 'config_invalid: limits.countries'],
  )
  assert.equal(shop.config.current.limits.ordersMax, 7)
})

test('a process that refuses a version says so and keeps what it has, and takes it once nothing stands against it', async () => {
  await using shop = await opened(memory(), 'web-1')
  const leave = shop.config.on({ prepare: () => Promise.reject(new Error('no')) })
  await shop.running.dispatch(SetConfig({ values: { 'limits.ordersMax': 7 } }), asSystem)
  const { isConverged, processes } = await shop.processes()
  assert.deepEqual([isConverged, processes[0]?.state, processes[0]?.version], [false, 'refused', 0])
  assert.equal(processes[0]?.failure?.reason, 'config_refused: limits.ordersMax')
  assert.equal(shop.config.current.limits.ordersMax, 100)
  leave()
  // Another reload may make room for it.
  await shop.config.reload()
  const isTaken = (): boolean => shop.config.current.limits.ordersMax === 7
  while (!isTaken()) await settled()
})

test('a process that stops is no longer listed', async () => {
  await using store = await shared()
  await using shop = await opened(store, 'web-1')
  {
    await using _ = await opened(store, 'web-2')
    assert.equal((await shop.processes()).processes.length, 2)
  }
  while ((await shop.processes()).processes.length !== 1) await settled()
})

test('several processes on one store come to one version, each by its own way, and what only one takes is seen', async () => {
  await using store = await shared()
  await using web = await opened(store, 'web-1')
  await using worker = await opened(store, 'worker-1')
  await web.running.dispatch(SetConfig({ values: { 'limits.ordersMax': 7 } }), asSystem)
  assert.equal((await worker.processes()).isConverged, true)
  assert.deepEqual([web.config.current.limits.ordersMax, worker.config.current.limits.ordersMax], [7, 7])
  worker.config.on({ prepare: () => Promise.reject(new Error('no')) })
  await worker.running.dispatch(SetConfig({ values: { 'limits.ordersMax': 8 } }), asSystem)
  const { isConverged, processes } = await web.processes()
  const states = processes.map(({ process, state, version }) => `${process} ${state} ${version}`)
  assert.equal(isConverged, false)
  assert.deepEqual(states.toSorted(), ['web-1 applied 2', 'worker-1 refused 1'])
  await using late = await opened(store, 'late-1')
  assert.equal(late.config.current.limits.ordersMax, 8)
})

test('a store of secrets that is down is asked once per look, and not without a pause', async () => {
  const clock = createFakeClock()
  let asked = 0
  const down = (): Promise<never> => (asked++, Promise.reject(new Error('down')))
  const vault = { name: 'vault', resolve: down, isSettable: () => true }
  await using config = await openConfig(shopConfig, { secrets: [vault] }, { clock })
  const values = { 'database.url': 'secret:vault:a' }
  const app: Parameters<typeof follow>[0]['app'] = {
    dispatch: async () => ({ ok: true }),
    query: async () => ({ version: 1, values }) as never,
  }
  await using _ = await follow({ app, config, manager: managerOf(config), process: 'web-1', ...unnamed, pollMs: 1_000 })
  for (let turn = 0; turn < 20; turn++) await settled()
  assert.equal(asked, 1)
  await clock.advance(1_000)
  for (let turn = 0; turn < 20; turn++) await settled()
  assert.equal(asked, 2)
})

test('the history shows no value of a key that has become secret, and no rollback sets it again', async () => {
  await using store = await shared()
  {
    const before = defineConfig({
      database: { url: { schema: z.string(), default: 'none', description: 'The database.' } },
    })
    await using config = await openConfig(before)
    await using running = await createApp('shop', { domains: [configDomain(config)] }).start({ store })
    const set = await running.dispatch(SetConfig({ values: { 'database.url': 'hidden-word' } }), asSystem)
    assert.ok(set.ok)
    await running.dispatch(SetConfig({ remove: ['database.url'] }), asSystem)
  }
  await using shop = await opened(store, 'web-1')
  const { items } = await shop.running.query(ReadConfigHistory({}), asSystem)
  assert.deepEqual(
    items.map(({ values }) => values),
    [{}, { 'database.url': '(secret)' }],
  )
  const back = await shop.running.dispatch(RollbackConfig({ version: 1 }), asSystem)
  assert.equal(!back.ok && back.rejection.code, 'invalid')
})

test('new values are checked also while a file cannot be read', async () => {
  await using shop = await opened(memory(), 'web-1')
  shop.file.fails = new Error('gone')
  await shop.config.reload()
  const wrong = await shop.running.dispatch(SetConfig({ values: { 'limits.ordersMax': 0 } }), asSystem)
  assert.ok(!wrong.ok && wrong.rejection.code === 'invalid')
  assert.deepEqual(
    wrong.rejection.details.problems.map(({ key, problem }) => [key, problem]),
    [['limits.ordersMax', 'invalid_value']],
  )
  // It is in force as soon as the file can be read.
  const right = await shop.running.dispatch(SetConfig({ values: { 'limits.ordersMax': 7 } }), asSystem)
  assert.ok(right.ok)
  shop.file.fails = undefined
  await shop.config.reload()
  assert.equal((await shop.processes()).isConverged, true)
  assert.equal(shop.config.current.limits.ordersMax, 7)
})

test('a rollback keeps values of keys that only another version of the program has', async () => {
  await using store = await shared()
  const fee = { schema: z.int(), default: 1, description: 'A fee.', reload: 'hot' } as const
  {
    await using config = await openConfig(defineConfig({ limits: { fee } }))
    await using newer = await createApp('shop', { domains: [configDomain(config)] }).start({ store })
    for (const value of [2, 3])
      assert.ok((await newer.dispatch(SetConfig({ values: { 'limits.fee': value } }), asSystem)).ok)
  }
  await using shop = await opened(store, 'web-1')
  const back = await shop.running.dispatch(RollbackConfig({ version: 1 }), asSystem)
  assert.ok(back.ok)
  const { items } = await shop.running.query(ReadConfigHistory({ limit: 1 }), asSystem)
  assert.deepEqual(
    items.map(({ version, values }) => [version, values]),
    [[3, { 'limits.fee': 2 }]],
  )
})

test('values that are set on top of a version which is no longer the newest are refused, with the newest', async () => {
  await using shop = await opened(memory(), 'web-1')
  const set = async (ordersMax: number, ifVersion: number): Promise<unknown> => {
    const outcome = await shop.running.dispatch(
      SetConfig({ values: { 'limits.ordersMax': ordersMax }, ifVersion }),
      asSystem,
    )
    return outcome.ok ? outcome.result : [outcome.rejection.code, outcome.rejection.details]
  }
  assert.deepEqual(await set(5, 0), { version: 1 })
  assert.deepEqual(await set(6, 0), ['changed', { version: 1 }])
  // Nobody is told that nothing differs from what somebody else has set.
  assert.deepEqual(await set(5, 0), ['changed', { version: 1 }])
  assert.deepEqual(await set(6, 1), { version: 2 })
})

test('where no process follows, none has what was set', async () => {
  await using config = await openConfig(shopConfig)
  await using running = await createApp('shop', { domains: [configDomain(config)] }).start()
  await running.dispatch(SetConfig({ values: { 'limits.ordersMax': 7 } }), asSystem)
  const { isConverged, processes } = await running.query(ListConfigProcesses({}), asSystem)
  assert.deepEqual([isConverged, processes], [false, []])
})

test('processes that are there are listed, however many were there before', async () => {
  await using shop = await opened(memory(), 'web-1')
  const { since } = shop.config.status
  const asProcess = { ...asSystem, role: 'worker' } as const
  for (let at = 0; at < 1_001; at++) {
    const process = `gone-${at}`
    const report = { process, version: 0, since, pendingKeys: [], leaves: true }
    await shop.running.dispatch(ReportConfig(report), asProcess)
  }
  assert.deepEqual(
    (await shop.processes()).processes.map(({ process }) => process),
    ['web-1'],
  )
})

test('a reload that fails is an operational event and a metric, until one succeeds', async () => {
  await using shop = await opened(memory(), 'web-1')
  const { operations } = shop.running
  const failures = async (): Promise<unknown> =>
    (await operations.metrics()).find(({ name }) => name === 'gesta_config_reload_failures_total')?.samples[0]?.value
  assert.equal(await failures(), 0)
  shop.file.says = { limits: { ordersMax: 'hidden-word' } }
  await shop.config.reload()
  assert.deepEqual(
    (await operations.look()).map(({ name, facts }) => [name, facts]),
    [['config_reload_failed', { error: 'config_invalid', step: 'validate' }]],
  )
  assert.equal(await failures(), 1)
  shop.file.says = {}
  await shop.config.reload()
  assert.deepEqual(await operations.look(), [])
})
