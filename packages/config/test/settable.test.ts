// Which references administrators may set, as each store of secrets tells it.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { environmentSecrets, fileSecrets, vaultSecrets } from '../src/index.ts'

const vault = { url: 'https://vault:8200', token: 'x' }

test('no reference is settable unless it is named', () => {
  for (const provider of [environmentSecrets({}), fileSecrets(), vaultSecrets(vault)])
    for (const reference of ['SHOP_URL', '/etc/shadow', 'kv/shop#url', ''])
      assert.equal(provider.isSettable?.(reference), false)
})

test('what is named is settable, and what leads out of it is not', () => {
  const told = (provider: ReturnType<typeof fileSecrets>, references: readonly string[]): unknown[] =>
    references.filter((reference) => provider.isSettable?.(reference))
  const files = fileSecrets({ settable: ['/run/secrets/shop/', '/run/one'] })
  assert.deepEqual(
    told(files, [
      '/run/secrets/shop/url',
      '/run/one',
      '/run/one/more',
      '/run/onemore',
      '/run/secrets/shopping',
      '/run/secrets/shop/../../../etc/shadow',
      '/run/secrets/shop/./url',
      '/run/secrets/shop//url',
      'run/secrets/shop/url',
    ]),
    ['/run/secrets/shop/url', '/run/one'],
  )
  const kv = vaultSecrets({ ...vault, settable: ['kv/shop/', 'kv/mail#', 'kv/bank#key'] })
  assert.deepEqual(
    told(kv, ['kv/shop/a#url', 'kv/mail#word', 'kv/bank#key', 'kv/bank#other', 'kv/mailing#word', 'kv/mail#a/b#word']),
    ['kv/shop/a#url', 'kv/mail#word', 'kv/bank#key'],
  )
  const variables = environmentSecrets({}, { settable: ['SHOP_SECRET_', 'ONE'] })
  assert.deepEqual(told(variables, ['SHOP_SECRET_URL', 'ONE', 'ONE_MORE', 'VAULT_TOKEN']), ['SHOP_SECRET_URL', 'ONE'])
})

test('no path that is settable leads out of its folder, however it is written', () => {
  const files = fileSecrets({ settable: ['/run/secrets/'] })
  const part = fc.constantFrom('..', '.', '', 'run', 'secrets', 'etc', 'shadow', '...', 'a b')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = `/${parts.join('/')}`
      if (files.isSettable?.(path) === true) assert.ok(new URL(`file://${path}`).pathname.startsWith('/run/secrets/'))
    }),
  )
})

test('a list that is none is refused', () => {
  assert.throws(() => fileSecrets({ settable: [''] }), /to be a list of texts/)
  assert.throws(() => environmentSecrets({}, { setable: [] } as object), /Did you mean "settable"/)
  assert.throws(() => vaultSecrets({ ...vault, settable: 'kv/' as never }), /to be a list of texts/)
})
