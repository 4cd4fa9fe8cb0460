import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import test from 'node:test'
import * as v from 'valibot'
import { z } from 'zod'
import { defineConfig, openConfig, Secret } from '../../src/index.ts'
import { given } from './given-source.ts'
import { shopConfig } from './shop-config.ts'

test('a definition gives the values their types, and its defaults', async () => {
  await using config = await openConfig(shopConfig)
  const port: number = config.current.http.port
  const countries: readonly string[] = config.current.limits.countries
  const url: Secret<string> = config.current.database.url
  // @ts-expect-error There is no such key.
  assert.equal(config.current.limits.nothing, undefined)
  assert.deepEqual([port, countries, url.reveal()], [8080, ['DE'], 'postgres://localhost/shop'])
  assert.deepEqual(config.origin('http.port'), { source: 'default' })
  assert.throws(() => config.origin('http.prt'), /has no key "http\.prt"/)
})

test('schemas of any library are taken', async () => {
  const definition = defineConfig({ size: { schema: v.pipe(v.number(), v.minValue(1)), default: 3, description: 'x' } })
  await using config = await openConfig(definition, { sources: [given({ size: 5 })] })
  assert.equal(config.current.size, 5)
})

test('what is wrong with a definition is told when it is made', () => {
  const key = { schema: z.int(), default: 1, description: 'A number.' }
  const refused = (shape: object, message: RegExp): void =>
    assert.throws(() => defineConfig(shape as { size: typeof key }), { message })
  refused({}, /at least one key/)
  refused({ Size: key }, /named like "ordersMax"/)
  refused({ size: { ...key, default: 'much' } }, /The default of .* size does not fit its schema/)
  refused({ size: { ...key, description: ' ' } }, /to have a description/)
  refused({ size: { ...key, reload: 'never' } }, /to be "hot" or "restart"/)
  refused({ size: { ...key, secrt: true } }, /has no option "secrt"\. Did you mean "secret"\?/)
  refused({ size: { ...key, schema: z.int().refine(async () => true) } }, /answers later|does not fit/)
  refused({ ordersMAX: key, ordersMax: key }, /an environment calls ORDERS_MAX, one of them "ordersMax"/)
  refused({ size: 5 }, /a key with a schema, or a group of keys/)
  // @ts-expect-error A default must be what its schema takes.
  assert.throws(() => defineConfig({ size: { schema: z.int(), default: 'much', description: 'A number.' } }))
})

test('a definition is documentation, JSON Schema and a sample file', () => {
  assert.match(shopConfig.docs(), /^\| key \| type \| default \| reload \| meaning \|\n\|---/)
  assert.match(shopConfig.docs(), /\| `http\.port` \| integer from 1 to 65535 \| `8080` \| restart \| The port of/)
  assert.match(shopConfig.docs(), /\| `database\.url` \| string \| set \| hot \| The database\. Secret\. \|/)
  assert.doesNotMatch(shopConfig.docs() + shopConfig.sample(), /localhost/)
  const schema = shopConfig.jsonSchema() as {
    readonly $schema: string
    readonly properties: { readonly limits: { readonly properties: { readonly ordersMax: object } } }
  }
  assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
  assert.deepEqual(schema.properties.limits.properties.ordersMax, {
    type: 'integer',
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'Open orders of one customer.',
    default: 100,
  })
  assert.match(
    shopConfig.sample(),
    /^http:\n  # The port of the public address\.\n  # \(integer from 1 to 65535; changes/,
  )
  assert.match(shopConfig.sample(), /\n  port: 8080\n\nlimits:\n/)
  assert.match(shopConfig.sample(), /\n  # url: secret:env:DATABASE__URL\n/)
})

test('a secret is in nothing that is printed', () => {
  const secret = new Secret('hidden-word')
  const shown = [
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    String(secret),
    inspect(new Error('x', { cause: secret })),
    inspect(structuredClone({ secret })),
  ]
  for (const text of shown) assert.doesNotMatch(text, /hidden-word/)
  assert.match(shown[0] ?? '', /\(secret\)/)
  assert.equal(secret.reveal(), 'hidden-word')
})
