import assert from 'node:assert/strict'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import { createAppender } from '../src/append.ts'
import { openForWriting } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { commitOf, newStore, written } from './commits.ts'

/** A connection whose next COMMIT fails as if the disk did: `after` it was done, or `instead` of it. */
function failingCommit(db: Database, when: 'after' | 'instead'): Database {
  let failed = false
  return new Proxy(db, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'prepare') return value.bind(target) as unknown
      return (sql: string) => {
        const statement = target.prepare(sql)
        if (sql !== 'COMMIT') return statement
        return {
          run: () => {
            if (failed) return statement.run()
            failed = true
            target.exec(when === 'after' ? 'COMMIT' : 'ROLLBACK')
            throw Object.assign(new Error('disk I/O error'), { errcode: 1034 })
          },
        }
      }
    },
  })
}

for (const when of ['after', 'instead'] as const) {
  test(`a group whose COMMIT failed ${when === 'after' ? 'although it is on disk' : 'and is not on disk'} is appended again under its ids and stored once`, async () => {
    await using store = await newStore()
    await (await store.open())[Symbol.asyncDispose]()
    let opened = 0
    const open = (): Database => {
      opened += 1
      const db = openForWriting(store.path, { durability: 'full' })
      return opened === 1 ? failingCommit(db, when) : db
    }
    const appender = createAppender(open, store.path)
    const first = commitOf('c1', 'a', { data: '1' })
    const two = { ...commitOf('c2', 'b', { data: '2' }), streams: [...first.streams, ...commitOf('', 'b').streams] }
    const conflict = { ...commitOf('c3', 'c'), reads: [{ aggregateType: 'Order', aggregateId: 'a', version: 9 }] }
    assert.deepEqual(appender.append(written(first, two, conflict), false), [
      { verdict: 'stored', commitNo: 1, position: 1, firstVersions: [1] },
      { verdict: 'stored', commitNo: 2, position: 3, firstVersions: [2, 1] },
      { verdict: 'conflict', stream: { aggregateType: 'Order', aggregateId: 'a' }, expected: 9, actual: 2 },
    ])
    assert.equal(opened, 2)
    const [again] = appender.append(written(first), false)
    assert.equal(again?.verdict, 'duplicate')
    appender.close()
  })
}

test('when the disk fails again, the outcome is unknown, and the next group finds a store that works', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  let opened = 0
  const open = (): Database => {
    opened += 1
    const db = openForWriting(store.path, { durability: 'full' })
    return opened <= 2 ? failingCommit(db, 'instead') : db
  }
  const appender = createAppender(open, store.path)
  assert.throws(
    () => appender.append(written(commitOf('c1', 'a')), false),
    (error) => isGestaError(error, 'outcome_unknown'),
  )
  assert.deepEqual(appender.append(written(commitOf('c1', 'a')), false), [
    { verdict: 'stored', commitNo: 1, position: 1, firstVersions: [1] },
  ])
  appender.close()
})

test('a connection that could not be opened again is opened by a later group', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  let opened = 0
  const open = (): Database => {
    opened += 1
    if (opened === 2 || opened === 3) throw Object.assign(new Error('unable to open database file'), { errcode: 14 })
    const db = openForWriting(store.path, { durability: 'full' })
    return opened === 1 ? failingCommit(db, 'instead') : db
  }
  const appender = createAppender(open, store.path)
  const append = () => appender.append(written(commitOf('c1', 'a')), false)
  assert.throws(append, (error) => isGestaError(error, 'outcome_unknown'))
  assert.throws(append, (error) => isGestaError(error, 'store_unavailable'))
  assert.equal(append()[0]?.verdict, 'stored')
  appender.close()
  assert.equal(opened, 4)
})

test('a repetition that is not the same commit stays a duplicate, also when an earlier attempt may have stored it', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const appender = createAppender(() => openForWriting(store.path, { durability: 'full' }), store.path)
  const first = commitOf('c1', 'a')
  appender.append(written(first), false)
  for (const other of [
    { ...first, recordedAt: 5 },
    { ...first, streams: [] },
    { ...first, header: { ...first.header, outcome: 'abandoned' as const } },
  ]) {
    assert.equal(appender.append(written(other), true)[0]?.verdict, 'duplicate')
  }
  assert.equal(appender.append(written(first), true)[0]?.verdict, 'stored')
  appender.close()
})
