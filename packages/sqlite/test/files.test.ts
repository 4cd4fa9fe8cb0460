import assert from 'node:assert/strict'
import { chmod, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { sqlite } from '../src/index.ts'
import { ledgerFormat } from '../src/file-origin.ts'
import { viewPath } from '../src/view-file.ts'
import { commitOf, isStored, newStore, oneTo } from './commits.ts'
import { firstLine, runChild } from './children/run.ts'
import { runtime } from './place.ts'

const fails = (code: ErrorCode, path: string) => (error: unknown) => {
  assert.ok(isGestaError(error, code), String(error))
  assert.ok(error.message.includes(path), error.message)
  return true
}
const orders = { name: 'orders', modelVersion: 1, generation: 0 }

test('folder and file are made, and nothing but the store, its lock and its views is left when it is closed', async () => {
  await using store = await newStore()
  const path = join(dirname(store.path), 'deep', 'er', 'shop.db')
  {
    await using backend = await sqlite(path).open(runtime)
    await Promise.all(oneTo(20).map((i) => backend.events.commit(commitOf(`c${i}`, 'a'))))
    const view = await backend.readModels.open(orders)
    await view.flush({
      expected: { incarnation: 'i', position: 0, eventId: '' },
      next: { incarnation: 'i', position: 1, eventId: 'e' },
      writes: [],
    })
    await view.list('t', {})
  }
  assert.deepEqual((await readdir(dirname(path))).sort(), ['shop.db', 'shop.db.lock', 'shop.db.views'])
  assert.deepEqual(await readdir(`${path}.views`), ['orders.1.0.sqlite'])
})

test('a file of another kind, and a database of another program, are refused and left alone', async () => {
  await using store = await newStore()
  const text = 'This is a letter, not a database. '.repeat(100)
  await writeFile(store.path, text)
  await assert.rejects(store.open(), fails('store_foreign', store.path))
  assert.equal(await readFile(store.path, 'utf8'), text)

  const other = join(dirname(store.path), 'other.db')
  const db = new DatabaseSync(other)
  db.exec('CREATE TABLE letters (text TEXT)')
  db.close()
  const before = await readFile(other)
  await assert.rejects(sqlite(other).open(runtime), fails('store_foreign', other))
  assert.deepEqual(await readFile(other), before)
})

test('an empty file becomes a store', async () => {
  await using store = await newStore()
  await writeFile(store.path, '')
  await using backend = await store.open()
  assert.ok(isStored(await backend.events.commit(commitOf('c', 'a'))))
})

test('a damaged store is refused: when it is opened, or when the damage is met', async () => {
  await using store = await newStore()
  {
    await using backend = await store.open()
    await Promise.all(
      oneTo(300).map((i) =>
        backend.events.commit(commitOf(`c${i}`, `order-${i}`, { data: JSON.stringify('x'.repeat(200)) })),
      ),
    )
  }
  const whole = await readFile(store.path)
  const damage = async (from: number, to: number): Promise<void> => {
    const file = await open(store.path, 'w')
    await file.writeFile(Buffer.concat([whole.subarray(0, from), Buffer.alloc(to - from, 0xa5), whole.subarray(to)]))
    await file.close()
  }
  await damage(0, 100)
  await assert.rejects(store.open(), fails('store_foreign', store.path))
  await damage(100, 4096)
  await assert.rejects(store.open(), fails('store_foreign', store.path))
  // The first pages are whole, the data is not.
  await damage(4096 * 14, whole.length)
  const readEverything = async (): Promise<void> => {
    await using backend = await store.open()
    await backend.events.readAll({ after: 0, limit: 1000 })
  }
  await assert.rejects(readEverything(), fails('store_foreign', store.path))
  const write = async (): Promise<void> => {
    await using backend = await store.open()
    await backend.events.commit(commitOf('new', 'order-7'))
  }
  await assert.rejects(write(), fails('store_foreign', store.path))
})

/** What changes a store that is closed, as another version would. */
async function changed(change: string): Promise<Awaited<ReturnType<typeof newStore>>> {
  const store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = new DatabaseSync(store.path)
  db.exec(change)
  db.close()
  return store
}

test('a store of a newer version is refused and left alone', async () => {
  for (const change of [
    `PRAGMA user_version = ${ledgerFormat + 1}`,
    "INSERT INTO migrations VALUES ('log', 99, 'later', 'x', 1)",
    "INSERT INTO migrations VALUES ('later', 1, 'later', 'x', 1)",
  ]) {
    await using store = await changed(change)
    const before = await readFile(store.path)
    await assert.rejects(store.open(), fails('store_newer', store.path))
    assert.deepEqual(await readFile(store.path), before)
  }
})

test('a store whose migrations are not those of this version, or were not recorded, is refused and left alone', async () => {
  for (const change of [
    "UPDATE migrations SET checksum = 'x' WHERE number = 1",
    "UPDATE migrations SET name = 'other' WHERE number = 1",
    'PRAGMA user_version = 1',
  ]) {
    await using store = await changed(change)
    const before = await readFile(store.path)
    await assert.rejects(store.open(), fails('schema_drift', store.path))
    assert.deepEqual(await readFile(store.path), before)
  }
})

test('a store whose log has commits and no identity is refused', async () => {
  await using store = await newStore()
  {
    await using backend = await store.open()
    await backend.events.commit(commitOf('c', 'a'))
  }
  const db = new DatabaseSync(store.path)
  db.exec('DELETE FROM log')
  db.close()
  await assert.rejects(store.open(), fails('store_foreign', store.path))
})

test('a view of another kind or of a newer version is refused; without its file it starts anew', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await mkdir(`${store.path}.views`)
  const foreign = viewPath(store.path, orders)
  await writeFile(foreign, 'no view '.repeat(1000))
  await assert.rejects(backend.readModels.open(orders), fails('store_foreign', foreign))
  const newer = { ...orders, modelVersion: 2 }
  await backend.readModels.open(newer)
  const db = new DatabaseSync(viewPath(store.path, { ...orders, modelVersion: 3 }))
  db.exec(`PRAGMA application_id = 1734701942; PRAGMA user_version = 9; CREATE TABLE x (y)`)
  db.close()
  await assert.rejects(
    backend.readModels.open({ ...orders, modelVersion: 3 }),
    fails('store_newer', viewPath(store.path, { ...orders, modelVersion: 3 })),
  )
})

