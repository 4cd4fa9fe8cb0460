// The files of views: which ones are views, what is left of a removed one, those of an earlier version, and views apart from a store.
import assert from 'node:assert/strict'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { isGestaError, migrationSteps, noPlan } from '@gesta/core/ports'
import { openPlain } from '../src/database.ts'
import { viewKind } from '../src/file-origin.ts'
import { sqlite, sqliteViews } from '../src/index.ts'
import { applyMigration } from '../src/ledger.ts'
import { viewModules } from '../src/migrations/index.ts'
import { viewPath, viewsFolder } from '../src/view-file.ts'
import { newStore, oneTo, tenant } from './commits.ts'
import { runtime } from './place.ts'
import { at, orders, rowsOf } from './views.ts'

test('files that are damaged, empty, copied or of another program are no views, and stay', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await backend.readModels.open(orders)
  const folder = viewsFolder(store.path)
  const file = (name: string): string => join(folder, name)
  await writeFile(file('damaged.1.1.sqlite'), 'no database at all'.repeat(1000))
  await writeFile(file('empty.1.1.sqlite'), '')
  await writeFile(file('notes.txt'), 'mine')
  await copyFile(viewPath(store.path, orders), file('copied.1.1.sqlite'))
  const foreign = openPlain(file('foreign.1.1.sqlite'))
  foreign.exec('CREATE TABLE view (id, name, model_version, generation)')
  foreign.close()
  const marked = openPlain(file('marked.1.1.sqlite'))
  marked.exec(`PRAGMA application_id = ${viewKind.applicationId}; PRAGMA user_version = 2; CREATE TABLE a (b)`)
  marked.close()
  const before = await readdir(folder)
  assert.deepEqual(await backend.readModels.views(), [orders])
  const after = new Set(await readdir(folder))
  assert.deepEqual(
    before.filter((name) => !after.has(name)),
    [],
  )
})

test('of a removed view no file is left, whoever reads it or opens it meanwhile', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const { readModels } = backend
  for (const position of oneTo(5)) {
    const view = await readModels.open(orders)
    assert.equal(await view.flush({ expected: at(0), next: at(position), writes: rowsOf(position) }), true)
    const reads = oneTo(4).flatMap(() => [view.list(tenant, {}), view.scan(), view.load(rowsOf(0))])
    const removing = Promise.all([readModels.remove(orders), readModels.remove(orders)])
    const opening = readModels.open(orders)
    for (const read of await Promise.allSettled(reads))
      assert.ok(read.status === 'fulfilled' || isGestaError(read.reason, 'store_closed'))
    await removing
    assert.equal(await (await opening).checkpoint(), undefined)
    await readModels.remove(orders)
    assert.deepEqual(await readdir(viewsFolder(store.path)), [])
  }
})

test('a folder that cannot be made is told with the code of the store', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await writeFile(viewsFolder(store.path), 'a file is in its place')
  const isRefused = (error: unknown): boolean => isGestaError(error, 'store_read_only')
  await assert.rejects(backend.readModels.open(orders), isRefused)
  await assert.rejects(backend.readModels.changePlan('orders', 1, { ...noPlan, revision: 1 }), isRefused)
})

test('a view of the version before keeps its rows and its place', async () => {
  await using store = await newStore()
  const path = viewPath(store.path, orders)
  await mkdir(viewsFolder(store.path))
  const db = openPlain(path)
  db.exec('PRAGMA journal_mode = WAL')
  const [first] = migrationSteps(viewModules)
  assert.ok(first)
  applyMigration(db, { path, kind: viewKind }, first, 0)
  db.exec(`INSERT INTO view VALUES (1, 'orders', 1, 1); INSERT INTO checkpoint VALUES (1, 'i', 1, 'e1')`)
  db.exec(`INSERT INTO rows VALUES ('t', 'b', '2'), ('t', 'a', '1')`)
  db.close()
  await using backend = await store.open()
  const view = await backend.readModels.open(orders)
  assert.deepEqual(await view.checkpoint(), at(1))
  assert.deepEqual((await view.list(tenant, {})).rows, ['1', '2'])
  assert.equal(await view.flush({ expected: at(1), next: at(2), writes: [], fencingToken: 1 }), true)
})

test('views apart from the store have a folder and a lock of their own', async () => {
  await using store = await newStore()
  const path = `${store.path}-reports`
  {
    await using views = await sqliteViews(path).open(runtime)
    const view = await views.open(orders)
    assert.equal(await view.flush({ expected: at(0), next: at(1), writes: rowsOf(1) }), true)
    const locked = (error: unknown): boolean => isGestaError(error, 'store_locked')
    await assert.rejects(Promise.resolve(sqliteViews(path).open(runtime)), locked)
    await assert.rejects(sqlite(path).open(runtime), locked)
    await using backend = await store.open()
    assert.deepEqual(await backend.readModels.views(), [])
  }
  await using views = await sqliteViews(path).open(runtime)
  assert.deepEqual(await views.views(), [orders])
  assert.deepEqual(await (await views.open(orders)).checkpoint(), at(1))
  assert.throws(() => sqliteViews(':memory:'), /memoryViews/)
})

test('a plan that is asked for makes no file', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  assert.equal((await backend.readModels.plan('orders', 1)).revision, 0)
  await backend.readModels.removePlan('orders', 1)
  assert.deepEqual(await backend.readModels.views(), [])
  await assert.rejects(readdir(viewsFolder(store.path)))
})
