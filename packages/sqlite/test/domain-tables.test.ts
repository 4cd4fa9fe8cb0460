// Tables of domains: a file beside the store's, which is brought up to date before anything runs.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { createApp, domain } from '@gesta/core'
import { isGestaError } from '@gesta/core/ports'
import type { Migration } from '@gesta/core/ports'
import { sqlite } from '../src/index.ts'
import { newFolder } from './place.ts'

const cards: Migration = { number: 1, name: 'cards', statements: ['CREATE TABLE cards (id TEXT PRIMARY KEY) STRICT'] }
const points: Migration = {
  number: 2,
  name: 'points',
  statements: ['ALTER TABLE cards ADD COLUMN points INTEGER NOT NULL DEFAULT 0'],
}
const uses: Migration = {
  number: 1,
  name: 'uses',
  statements: ['CREATE TABLE uses (card TEXT REFERENCES cards) STRICT', 'INSERT INTO cards (id) VALUES (1)'],
}
const owning = (name: string, migrations: readonly Migration[], dependsOn: readonly string[] = []) =>
  domain(name, { permissions: 'anonymous', handlers: [], migrations, dependsOn })

function rowsOf(path: string, select: string): readonly string[] {
  const db = new DatabaseSync(`${path}.domains`, { readOnly: true })
  try {
    return db
      .prepare(select)
      .all()
      .map((row) => Object.values(row).join(' '))
  } finally {
    db.close()
  }
}
const ledger = 'SELECT module, number, name FROM migrations ORDER BY rowid'

test('tables of domains are made in their order before a domain starts, and once', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const found: (readonly string[])[] = []
  const looking = domain('Look', {
    permissions: 'anonymous',
    handlers: [],
    start: async () => void found.push(rowsOf(path, 'SELECT id, points FROM cards')),
  })
  const domains = [owning('CardUse', [uses], ['Between']), owning('Between', [], ['Loyalty']), looking]
  const app = createApp('shop', { domains: [...domains, owning('Loyalty', [cards, points])] })
  for (let starts = 0; starts < 2; starts++) {
    await using _ = await app.start({ store: sqlite(path) })
  }
  assert.deepEqual(found, [['1 0'], ['1 0']])
  assert.deepEqual(rowsOf(path, ledger), ['loyalty 1 cards', 'loyalty 2 points', 'card-use 1 uses'])
})

test('an app whose domains have no tables makes no file for them', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  {
    await using _ = await createApp('shop', { domains: [owning('Loyalty', [])] }).start({ store: sqlite(path) })
  }
  assert.equal(existsSync(`${path}.domains`), false)
})

test('a start is refused by tables that have drifted, are newer or cannot be made, and leaves the store free', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'shop.db')
  const start = (...migrations: readonly Migration[]) =>
    createApp('shop', { domains: [owning('Loyalty', migrations)] }).start({ store: sqlite(path) })
  {
    await using _ = await start(cards, points)
  }
  const changed = { ...cards, statements: ['CREATE TABLE cards (id INTEGER PRIMARY KEY) STRICT'] }
  const broken = {
    number: 3,
    name: 'broken',
    statements: ['CREATE TABLE more (id TEXT)', 'CREATE TABLE cards (id TEXT)'],
  }
  for (const [code, migrations] of [
    ['schema_drift', [changed, points]],
    ['store_newer', [cards]],
    ['migration_failed', [cards, points, broken]],
  ] as const)
    await assert.rejects(start(...migrations), (error) => isGestaError(error, code))
  assert.deepEqual(rowsOf(path, ledger), ['loyalty 1 cards', 'loyalty 2 points'])
  assert.deepEqual(rowsOf(path, "SELECT name FROM sqlite_schema WHERE name = 'more'"), [])
  await using _ = await start(cards, points)
})
