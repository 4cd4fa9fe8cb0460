import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { postgresForTests } from '../../src/index.ts'

const postgres = await postgresForTests()
const root = join(import.meta.dirname, '..', '..', '..', '..')
const usesPostgres = 'tools/services/test/postgres/for-tests'
const usesNothing = 'packages/core/test/stores/read-model/memory-read-model-store'

interface Ended {
  readonly status: number | null
  readonly output: string
  readonly errors: string
}

/** As from a shell: nothing of the run that this test is part of is passed on. */
async function runTests(paths: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const { GESTA_TEST_RUN: _run, NODE_TEST_CONTEXT: _context, CI: _ci, ...inherited } = process.env
  const child = spawn(process.execPath, ['--conditions=gesta-source', 'tools/run-tests.ts', ...paths], {
    cwd: root,
    env: { ...inherited, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = child.stdout.setEncoding('utf8').toArray()
  const errors = child.stderr.setEncoding('utf8').toArray()
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, output: (await output).join(''), errors: (await errors).join('') }
}

describe('npm test', () => {
  test('says at its end which suites ran on what', { skip: postgres.skip }, async () => {
    const { status, output, errors } = await runTests([usesPostgres, usesNothing])
    assert.equal(status, 0, output + errors)
    assert.match(output, /^memory: read-model store$/m)
    assert.match(output, /^PostgreSQL [\d.]+ at \S+ \(.+\): services\/postgres\/for-tests$/m)
  })

  test('looks for no server that nobody needs', async () => {
    const { status, output, errors } = await runTests([usesNothing], {
      GESTA_TEST_POSTGRES_URL: 'postgres://127.0.0.1:1',
    })
    assert.equal(status, 0, output + errors)
    assert.doesNotMatch(output, /PostgreSQL/)
  })

  test('says loudly what it could not test, skips it with the reason, and passes', async () => {
    const { status, output, errors } = await runTests([usesPostgres], { GESTA_TEST_SERVICES: '' })
    assert.equal(status, 0, output + errors)
    assert.match(output, /﹣ a database for a test .*# PostgreSQL could not be had/)
    assert.match(
      errors,
      /^NOT TESTED: services\/postgres\/for-tests\. PostgreSQL could not be had\.\n.*\nInstall PostgreSQL/m,
    )
  })

  test('fails in CI when a server could not be had', async () => {
    const { status, output, errors } = await runTests([usesPostgres], { GESTA_TEST_SERVICES: '', CI: 'true' })
    assert.equal(status, 1, output + errors)
    assert.match(output, /✖ is empty, in UTF-8/)
    assert.match(errors, /^NOT TESTED: /m)
  })

  test('fails everywhere when a server that is named does not answer', async () => {
    const { status, errors } = await runTests([usesPostgres], { GESTA_TEST_POSTGRES_URL: 'postgres://127.0.0.1:1' })
    assert.equal(status, 1)
    assert.match(errors, /GESTA_TEST_POSTGRES_URL names a server that does not answer/)
  })
})

test('a test file that is run by hand finds its server itself', { skip: postgres.skip }, async () => {
  const { GESTA_TEST_RUN: _run, NODE_TEST_CONTEXT: _context, ...inherited } = process.env
  const child = spawn(process.execPath, ['--test', `${usesPostgres}.test.ts`], { cwd: root, env: inherited })
  const [status] = (await once(
    child.on('spawn', () => child.stdout.resume()),
    'exit',
  )) as [number | null]
  assert.equal(status, 0)
})
