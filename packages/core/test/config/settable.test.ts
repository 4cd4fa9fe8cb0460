// What administrators may refer to: nothing that no store of secrets says is theirs to set.
import assert from 'node:assert/strict'
import test from 'node:test'
import { z } from 'zod'
import {
  configDomain,
  createApp,
  defineConfig,
  memory,
  openConfig,
  RollbackConfig,
  SetConfig,
  systemContext,
} from '../../src/index.ts'
import type { SecretProvider } from '../../src/index.ts'
import { systemRuntime } from '../../src/host.ts'
import { managerOf } from '../../src/config/managers.ts'
import { given } from './given-source.ts'
import { shopConfig } from './shop-config.ts'

const asSystem = { context: systemContext() }

function vaultOf(settable: readonly string[] | undefined) {
  const asked: string[] = []
  const vault: SecretProvider = {
    name: 'vault',
    resolve: async (place) => (asked.push(place), `postgres://${place}`),
    ...(settable !== undefined && { isSettable: (place: string) => settable.includes(place) }),
  }
  return { vault, asked }
}
const values = (place: string) => ({ 'database.url': `secret:vault:${place}` })

test('a reference is set only where its store says so, and is not asked for before', async () => {
  const { vault, asked } = vaultOf(['mine'])
  await using config = await openConfig(shopConfig, { secrets: [vault] })
  await using running = await createApp('shop', { domains: [configDomain(config)] }).start()
  const set = await running.dispatch(SetConfig({ values: values('other') }), asSystem)
  assert.ok(!set.ok && set.rejection.code === 'invalid')
  const [problem] = set.rejection.details.problems
  assert.deepEqual([problem?.key, problem?.problem], ['database.url', 'invalid_value'])
  assert.match(problem?.expected ?? '', /a reference that administrators may set/)
  assert.deepEqual(asked, [])
  assert.ok((await running.dispatch(SetConfig({ values: values('mine') }), asSystem)).ok)
})

test('a store that says nothing lets none be set, and neither does one that fails to say', async () => {
  const failing = {
    ...vaultOf(undefined).vault,
    isSettable: () => {
      throw new Error('hidden-word')
    },
  }
  for (const vault of [vaultOf(undefined).vault, failing]) {
    await using config = await openConfig(shopConfig, { secrets: [vault] })
    const { adopt } = managerOf(config)
    const reload = await adopt({ version: 1, values: values('a') }, false)
    assert.deepEqual(!reload.ok && [reload.step, reload.error.code], ['validate', 'config_invalid'])
    assert.doesNotMatch(String(!reload.ok && reload.error.message), /hidden-word/)
  }
})

test('what was set before the list became shorter is not asked for, and no rollback sets it again', async () => {
  const opened = await memory().open(systemRuntime())
  await using _ = opened
  const store = {
    backend: 'memory',
    open: async () => ({ ...opened, [Symbol.asyncDispose]: async () => undefined }),
  } as const
  {
    await using config = await openConfig(shopConfig, { secrets: [vaultOf(['a']).vault] })
    await using running = await createApp('shop', { domains: [configDomain(config)] }).start({ store })
    await running.dispatch(SetConfig({ values: values('a') }), asSystem)
    await running.dispatch(SetConfig({ remove: ['database.url'] }), asSystem)
  }
  const { vault, asked } = vaultOf([])
  await using config = await openConfig(shopConfig, { secrets: [vault] })
  await using running = await createApp('shop', { domains: [configDomain(config)] }).start({ store })
  const back = await running.dispatch(RollbackConfig({ version: 1 }), asSystem)
  assert.equal(!back.ok && back.rejection.code, 'invalid')
  assert.deepEqual(asked, [])
})

test('sources refer to whatever they like: who writes them has the rights of the process', async () => {
  const { vault } = vaultOf(undefined)
  const file = given({ database: { url: 'secret:vault:any' } })
  await using config = await openConfig(shopConfig, { sources: [file], secrets: [vault] })
  assert.equal(config.current.database.url.reveal(), 'postgres://any')
  const named = given({}, { name: 'administrator' })
  await assert.rejects(openConfig(shopConfig, { sources: [named] }), /No source of the configuration is named/)
})

test('a reference inside of a secret is a problem: nobody would resolve it', async () => {
  const definition = defineConfig({
    mail: { schema: z.object({ password: z.string() }), description: 'Mail.', secret: true },
  })
  const file = given({ mail: { password: 'secret:vault:mail' } })
  await assert.rejects(openConfig(definition, { sources: [file] }), /mail .*expected the reference alone/)
  // What stands behind a reference is data, whatever it looks like.
  const vault: SecretProvider = { name: 'vault', resolve: async () => '{"password":"secret:x:y"}' }
  file.says = { mail: 'secret:vault:mail' }
  await using config = await openConfig(definition, { sources: [file], secrets: [vault] })
  assert.deepEqual(config.current.mail.reveal(), { password: 'secret:x:y' })
})
