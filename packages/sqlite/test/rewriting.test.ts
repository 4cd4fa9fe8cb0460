// What rewriting means in a file: refused by default, found again, and done once whatever breaks meanwhile.
import assert from 'node:assert/strict'
import test from 'node:test'
import { deletedEventType, isGestaError } from '@gesta/core/ports'
import type { EventRewrite } from '@gesta/core/ports'
import { createAppender } from '../src/append.ts'
import { openForWriting } from '../src/database.ts'
import type { SqliteEventStore } from '../src/event-store.ts'
import { auditEntry, commitOf, newStore, oneTo, tenant, written } from './commits.ts'

const rewriteOf = (commandId: string, by: string, data: string | undefined): EventRewrite => ({
  tenant,
  commandId,
  index: 0,
  data,
  record: commitOf(by, 'a', { streams: [], audit: [auditEntry('StoreEvent.Update')] }),
})

test('is refused unless the store was opened for it', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await backend.events.commit(commitOf('c1', 'a', { data: '1' }))
  for (const [operation, call] of [
    ['rewrite', () => backend.events.rewrite(rewriteOf('c1', 'r1', '2'))],
    ['reset', () => backend.events.reset()],
  ] as const) {
    await assert.rejects(call(), (error) => {
      assert.ok(isGestaError(error, 'store_read_only'))
      assert.deepEqual(error.facts, { store: 'event', operation })
      return true
    })
  }
  assert.equal((await backend.events.readAll({ after: 0 }))[0]?.data, '1')
})

test('is found again when the store is opened again', async () => {
  await using store = await newStore()
  {
    await using backend = await store.open({ allowRewriting: true })
    for (const i of oneTo(30)) await backend.events.commit(commitOf(`c${i}`, 'a', { data: String(i) }))
    for (const i of oneTo(30))
      assert.equal((await backend.events.rewrite(rewriteOf(`c${i}`, `r${i}`, undefined)))?.verdict, 'stored')
  }
  await using backend = await store.open()
  const log = await backend.events.readAll({ after: 0 })
  assert.ok(log.length === 30 && log.every(({ type, data }) => type === deletedEventType && data === 'null'))
  assert.equal(await backend.commandLog.total(), 60)
})

test('a new identity is found again when the store is opened again', async () => {
  await using store = await newStore()
  const identities = []
  {
    await using backend = await store.open({ allowRewriting: true })
    identities.push(backend.events.identity)
    await backend.events.reset()
    identities.push(backend.events.identity)
  }
  await using backend = await store.open()
  identities.push(backend.events.identity)
  assert.notDeepEqual(identities[0], identities[1])
  assert.deepEqual(identities[1], identities[2])
})

for (const data of ['"new"', undefined]) {
  test(`that was stored by an attempt without an answer is stored, not repeated (${data ?? 'deleted'})`, async () => {
    await using store = await newStore()
    await (await store.open())[Symbol.asyncDispose]()
    const appender = createAppender(() => openForWriting(store.path, { durability: 'full' }), store.path)
    appender.append(written(commitOf('c1', 'a')), false)
    const first = appender.rewrite(rewriteOf('c1', 'r1', data), false)
    assert.deepEqual(first, { verdict: 'stored', commitNo: 2, position: 1, firstVersions: [] })
    assert.deepEqual(appender.rewrite(rewriteOf('c1', 'r1', data), true), first)
    assert.equal(appender.rewrite(rewriteOf('c1', 'r1', data), false)?.verdict, 'duplicate')
    assert.equal(appender.append(written(commitOf('c2', 'a')), false)[0]?.verdict, 'stored')
    appender.close()
  })
}

test('is done once while its thread dies again and again', async () => {
  await using store = await newStore()
  await using backend = await store.open({ allowRewriting: true })
  const events = backend.events as SqliteEventStore
  for (const i of oneTo(40)) await events.commit(commitOf(`c${i}`, 'a'))
  const killed: Promise<number>[] = []
  for (const i of oneTo(40)) {
    const rewriting = events.rewrite(rewriteOf(`c${i}`, `r${i}`, i % 2 === 0 ? undefined : `"${i}"`))
    const worker = events.writer.thread.worker()
    if (i % 4 === 0 && worker !== undefined) killed.push(worker.terminate())
    assert.deepEqual(await rewriting, { verdict: 'stored', commitNo: 40 + i, position: 40, firstVersions: [] })
  }
  await Promise.all(killed)
  assert.equal(await events.total({ types: [deletedEventType] }), 20)
})
