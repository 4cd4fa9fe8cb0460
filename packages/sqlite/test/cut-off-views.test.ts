// Files of views whose process was killed while it made them.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { noPlan } from '@gesta/core/ports'
import { newStore } from './commits.ts'
import { at, orders, rowsOf } from './views.ts'

test('a file that was cut off while it was made keeps no view from being listed, and is made anew', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const { readModels } = backend
  await readModels.open(orders)
  const folder = `${store.path}.views`
  const begun = join(folder, 'begun.db')
  const cutOff = join(folder, 'begun.1.1.sqlite')
  mkdirSync(folder, { recursive: true })
  {
    // As it is on the disk in the middle of its first transaction: with a journal that has to be rolled back.
    const db = new DatabaseSync(begun)
    db.exec('CREATE TABLE filled (text); PRAGMA cache_size = 1; BEGIN')
    const insert = db.prepare('INSERT INTO filled VALUES (?)')
    for (let row = 0; row < 100; row += 1) insert.run('x'.repeat(4_000))
    copyFileSync(begun, cutOff)
    copyFileSync(`${begun}-journal`, `${cutOff}-journal`)
    db.close()
  }
  assert.deepEqual(await readModels.views(), [orders])
  assert.ok(!existsSync(`${cutOff}-journal`))
  assert.deepEqual(await readModels.plan('begun', 1), noPlan)
  const view = await readModels.open(orders)
  assert.equal(await view.flush({ expected: at(0), next: at(1), writes: rowsOf(1) }), true)
})
