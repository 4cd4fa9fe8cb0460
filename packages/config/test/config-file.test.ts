import assert from 'node:assert/strict'
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { isGestaError, openConfig } from '@gesta/core'
import type { Config, ConfigValues } from '@gesta/core'
import { configFile } from '../src/index.ts'
import { definition, temporaryFolder, until } from './given.ts'

const quick = { pollMs: 100, settleMs: 20 }
const withLimit = (ordersMax: number | string): string => `limits:\n  ordersMax: ${ordersMax}\n`

test('YAML and JSON are read, and origins name file and line', async () => {
  await using folder = await temporaryFolder()
  const yaml = join(folder.path, 'shop.yaml')
  const json = join(folder.path, 'shop.json')
  await writeFile(yaml, '# The shop.\nhttp:\n  port: 1\nlimits:\n\n  ordersMax: 5\n  countries:\n    - FR\n    - IT\n')
  await writeFile(json, '{\n\t"$schema": "./shop.schema.json",\n\t"http": { "port": 2 }\n}\n')
  await using config = await openConfig(definition, { sources: [configFile(yaml), configFile(json)] })
  assert.deepEqual(config.current.limits, { ordersMax: 5, countries: ['FR', 'IT'] })
  assert.equal(config.current.http.port, 2)
  assert.deepEqual(config.origin('limits.ordersMax'), { source: yaml, where: `${yaml}:6` })
  assert.deepEqual(config.origin('http.port'), { source: json, where: `${json}:3` })
})

