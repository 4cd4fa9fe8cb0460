import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { answered, gesta, gestaHere, temporaryFolder } from './run-gesta.ts'

const module = ['--module', 'config-module.ts']

test('config docs, schema and sample tell what the definition is', async () => {
  const docs = await gesta(['config', 'docs', ...module])
  assert.deepEqual([docs.code, docs.stderr], [0, ''])
  assert.match(docs.stdout, /\| `limits\.ordersMax` \| integer from 1 \| `100` \| hot \| Open orders\. \|/)
  const schema = await answered<{ readonly additionalProperties: boolean }>(['config', 'schema', ...module])
  assert.equal(schema.additionalProperties, false)
  assert.match((await gestaHere(['config', 'sample', ...module])).stdout, /\n {2}ordersMax: 100\n/)
})

test('config show tells where each value came from, and no secret', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'shop.yaml')
  await writeFile(path, 'limits:\n  ordersMax: 5\ndatabase:\n  url: secret:env:URL\n')
  const { code, stdout } = await gestaHere(['config', 'show', ...module], { env: { GESTA_TEST_CONFIG: path } })
  assert.equal(code, 0)
  assert.match(stdout, /limits\.ordersMax +5 +.*shop\.yaml:2 +hot/)
  assert.match(stdout, /database\.url +\(secret\) +.*shop\.yaml:4 +restart/)
  assert.doesNotMatch(stdout, /hidden-word/)
})

test('config check tells all problems and ends with 1, or tells that there are none', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'shop.yaml')
  await writeFile(path, 'limits:\n  ordersMax: 0\n  ordersMx: 1\n')
  const place = { env: { GESTA_TEST_CONFIG: path } }
  const wrong = await gestaHere(['config', 'check', ...module], place)
  assert.equal(wrong.code, 1)
  assert.match(wrong.stdout, /there are 2 problems[^]*shop\.yaml:3.*Did you mean "limits\.ordersMax"[^]*shop\.yaml:2/)
  const { problems } = await answered<{ readonly problems: readonly object[] }>(['config', 'check', ...module], place)
  assert.equal(problems.length, 2)
  await writeFile(path, 'limits:\n  ordersMax: 1\n')
  const right = await gestaHere(['config', 'check', ...module], place)
  assert.deepEqual([right.code, right.stdout], [0, '2 keys, no problems.\n'])
})

test('a module that is not there, or exports none, is told', async () => {
  for (const [args, message] of [
    [[], /Expected --module FILE/],
    [['--module', 'no.ts'], /no\.ts, but there is no file/],
    [['--module', 'orders-app.ts'], /to export definition, as defineConfig\(\)/],
  ] as const) {
    const { code, stderr } = await gestaHere(['config', 'check', ...args])
    assert.equal(code, 2)
    assert.match(stderr, message)
  }
})
