import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { memory } from '@gesta/core'
import { defineConfig } from '../src/index.ts'
import { app } from './given/orders-app.ts'
import { gesta, gestaHere, temporaryFolder } from './run-gesta.ts'

test('a configuration is checked', () => {
  const config = { app, store: memory() }
  assert.equal(defineConfig(config), config)
  const refused = (parts: object, message: RegExp): void =>
    assert.throws(() => defineConfig({ ...config, ...parts }), { message })
  refused({ stor: memory() }, /has no option "stor"\. Did you mean "store"\?/)
  refused({ app: {} }, /Expected app to be what createApp\(\) returns/)
  refused({ store: 'orders.db' }, /Expected store to be a backend/)
  refused({ start: {} }, /Expected start to be a function/)
})

test('without a configuration the command says where it looked, and what to name instead', async () => {
  await using folder = await temporaryFolder()
  const { code, stderr } = await gestaHere(['store', 'info'], { folder: folder.path })
  assert.equal(code, 2)
  assert.match(stderr, /found none of gesta\.config\.ts, gesta\.config\.js, gesta\.config\.mjs\. Name it with --config/)
  assert.match((await gestaHere(['store', 'info', '--config', 'no.ts'])).stderr, /no\.ts, but there is no file/)
})

test('a configuration that exports nothing is told what to export', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'gesta.config.mjs'), 'export const config = {}\n')
  const { code, stderr } = await gestaHere(['store', 'info'], { folder: folder.path })
  assert.equal(code, 1)
  assert.match(stderr, /^gesta: failed: Expected .*gesta\.config\.mjs to end with "export default defineConfig/)
})

test('a named store needs its package in the folder of the command, and the command says how to get it', async () => {
  await using folder = await temporaryFolder()
  const url = 'postgres://someone:hidden-word@127.0.0.1:1/orders'
  const { code, stderr } = await gesta(['store', 'info', '--store', url], { folder: folder.path })
  assert.equal(code, 1)
  assert.match(stderr, /Expected the package @gesta\/postgres to be installed .* npm install @gesta\/postgres/)
})

test('a named SQLite store must be there: none is made by looking', async () => {
  await using folder = await temporaryFolder()
  const { code, stderr } = await gestaHere(['store', 'info', '--store', `sqlite:${join(folder.path, 'orders.db')}`])
  assert.equal(code, 2)
  assert.match(stderr, /orders\.db, but there is no file/)
})