test('a view whose schema is that of another version is refused, until its file is removed', async () => {
  await using store = await newStore()
  const file = viewPath(store.path, orders)
  for (const [code, change] of [
    ['schema_drift', "UPDATE migrations SET checksum = 'x'"],
    ['schema_drift', 'PRAGMA user_version = 1'],
    ['store_newer', "INSERT INTO migrations VALUES ('view', 99, 'later', 'x', 1)"],
  ] as const) {
    {
      await using backend = await store.open()
      await backend.readModels.open(orders)
    }
    const db = new DatabaseSync(file)
    db.exec(change)
    db.close()
    await using backend = await store.open()
    await assert.rejects(backend.readModels.open(orders), fails(code, file))
    await rm(file)
  }
})

test('a file or folder without the right to write is refused', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const folder = dirname(store.path)
  await chmod(folder, 0o777)
  await chmod(`${store.path}.lock`, 0o666)
  await chmod(store.path, 0o444)
  assert.equal(await firstLine(runChild('open.ts', store.path)), 'store_read_only')
  await chmod(`${store.path}.lock`, 0o444)
  assert.equal(await firstLine(runChild('open.ts', store.path)), 'store_read_only')
  await chmod(folder, 0o555)
  assert.equal(await firstLine(runChild('open.ts', join(folder, 'new.db'))), 'store_read_only')
  assert.equal(await firstLine(runChild('open.ts', join(folder, 'new', 'new.db'))), 'store_read_only')
  await chmod(folder, 0o755)
})

test('options are checked: unknown ones, wrong values, no file', () => {
  assert.throws(() => sqlite('a.db', { durabilty: 'full' } as object), /Did you mean "durability"/)
  assert.throws(() => sqlite('a.db', { durability: 'off' as 'full' }), /"full" or "normal"/)
  assert.throws(() => sqlite('a.db', { bytesMax: 10 }), /65,536/)
  assert.throws(() => sqlite(':memory:'), /memory\(\)/)
})
