import assert from 'node:assert/strict'
import test from 'node:test'
import { z } from 'zod'
import { defineConfig, GestaError, isGestaError, openConfig } from '../../src/index.ts'
import type { ConfigOptions, ConfigProblem, SecretProvider } from '../../src/index.ts'
import { given } from './given-source.ts'
import { shopConfig } from './shop-config.ts'

async function refused(options: ConfigOptions, code: string): Promise<GestaError> {
  const error: unknown = await openConfig(shopConfig, options).catch((thrown: unknown) => thrown)
  assert.ok(isGestaError(error))
  assert.equal(error.code, code)
  return error
}

test('all problems are told at once, each with where it came from and what was meant', async () => {
  const where = (parts: readonly string[]): string => `shop.yaml:${parts.length}`
  const file = given({ limits: { ordersMx: 5, ordersMax: 0, countries: 'DE' }, http: 80, port: 1 }, { where })
  const environment = given({ limits: { ordersMax: '-3' } }, { name: 'environment', kind: 'environment', isText: true })
  const error = await refused({ sources: [environment, file] }, 'config_invalid')
  const problems = error.facts['problems'] as readonly ConfigProblem[]
  assert.deepEqual(
    problems.map(({ problem, key, where: place, source }) => [problem, key, place ?? source]),
    [
      ['unknown_key', 'limits.ordersMx', 'shop.yaml:2'],
      ['invalid_value', 'http', 'shop.yaml:1'],
      ['unknown_key', 'port', 'shop.yaml:1'],
      ['invalid_value', 'limits.ordersMax', 'environment'],
      ['invalid_value', 'limits.countries', 'shop.yaml:2'],
    ],
  )
  assert.match(error.message, /there are 5 problems/)
  assert.match(error.message, /limits\.ordersMx \(shop\.yaml:2\) is no key .* Did you mean "limits\.ordersMax"\?/)
  assert.match(error.message, /port \(shop\.yaml:1\) is no key .* Did you mean "http\.port"\?/)
  assert.match(error.message, /limits\.countries \(shop\.yaml:2\): expected array, .*received "DE"\./)
})

test('what a schema says of a value becomes one sentence', async () => {
  const definition = defineConfig({
    max: { schema: z.int().min(1), description: 'A number.' },
    url: { schema: z.url(), description: 'A place.' },
    way: { schema: z.enum(['road', 'rail']), description: 'How.' },
  })
  await assert.rejects(
    openConfig(definition, { sources: [given({ max: 0, url: 'nope', way: 'sea' })] }),
    (error: Error) => {
      assert.match(error.message, /max \(shop\.yaml\): expected number to be >=1, received 0\./)
      assert.match(
        error.message,
        /url \(shop\.yaml\): expected a value that its schema takes \(Invalid URL\), received "nope"\./,
      )
      assert.match(error.message, /way \(shop\.yaml\): expected one of "road"\|"rail", received "sea"\./)
      return true
    },
  )
})

test('a key without default and value is missing', async () => {
  const definition = defineConfig({ name: { schema: z.string(), description: 'A name.' } })
  await assert.rejects(openConfig(definition), /name has no value and no default\. Give it a value/)
})

test('the value of a secret, and what may be one, is in no problem', async () => {
  const file = given({ database: { url: 'hide-me', ulr: 'hide-me' }, databse: 'hide-me', http: 'hide-me' })
  const { message, facts } = await refused({ sources: [file] }, 'config_invalid')
  assert.doesNotMatch(message + JSON.stringify(facts), /hide-me/)
  assert.match(
    message,
    /database\.url \(shop\.yaml\): expected a secret that fits its schema, received one that does not/,
  )
})

test('secrets come from providers, and each that cannot be had is told', async () => {
  const vault: SecretProvider = {
    name: 'vault',
    resolve: async (reference) => {
      if (reference === 'down') throw new Error('hidden-word')
      return `postgres://${reference}`
    },
  }
  const sourceOf = (url: string): ConfigOptions => ({ sources: [given({ database: { url } })], secrets: [vault] })
  await using config = await openConfig(shopConfig, sourceOf('secret:vault:kv/shop#url'))
  assert.equal(config.current.database.url.reveal(), 'postgres://kv/shop#url')
  assert.deepEqual(
    config.show().find(({ key }) => key === 'database.url'),
    { key: 'database.url', value: '(secret)', source: 'shop.yaml', reload: 'hot', secret: true, pending: false },
  )
  const down = await refused(sourceOf('secret:vault:down'), 'secret_unavailable')
  assert.match(down.message, /its secret from the provider vault, received an error \(Error\)/)
  assert.doesNotMatch(down.message, /hidden-word/)
  const unknown = await refused(sourceOf('secret:valt:x'), 'secret_unavailable')
  assert.match(unknown.message, /Did you mean "vault"\?/)
  const short = await refused(
    { ...sourceOf('secret:vault:'), secrets: [{ ...vault, resolve: async () => 'x' }] },
    'config_invalid',
  )
  assert.match(short.message, /Correct the secrets/)
})

test('a reference in a key that is not secret is refused, also inside of a list', async () => {
  const file = given({ limits: { countries: ['secret:env:COUNTRY'] } })
  const { message } = await refused({ sources: [file] }, 'config_invalid')
  assert.match(message, /expected a value, because the key is not marked secret, received a reference to a secret/)
})

test('all sources that cannot be read are told', async () => {
  const one = given({}, { name: 'one' })
  const other = given({}, { name: 'other', kind: 'flags' })
  one.fails = new GestaError('config_unreadable', 'There is no file.')
  other.fails = new Error('hidden-word')
  const { message } = await refused({ sources: [one, other] }, 'config_unreadable')
  assert.match(message, /one: expected a source .*\(There is no file\.\)[^]*other: .*\(Error\)/)
})

test('options of openConfig are checked', async () => {
  const opening = (options: object): Promise<unknown> => openConfig(shopConfig, options)
  await assert.rejects(opening({ source: [] }), /Did you mean "sources"/)
  await assert.rejects(opening({ sources: [{ name: 'x', kind: 'disk' }] }), /to have a kind of file/)
  await assert.rejects(opening({ retryMs: 0 }), RangeError)
  const provider = { name: 'env', resolve: async () => '' }
  await assert.rejects(opening({ secrets: [provider, provider] }), /two stores of secrets named "env"/)
})
