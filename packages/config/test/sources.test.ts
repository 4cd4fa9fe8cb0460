import assert from 'node:assert/strict'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { defineConfig, openConfig } from '@gesta/core'
import { z } from 'zod'
import {
  configFile,
  environment,
  environmentFile,
  environmentSecrets,
  fileSecrets,
  flags,
  reloadOnSignal,
  secretsFolder,
} from '../src/index.ts'
import { definition, temporaryFolder, until } from './given.ts'

test('every source takes the place of those before it in the documented order, whatever the list says', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'shop.yaml')
  const variables = join(folder.path, '.env')
  const mount = join(folder.path, 'secrets')
  await mkdir(mount)
  const all = [
    flags({ args: ['--limits.ordersMax=6'] }),
    secretsFolder(mount),
    environment({ prefix: 'SHOP', variables: { SHOP__LIMITS__ORDERS_MAX: '4' } }),
    environmentFile(variables, { prefix: 'SHOP' }),
    configFile(file),
  ]
  await writeFile(file, 'limits:\n  ordersMax: 2\n')
  await writeFile(variables, '# Lines.\nOTHER=1\nexport SHOP__LIMITS__ORDERS_MAX=3\n')
  await writeFile(join(mount, 'limits.ordersMax'), '5\n')
  const found: unknown[] = []
  for (let left = all.length; left >= 0; left--) {
    await using config = await openConfig(definition, { sources: all.slice(all.length - left) })
    found.push([config.current.limits.ordersMax, config.origin('limits.ordersMax').where])
  }
  assert.deepEqual(found, [
    [6, '--limits.ordersMax'],
    [5, join(mount, 'limits.ordersMax')],
    [4, 'SHOP__LIMITS__ORDERS_MAX'],
    [3, `${variables}:3`],
    [2, `${file}:2`],
    [100, undefined],
  ])
})

test('names that are no keys are problems in every source, with the one that was meant', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'limits.orderMax'), '5')
  await writeFile(join(folder.path, '.hidden'), '5')
  const sources = [
    secretsFolder(folder.path),
    flags({ args: ['serve', '--limits.ordersMx', '5', '--role', 'web', '--', '--not-mine'], ignore: ['role'] }),
    environment({ prefix: 'SHOP', variables: { SHOP__LIMITS__ORDERS_MX: 'hidden-word', SHOPS: 'x' } }),
  ]
  await assert.rejects(openConfig(definition, { sources }), (error: Error) => {
    assert.match(error.message, /there are 3 problems/)
    assert.match(error.message, /limits\.orderMax \(.*limits\.orderMax\) is no key .*"limits\.ordersMax"/)
    assert.match(error.message, /limits\.ordersMx \(--limits\.ordersMx\) is no key .*"limits\.ordersMax"/)
    assert.match(error.message, /SHOP__LIMITS__ORDERS_MX .*"SHOP__LIMITS__ORDERS_MAX"/)
    assert.doesNotMatch(error.message, /hidden-word/)
    return true
  })
})

test('texts become what the key is', async () => {
  const variables = { SHOP__LIMITS__COUNTRIES: '["FR"]', SHOP__DATABASE__URL: '12345' }
  await using config = await openConfig(definition, { sources: [environment({ prefix: 'SHOP', variables })] })
  assert.deepEqual(config.current.limits.countries, ['FR'])
  assert.equal(config.current.database.url.reveal(), '12345')
})

test('secrets come from the environment and from files, and what is missing is told by name', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'url')
  await writeFile(file, 'postgres://hidden-word\n')
  const opened = (reference: string): ReturnType<typeof openConfig<{ database: { url: { reveal(): unknown } } }>> =>
    openConfig(definition, {
      sources: [flags({ args: [`--database.url=${reference}`] })],
      secrets: [environmentSecrets({ URL: 'from-env' }), fileSecrets()],
    }) as never
  for (const [reference, expected] of [
    ['secret:env:URL', 'from-env'],
    [`secret:file:${file}`, 'postgres://hidden-word'],
  ] as const) {
    await using config = await opened(reference)
    assert.equal(config.current.database.url.reveal(), expected)
    assert.doesNotMatch(JSON.stringify([config.current, config.show()]), /hidden-word|from-env/)
  }
  await assert.rejects(opened('secret:env:NONE'), /a variable NONE in the environment, received none/)
  await assert.rejects(opened(`secret:file:${file}x`), /urlx to be a file, received none/)
  await assert.rejects(opened('secret:file:run/secrets'), /to be absolute/)
})

test('a folder of secrets is followed when its mount is swapped', async () => {
  await using folder = await temporaryFolder()
  const mount = async (name: string, value: string): Promise<void> => {
    await mkdir(join(folder.path, name))
    await writeFile(join(folder.path, name, 'database.url'), value)
    await symlink(name, join(folder.path, '..data_tmp'))
    await rename(join(folder.path, '..data_tmp'), join(folder.path, '..data'))
  }
  await mount('..one', 'first')
  await symlink('..data/database.url', join(folder.path, 'database.url'))
  const sources = [secretsFolder(folder.path, { pollMs: 100, settleMs: 20 })]
  await using config = await openConfig(definition, { sources })
  await mount('..two', 'second')
  await rm(join(folder.path, '..one'), { recursive: true })
  await until(() => config.current.database.url.reveal() === 'second')
})

test('a folder that is not there is a problem, unless it may be absent', async () => {
  const sources = [secretsFolder('/no/such/folder')]
  await assert.rejects(openConfig(definition, { sources }), /to be a folder that can be read, received ENOENT/)
  await using config = await openConfig(definition, { sources: [secretsFolder('/no/such', { optional: true })] })
  assert.equal(config.current.http.port, 8080)
})

test('a signal reloads', async () => {
  const variables: { [name: string]: string } = {}
  await using config = await openConfig(definition, { sources: [environment({ prefix: 'SHOP', variables })] })
  const done = Promise.withResolvers<boolean>()
  using _ = reloadOnSignal(config, { done: ({ ok }) => done.resolve(ok) })
  variables['SHOP__LIMITS__ORDERS_MAX'] = '9'
  process.kill(process.pid, 'SIGHUP')
  assert.equal(await done.promise, true)
  assert.equal(config.current.limits.ordersMax, 9)
})

test('a file of variables may begin with a mark of its byte order, and is text or refused', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, '.env')
  const source = environmentFile(path, { prefix: 'SHOP' })
  await writeFile(path, '\uFEFFSHOP__LIMITS__ORDERS_MAX=7\n')
  await using config = await openConfig(definition, { sources: [source] })
  assert.equal(config.current.limits.ordersMax, 7)
  // In another encoding a secret would be another one, and nobody would notice.
  await writeFile(path, Buffer.from('SHOP__DATABASE__URL=w\xf6rter\n', 'latin1'))
  const reload = await config.reload()
  assert.match(reload.ok ? '' : reload.error.message, /to be text in UTF-8/)
})

test('a group may be named as something that every object has', async () => {
  const odd = defineConfig({ constructor: { name: { schema: z.string(), default: 'x', description: 'A name.' } } })
  const source = flags({ args: ['--constructor.name=mine'] })
  await using config = await openConfig(odd, { sources: [source] })
  assert.equal(config.current.constructor.name, 'mine')
})
