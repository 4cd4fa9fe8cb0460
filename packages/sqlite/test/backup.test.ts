import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { OpenBackend } from '@gesta/core/ports'
import { backup, sqlite } from '../src/index.ts'
import { commitOf, isStored, newStore, oneTo } from './commits.ts'
import { runtime } from './place.ts'

/** Ids of the commands in the log, in order. */
async function commandsIn({ events }: OpenBackend): Promise<readonly string[]> {
  return (await events.readAll({ after: 0, limit: 10_000 })).map(({ commandId }) => commandId)
}

describe('a backup', () => {
  test('holds what was acknowledged when it began, and is a store of its own', async () => {
    await using store = await newStore()
    const copy = join(dirname(store.path), 'copy.db')
    await using backend = await store.open()
    await Promise.all(oneTo(300).map((i) => backend.events.commit(commitOf(`before-${i}`, `a${i}`))))
    const { path, bytes } = await backup(store.path, copy)
    assert.equal(path, copy)
    assert.ok(bytes > 0)
    assert.ok(isStored(await backend.events.commit(commitOf('after', 'a'))))

    await using restored = await sqlite(copy).open(runtime)
    assert.deepEqual(await commandsIn(restored), (await commandsIn(backend)).slice(0, 300))
    assert.ok(isStored(await restored.events.commit(commitOf('on', 'a1', { reads: [] }))))
    assert.equal(await restored.events.head(), 301)
  })

  test('is whole while commits go on: a prefix of the log', async () => {
    await using store = await newStore()
    await using backend = await store.open()
    let copied = false
    const writing = (async () => {
      for (let i = 1; !copied || i < 50; i++) await backend.events.commit(commitOf(`c${i}`, `a${i % 7}`))
    })()
    const copies = oneTo(3).map((at) => join(dirname(store.path), `copy-${at}.db`))
    try {
      for (const copy of copies) await backup(store.path, copy)
    } finally {
      copied = true
      await writing
    }
    const whole = await commandsIn(backend)
    for (const copy of copies) {
      await using restored = await sqlite(copy).open(runtime)
      const kept = await commandsIn(restored)
      assert.deepEqual(kept, whole.slice(0, kept.length))
    }
  })

  test('that was restored and forked refuses what was made before', async () => {
    await using store = await newStore()
    const copy = join(dirname(store.path), 'copy.db')
    {
      await using backend = await store.open()
      await backend.events.commit(commitOf('c1', 'a'))
      await backup(store.path, copy)
    }
    let before
    let after
    {
      await using restored = await sqlite(copy).open(runtime)
      before = restored.events.identity
      after = await restored.events.fork()
    }
    await using again = await sqlite(copy).open(runtime)
    assert.notEqual(after.incarnation, before.incarnation)
    assert.deepEqual(again.events.identity, after)
    assert.equal(after.secret, before.secret)
    assert.deepEqual(await commandsIn(again), ['c1'])
  })
})

describe('a backup that cannot be made', () => {
  test('says why, and leaves nothing behind', async () => {
    await using store = await newStore()
    const folder = dirname(store.path)
    const copy = join(folder, 'copy.db')
    await assert.rejects(backup(join(folder, 'nothing.db'), copy), /found nothing there/)
    await (await store.open())[Symbol.asyncDispose]()
    await writeFile(copy, 'a letter')
    await assert.rejects(backup(store.path, copy), /it exists/)
    const letter = join(folder, 'letter.db')
    await writeFile(letter, 'This is a letter, not a database. '.repeat(100))
    await assert.rejects(backup(letter, join(folder, 'b.db')), (error) => isGestaError(error, 'store_foreign'))
    await mkdir(join(folder, 'c.db.part'))
    await assert.rejects(backup(store.path, join(folder, 'c.db')))
    const names = await readdir(folder)
    assert.ok(!names.includes('b.db') && !names.includes('b.db.part') && !names.includes('c.db'), names.join())
  })
})