test('problems name the line, and a broken file the line where it breaks', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'shop.yaml')
  const refused = async (text: string, code: string, message: RegExp): Promise<void> => {
    await writeFile(path, text)
    await assert.rejects(openConfig(definition, { sources: [configFile(path)] }), (error: Error) => {
      assert.ok(isGestaError(error))
      assert.equal(error.code, code)
      assert.match(error.message, message)
      assert.doesNotMatch(error.message, /hidden-word/)
      return true
    })
  }
  await refused(
    'http:\n  port: 1\n  prt: hidden-word\n',
    'config_invalid',
    /http\.prt \(.*shop\.yaml:3\).*"http\.port"/,
  )
  await refused('http:\n  port: 1\n  port: 2\n', 'config_unreadable', /shop\.yaml:3 to be YAML, received DUPLICATE_KEY/)
  await refused('http: {port: 1\nhidden-word', 'config_unreadable', /to be YAML/)
  await refused('\n', 'config_unreadable', /received an empty file/)
  await refused('- 1\n', 'config_invalid', /expected groups and keys, received a list/)
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(30)}]\nc: [${'*b,'.repeat(30)}]\n`
  await refused(bomb, 'config_unreadable', /to have few aliases/)
  await refused('x'.repeat(1024 * 1024 + 1), 'config_unreadable', /to have at most 1048576 bytes/)
  await rm(path)
  await assert.rejects(openConfig(definition, { sources: [configFile(path)] }), /to be a file, received none/)
  await using config = await openConfig(definition, { sources: [configFile(path, { optional: true })] })
  assert.equal(config.current.http.port, 8080)
})

test('JSON is JSON, although YAML takes more', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'shop.json')
  await writeFile(path, 'http: { port: 1 }\n')
  await assert.rejects(openConfig(definition, { sources: [configFile(path)] }), /to be JSON, received something else/)
})

test('options are checked', () => {
  assert.throws(() => configFile('x', { polMs: 1 } as object), /Did you mean "pollMs"/)
  assert.throws(() => configFile('x', { pollMs: 1 }), RangeError)
})

/** Whatever was done to the file, the last content is in force in the end, and nothing but whole contents ever was. */
const changes: { readonly [how: string]: (path: string, folder: string) => Promise<void> } = {
  'is written in place': (path) => writeFile(path, withLimit(7)),
  'is renamed onto by an editor': async (path) => {
    await writeFile(`${path}.tmp`, withLimit(7))
    await rename(`${path}.tmp`, path)
  },
  'is moved away and written anew by an editor': async (path) => {
    await rename(path, `${path}~`)
    await writeFile(path, withLimit(7))
  },
  'is removed and comes back': async (path) => {
    await rm(path)
    await writeFile(path, withLimit(7))
  },
  'comes back with its folder': async (path, folder) => {
    await rm(folder, { recursive: true })
    await mkdir(folder)
    await writeFile(path, withLimit(7))
  },
}
for (const [how, change] of Object.entries(changes))
  test(`a change is in force when the file ${how}`, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'shop.yaml')
    await writeFile(path, withLimit(5))
    await using config = await openConfig(definition, { sources: [configFile(path, quick)] })
    const seen: number[] = []
    config.on(({ limits }) => seen.push(limits.ordersMax))
    await change(path, folder.path)
    await until(() => config.current.limits.ordersMax === 7)
    assert.deepEqual(seen, [7])
  })

test('a change is in force when Kubernetes swaps the link of a mount', async () => {
  await using folder = await temporaryFolder()
  const mount = async (name: string, ordersMax: number): Promise<void> => {
    await mkdir(join(folder.path, name))
    await writeFile(join(folder.path, name, 'shop.yaml'), withLimit(ordersMax))
    await symlink(name, join(folder.path, '..data_tmp'))
    await rename(join(folder.path, '..data_tmp'), join(folder.path, '..data'))
  }
  await mount('..one', 5)
  const path = join(folder.path, 'shop.yaml')
  await symlink(join('..data', 'shop.yaml'), path)
  await using config = await openConfig(definition, { sources: [configFile(path, quick)] })
  assert.equal(config.current.limits.ordersMax, 5)
  await mount('..two', 7)
  await rm(join(folder.path, '..one'), { recursive: true })
  await until(() => config.current.limits.ordersMax === 7)
})

/** What a file may become that is no configuration. */
const faults: { readonly [fault: string]: readonly [(path: string) => Promise<void>, step: string] } = {
  broken: [(path) => writeFile(path, 'limits: {ordersMax: 7'), 'parse'],
  'half-written': [(path) => writeFile(path, 'limits:\n  ordersMax: "'), 'parse'],
  emptied: [(path) => writeFile(path, ''), 'parse'],
  removed: [(path) => rm(path), 'parse'],
  'a folder': [
    async (path) => {
      await rm(path)
      await mkdir(path)
    },
    'parse',
  ],
  'a link that leads nowhere': [
    async (path) => {
      await rm(path)
      await symlink(path, path)
    },
    'parse',
  ],
  wrong: [(path) => writeFile(path, withLimit(0)), 'validate'],
}
for (const [fault, [cause, step]] of Object.entries(faults))
  test(`a file that is ${fault} keeps what is in force, is told, and is taken again once it is mended`, async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'shop.yaml')
    await writeFile(path, withLimit(5))
    await using config = await openConfig(definition, { sources: [configFile(path, quick)] })
    await cause(path)
    await failed(config, step)
    assert.equal(config.current.limits.ordersMax, 5)
    await rm(path, { recursive: true, force: true })
    await writeFile(path, withLimit(8))
    await until(() => config.current.limits.ordersMax === 8)
    assert.equal(config.status.failure, undefined)
  })

test(
  'a file that may not be read keeps what is in force until it may',
  { skip: process.getuid?.() === 0 && 'root may read everything' },
  async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'shop.yaml')
    await writeFile(path, withLimit(5))
    await using config = await openConfig(definition, { sources: [configFile(path, quick)] })
    await chmod(path, 0)
    await failed(config, 'parse')
    assert.match(config.status.failure?.reason ?? '', /EACCES/)
    await chmod(path, 0o600)
    await until(() => config.status.failure === undefined)
  },
)

test('a change is in force also when somebody else has read the changed file before it was noticed', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'shop.yaml')
  await writeFile(path, withLimit(5))
  const source = configFile(path, { pollMs: 100, settleMs: 300 })
  await using config = await openConfig(definition, { sources: [source] })
  await writeFile(path, withLimit(7))
  // As a check of new values does, which changes nothing.
  await source.read(definition.keys, new AbortController().signal)
  await until(() => config.current.limits.ordersMax === 7)
})

test('a file is left alone while it is being written, whatever else happens in its folder', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'shop.yaml')
  await writeFile(path, withLimit(5))
  await using config = await openConfig(definition, { sources: [configFile(path, { pollMs: 100, settleMs: 60_000 })] })
  await writeFile(path, withLimit(7))
  for (let at = 0; at < 50; at++) {
    await writeFile(join(folder.path, 'other'), `${at}`)
    await pause(5)
  }
  assert.equal(config.status.reloads, 0)
})

test('what is no file is not read, however much it would give', async () => {
  await assert.rejects(openConfig(definition, { sources: [configFile('/dev/zero')] }), /to be a file/)
})

test('a file that is written in pieces is read when it is whole', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'shop.yaml')
  await writeFile(path, 'limits:\n  ordersMax: 5\n  countries: [FR]\n')
  await using config = await openConfig(definition, { sources: [configFile(path, { pollMs: 100, settleMs: 1_500 })] })
  const seen: unknown[] = []
  config.on(({ limits }) => seen.push(limits))
  // Each of the first pieces is a valid configuration, and one that nobody wants.
  for (const text of ['limits:\n', 'limits:\n  ordersMax: 6\n', 'limits:\n  ordersMax: 6\n  countries: [IT]\n'])
    await writeFile(path, text)
  await until(() => seen.length > 0)
  assert.deepEqual(seen, [{ ordersMax: 6, countries: ['IT'] }])
})

async function failed(config: Config<ConfigValues<object>>, step: string): Promise<void> {
  await until(() => config.status.failure !== undefined)
  assert.equal(config.status.failure?.step, step)
}
