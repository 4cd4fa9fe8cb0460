import assert from 'node:assert/strict'
import { chmod, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { sqlite } from '../src/index.ts'
import { migrations } from '../src/migrations/index.ts'
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

test('the schema is the one that is written down', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = new DatabaseSync(store.path)
  const rows = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name').all()
  const versions = ['application_id', 'user_version', 'journal_mode'].map(
    (name) => `-- ${name} = ${String(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0])}`,
  )
  db.close()
  const schema = `${[...versions, ...rows.map(({ sql }) => `${String(sql)};`)].join('\n')}\n`
  assert.equal(schema, await readFile(new URL('golden/schema.sql', import.meta.url), 'utf8'))
})

test('migrations are numbered from 1 without gaps', () => {
  assert.deepEqual(
    migrations.map(({ number }) => number),
    oneTo(migrations.length),
  )
})

test('folder and file are made, and nothing but the store, its lock and its views is left when it is closed', async () => {
  await using store = await newStore()
  const path = join(dirname(store.path), 'deep', 'er', 'shop.db')
  {
    await using backend = await sqlite(path).open(runtime)
    await Promise.all(oneTo(20).map((i) => backend.events.commit(commitOf(`c${i}`, 'a'))))
    const view = await backend.readModels.open(orders)
    await view.flush({
      expected: { incarnation: 'i', position: 0 },
      next: { incarnation: 'i', position: 1 },
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

test('a store of a newer version is refused and left alone', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = new DatabaseSync(store.path)
  db.exec(`PRAGMA user_version = ${migrations.length + 1}`)
  db.close()
  await assert.rejects(store.open(), fails('store_newer', store.path))
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
