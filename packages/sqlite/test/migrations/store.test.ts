import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { dryRunMigrations, isGestaError, migrationStatus, runMigrations } from '@gesta/core/ports'
import type { MigrationModule } from '@gesta/core/ports'
import { sqliteMigrations } from '../../src/index.ts'
import { commitOf, isStored, newStore } from '../commits.ts'
import { runtime } from '../place.ts'

const namesOf = (list: readonly { readonly module: string; readonly name: string }[]): readonly string[] =>
  list.map(({ module, name }) => `${module} ${name}`)
/** What a domain would bring: tables of its own beside those of the store. */
const loyalty: MigrationModule = {
  name: 'loyalty',
  dependsOn: ['log'],
  migrations: [
    { number: 1, name: 'cards', statements: ['CREATE TABLE cards (id TEXT PRIMARY KEY, since INTEGER) STRICT'] },
    {
      number: 2,
      name: 'first-cards',
      statements: ['INSERT INTO cards SELECT aggregate_id, min(position) FROM events GROUP BY aggregate_id'],
    },
  ],
}

test('a module of a domain runs after those of the store, and the store knows then that it is newer', async () => {
  await using store = await newStore()
  {
    await using backend = await store.open()
    assert.ok(isStored(await backend.events.commit(commitOf('c', 'order-1'))))
  }
  const { target, modules } = sqliteMigrations(store.path)
  assert.deepEqual(namesOf(await runMigrations(target, [loyalty, ...modules], runtime)), [
    'loyalty cards',
    'loyalty first-cards',
  ])
  const db = new DatabaseSync(store.path)
  assert.deepEqual({ ...db.prepare('SELECT id, since FROM cards').get() }, { id: 'order-1', since: 1 })
  db.close()
  assert.equal(
    (await migrationStatus(target, [loyalty, ...modules])).applied.length,
    modules.flatMap(({ migrations }) => migrations).length + 2,
  )
  await assert.rejects(store.open(), (error) => isGestaError(error, 'store_newer'))
})

test('a new file that was migrated by itself is opened as a store', async () => {
  await using store = await newStore()
  const { target, modules } = sqliteMigrations(store.path)
  await runMigrations(target, modules, runtime)
  let incarnation: string
  {
    await using backend = await store.open()
    assert.ok(isStored(await backend.events.commit(commitOf('c', 'a'))))
    ;({ incarnation } = backend.events.identity)
  }
  await using again = await store.open()
  assert.equal(again.events.identity.incarnation, incarnation)
})

test('who looks at a store that an app has open sees its migrations; who migrates it is told to wait', async () => {
  await using store = await newStore()
  await using _ = await store.open()
  const { target, modules } = sqliteMigrations(store.path)
  assert.deepEqual(namesOf((await migrationStatus(target, modules)).applied), [
    'log log',
    'log command-detail',
    'log audit-log',
    'log job-terms',
    'jobs jobs',
    'outbox outbox',
  ])
  assert.deepEqual(namesOf(await dryRunMigrations(target, [...modules, loyalty])), [
    'loyalty cards',
    'loyalty first-cards',
  ])
  await assert.rejects(runMigrations(target, [...modules, loyalty], runtime, { lockTimeoutMs: 10 }), (error) => {
    assert.ok(isGestaError(error, 'migration_lock_timeout'))
    assert.ok(error.message.includes(`process ${process.pid} on `), error.message)
    return true
  })
})

test('looking makes no file, and changes none', async () => {
  await using store = await newStore()
  const folder = dirname(store.path)
  const { target, modules } = sqliteMigrations(store.path)
  assert.deepEqual(namesOf(await dryRunMigrations(target, modules)), [
    'log log',
    'log command-detail',
    'log audit-log',
    'log job-terms',
    'jobs jobs',
    'outbox outbox',
  ])
  assert.deepEqual(namesOf((await migrationStatus(target, modules)).pending), [
    'log log',
    'log command-detail',
    'log audit-log',
    'log job-terms',
    'jobs jobs',
    'outbox outbox',
  ])
  assert.deepEqual(await readdir(folder), [])

  {
    await using backend = await store.open()
    assert.ok(isStored(await backend.events.commit(commitOf('c', 'a'))))
  }
  const [files, before] = [await readdir(folder), await readFile(store.path)]
  assert.equal((await dryRunMigrations(target, [...modules, loyalty])).length, 2)
  assert.deepEqual(await readFile(store.path), before)
  assert.deepEqual(await readdir(folder), files)
})

test('a file of another program is refused by who looks and by who migrates, and left alone', async () => {
  await using store = await newStore()
  const other = join(dirname(store.path), 'deep', 'other.db')
  await mkdir(dirname(other))
  const db = new DatabaseSync(other)
  db.exec('CREATE TABLE migrations (module TEXT)')
  db.close()
  const before = await readFile(other)
  const { target, modules } = sqliteMigrations(other)
  const isForeign = (error: unknown): boolean => isGestaError(error, 'store_foreign')
  await assert.rejects(migrationStatus(target, modules), isForeign)
  await assert.rejects(runMigrations(target, modules, runtime), isForeign)
  await assert.rejects(target.tryLock(), isForeign)
  assert.deepEqual(await readFile(other), before)
  // The lock that was taken before the file was looked at is free again.
  await writeFile(other, '')
  const { session } = await target.tryLock()
  await session?.[Symbol.asyncDispose]()
})

test('a statement that ends its transaction is noticed, and nothing after it runs', async () => {
  await using store = await newStore()
  const { target } = sqliteMigrations(store.path)
  const sneaky = 'CREATE TABLE a (b); COMMIT'
  const migrations = [{ number: 1, name: 'sneaky', statements: [sneaky, 'CREATE TABLE later (b)'] }]
  await assert.rejects(runMigrations(target, [{ name: 'log', migrations }], runtime), (error) => {
    assert.ok(isGestaError(error, 'migration_failed'))
    assert.match(error.message, /log 1 "sneaky".*statement 1 of 2.*ended the transaction/)
    return true
  })
  assert.deepEqual(await target.ledger(), [])
})
