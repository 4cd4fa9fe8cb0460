// How processes are called that were given no name: by role and number, and again so when others come in their place.
import assert from 'node:assert/strict'
import test from 'node:test'
import {
  configDomain,
  createApp,
  followConfig,
  ListConfigProcesses,
  memory,
  openConfig,
  SetConfig,
  systemContext,
} from '../../src/index.ts'
import type { Backend } from '../../src/index.ts'
import { systemRuntime } from '../../src/host.ts'
import { settled } from '../../src/testing/fake-clock.ts'
import { ReportConfig } from '../../src/config/config-contracts.ts'
import { shopConfig } from './shop-config.ts'

const asSystem = { context: systemContext() }
const asProcess = { ...asSystem, role: 'worker' } as const

async function shared() {
  const opened = await memory().open(systemRuntime())
  const open: Backend['open'] = async () => ({ ...opened, [Symbol.asyncDispose]: async () => undefined })
  const store: Backend = { backend: 'memory', open }
  return { store, events: opened.events, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}
async function started(store: Backend, process?: string) {
  await using stack = new AsyncDisposableStack()
  const config = stack.use(await openConfig(shopConfig))
  const running = stack.use(
    await createApp('shop', { domains: [configDomain(config)] }).start({ store, role: 'worker' }),
  )
  stack.use(await followConfig(running, config, { process, pollMs: 100 }))
  const opening = stack.move()
  const names = async (): Promise<readonly string[]> => {
    await running.caughtUp()
    const { processes } = await running.query(ListConfigProcesses({}), asSystem)
    return processes.map((one) => one.process).toSorted()
  }
  return { config, running, names, [Symbol.asyncDispose]: () => opening[Symbol.asyncDispose]() }
}

test('processes are called by role and number, and those that come later take the names of those that left', async () => {
  await using log = await shared()
  await using one = await started(log.store)
  const isAlone = async (): Promise<boolean> => (await one.names()).length === 1
  for (let restart = 0; restart < 4; restart++) {
    {
      await using two = await started(log.store)
      assert.deepEqual(await two.names(), ['worker-1', 'worker-2'])
      await using three = await started(log.store)
      assert.deepEqual(await three.names(), ['worker-1', 'worker-2', 'worker-3'])
    }
    while (!(await isAlone())) await settled()
  }
  // However often they start, there are as many streams as there were processes at once.
  const { items } = await log.events.list({ types: ['Config.Followed'] }, { limit: 100 })
  assert.equal(new Set(items.map(({ aggregateId }) => aggregateId)).size, 3)
})

test('processes that start at once have a name each, and a version is in all of them before it is said to be', async () => {
  await using log = await shared()
  const all = await Promise.all(Array.from({ length: 5 }, () => started(log.store)))
  const [first] = all
  assert.deepEqual(await first?.names(), ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'])
  await first?.running.dispatch(SetConfig({ values: { 'limits.ordersMax': 7 } }), asSystem)
  const asked = ListConfigProcesses({ version: 1, waitMs: 30_000 })
  assert.equal((await first?.running.query(asked, asSystem))?.isConverged, true)
  assert.deepEqual(
    all.map(({ config }) => config.current.limits.ordersMax),
    all.map(() => 7),
  )
  for (const one of all) await one[Symbol.asyncDispose]()
})

test('a name that was given is taken over at once, another one when nobody was heard under it for long', async () => {
  const { clock: real } = systemRuntime()
  let aheadUs = 0
  const clock = { ...real, nowUs: () => real.nowUs() + aheadUs }
  await using config = await openConfig(shopConfig, {}, { clock })
  await using running = await createApp('shop', { domains: [configDomain(config)] }).start()
  const { since } = config.status
  const told = async (instance: string | undefined): Promise<boolean> =>
    (
      await running.dispatch(
        ReportConfig({ process: 'web-1', instance, version: 0, since, pendingKeys: [] }),
        asProcess,
      )
    ).ok
  assert.equal(await told('one'), true)
  assert.equal(await told('one'), true)
  assert.equal(await told('two'), false)
  assert.equal(await told(undefined), true)
  assert.equal(await told('two'), false)
  aheadUs = 15 * 60_000_000
  assert.equal(await told('two'), true)
})
