import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { noPlan } from '@gesta/core/ports'
import { sqliteCommandLog } from '../../src/index.ts'
import { viewPath, viewsFolder } from '../../src/view-file.ts'
import { newStore } from '../commits.ts'
import { runtime } from '../place.ts'

const orders = { name: 'orders', modelVersion: 1, generation: 0 }

/** All that migrations made: what marks the file, its tables, and the ledger without times. */
function schemaOf(path: string): string {
  const db = new DatabaseSync(path)
  const marks = ['application_id', 'user_version', 'journal_mode'].map(
    (name) => `-- ${name} = ${String(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0])}`,
  )
  const tables = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name').all()
  const ledger = db.prepare('SELECT module, number, name, checksum FROM migrations ORDER BY rowid').all()
  db.close()
  return [
    ...marks,
    ...tables.map(({ sql }) => `${String(sql)};`),
    ...ledger.map((row) => `-- applied: ${Object.values(row).join(' ')}`),
    '',
  ].join('\n')
}
const golden = (name: string): Promise<string> => readFile(new URL(`../golden/${name}`, import.meta.url), 'utf8')

test('the schema is the one that is written down', async () => {
  await using store = await newStore()
  {
    await using backend = await store.open()
    await backend.readModels.open(orders)
    await backend.readModels.changePlan('orders', 1, { ...noPlan, revision: 1 })
    const { snapshots, leases, keys, credentials, data, cache, log } = backend
    for (const beside of [snapshots, leases, keys, credentials, data, cache, log]) await beside.total()
  }
  const records = `${store.path}-records`
  await (await sqliteCommandLog(records).open(runtime))[Symbol.asyncDispose]()
  assert.equal(schemaOf(records), await golden('command-log.sql'))
  assert.equal(schemaOf(store.path), await golden('schema.sql'))
  assert.equal(schemaOf(viewPath(store.path, orders)), await golden('view.sql'))
  assert.equal(schemaOf(join(viewsFolder(store.path), 'plans.sqlite')), await golden('plans.sql'))
  for (const name of ['snapshots', 'leases', 'keys', 'credentials', 'data', 'cache', 'log'])
    assert.equal(schemaOf(`${store.path}.${name}`), await golden(`${name}.sql`))
})
