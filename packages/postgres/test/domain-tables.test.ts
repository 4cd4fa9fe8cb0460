// Tables of domains: a schema beside the store's, which processes that start together bring up to date once.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import { connect } from '../src/driver.ts'
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { newSchema, skip } from './place.ts'
import { cards, tablesApp } from './tables-app.ts'

async function texts({ url, schema }: PostgresOptions, select: string): Promise<readonly string[]> {
  const connection = await connect({ url, applicationName: 'test', connectTimeoutMs: 30_000, answerTimeoutMs: 0 })
  try {
    return (await connection.query(select.replaceAll('$domains', `"${schema}_domains"`))).map((row) => row.join(' '))
  } finally {
    await connection.close()
  }
}
const ledger = 'SELECT module, number, name FROM $domains.migrations ORDER BY id'

test('tables of domains are made once by processes that start together', { skip }, async () => {
  const options = await newSchema()
  const path = new URL('children/domain-tables.ts', import.meta.url).pathname
  const processes = await Promise.all(
    [1, 2, 3].map(async () => {
      const child = spawn(process.execPath, ['--conditions=gesta-source', path, JSON.stringify(options)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      const ended = once(child, 'exit')
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
      assert.equal((await lines.next()).value, 'ready')
      return { child, ended, lines }
    }),
  )
  for (const { child } of processes) child.stdin.end('go\n')
  for (const { lines, ended } of processes) {
    assert.equal((await lines.next()).value, 'started')
    assert.deepEqual(await ended, [0, null])
  }
  assert.deepEqual(await texts(options, 'SELECT id FROM $domains.cards'), ['first'])
  assert.deepEqual(await texts(options, ledger), ['loyalty 1 cards', 'card-use 1 uses'])
})

test('a start is refused by tables that have drifted, and by those of a newer version', { skip }, async () => {
  const options = await newSchema()
  const start = (migrations?: Parameters<typeof tablesApp>[0]) =>
    tablesApp(migrations).start({ store: postgres(options) })
  {
    await using _ = await start()
  }
  const changed = { ...cards, statements: ['CREATE TABLE cards (id integer)'] }
  await assert.rejects(start([changed]), (error) => isGestaError(error, 'schema_drift'))
  await assert.rejects(start([]), (error) => isGestaError(error, 'store_newer'))
  await using _ = await start()
})
