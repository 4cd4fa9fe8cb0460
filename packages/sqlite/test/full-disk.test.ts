import assert from 'node:assert/strict'
import test from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import { createAppender } from '../src/append.ts'
import { openForWriting, setBytesMax } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { commitOf, isStored, newStore, oneTo, tenant, written } from './commits.ts'

const data = JSON.stringify('x'.repeat(20_000))
const isFull = (error: unknown): boolean => isGestaError(error, 'store_full')

test('a full store refuses commands, keeps what it acknowledged, and goes on when there is room', async () => {
  await using store = await newStore()
  const bytesMax = 1_000_000
  const acknowledged: string[] = []
  {
    await using backend = await store.open({ bytesMax })
    const results = await Promise.allSettled(
      oneTo(100).map((i) => backend.events.commit(commitOf(`c${i}`, `order-${i}`, { data }))),
    )
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') acknowledged.push(`c${index + 1}`)
      else assert.ok(isFull(result.reason), String(result.reason))
    }
    assert.ok(acknowledged.length > 10 && acknowledged.length < 100)
    assert.equal(await backend.events.head(), acknowledged.length)
    // What fits into the room that is left is still stored.
    assert.ok(isStored(await backend.events.commit(commitOf('small', 'order-1'))))
    await assert.rejects(backend.events.commit(commitOf('late', 'order-1', { data })), isFull)
  }
  await using backend = await store.open({ bytesMax: bytesMax * 10 })
  for (const commandId of acknowledged) assert.ok(await backend.events.header(tenant, commandId))
  const verdict = await backend.events.commit(commitOf('late', 'order-1', { data }))
  assert.ok(verdict.verdict === 'stored')
  assert.equal(verdict.position, acknowledged.length + 2)
})

test('the writer needs nothing but room to go on', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  let connection: Database | undefined
  const appender = createAppender(
    () => (connection = openForWriting(store.path, { durability: 'full', bytesMax: 200_000 })),
    store.path,
  )
  let stored = 0
  const fill = (): void => {
    for (;;) {
      appender.append(written(commitOf(`c${stored + 1}`, 'a', { data })), false)
      stored += 1
    }
  }
  assert.throws(fill, isFull)
  assert.throws(fill, isFull)
  setBytesMax(connection as Database, 10_000_000)
  const [verdict] = appender.append(written(commitOf(`c${stored + 1}`, 'a', { data })), false)
  assert.deepEqual(verdict, {
    verdict: 'stored',
    commitNo: stored + 1,
    position: stored + 1,
    firstVersions: [stored + 1],
  })
  appender.close()
})
