import assert from 'node:assert/strict'
import test from 'node:test'
import { GestaError } from '@gesta/core'
import { sentenceOf, withoutSecrets } from '../src/sentence.ts'
import { UsageError } from '../src/usage-error.ts'
import { gestaHere } from './run-gesta.ts'

test('an error is one line with its code', () => {
  assert.equal(
    sentenceOf(new GestaError('store_locked', 'Expected\n  a free store.')),
    'store_locked: Expected a free store.',
  )
  assert.equal(sentenceOf(new UsageError('Expected NAME.')), 'usage: Expected NAME.')
  assert.equal(sentenceOf(new Error('Nothing was changed.')), 'failed: Nothing was changed.')
  assert.equal(sentenceOf('odd'), 'failed: odd')
})

test('URLs are shown without user and password', () => {
  assert.equal(withoutSecrets('at postgres://a:b@host/db?sslmode=x'), 'at postgres://host/db?sslmode=x')
  assert.equal(withoutSecrets('"postgres://a:b/c@d@host/db"'), '"postgres://host/db"')
  assert.equal(withoutSecrets('postgres:a:b@host'), 'postgres:host')
  assert.equal(withoutSecrets('http://a:b@host:1/x?password=c&d=e'), 'http://host:1/x?password=...&d=e')
  const path = 'file:///a/node_modules/@gesta/sqlite'
  assert.equal(withoutSecrets(path), path)
})

test('no output has the password of a store, whatever is wrong with its URL', async () => {
  for (const url of [
    'postgres://someone:hidden-word@127.0.0.1:1/orders',
    'postgres://someone:hidden-word/2@127.0.0.1:1/orders',
    'mysql://someone:hidden-word@127.0.0.1:1/orders',
    'postgres:someone:hidden-word@127.0.0.1',
  ])
    for (const args of [
      ['store', 'info', '--store', url],
      ['store', 'info', url],
      ['read-model', 'list', '--url', url],
    ]) {
      const { code, stdout, stderr } = await gestaHere(args)
      assert.notEqual(code, 0)
      assert.ok(!`${stdout}${stderr}`.includes('hidden-word'), `${args.join(' ')}: ${stdout}${stderr}`)
    }
})
