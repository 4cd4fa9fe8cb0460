import assert from 'node:assert/strict'
import test from 'node:test'
import { commitOf, isStored, newStore, oneTo, tenant } from './commits.ts'

test('a page of a stream ends when it has become large, whichever thread reads it', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const data = JSON.stringify('x'.repeat(1_000_000))
  for (const i of oneTo(12)) assert.ok(isStored(await backend.events.commit(commitOf(`c${i}`, 'a', { data }))))
  const name = { tenant, aggregateType: 'Order', aggregateId: 'a' }
  for (const limit of [100, 500]) {
    const versions = async (read: object): Promise<readonly number[]> =>
      (await backend.events.readStream({ ...name, limit, ...read })).map(({ version }) => version)
    assert.deepEqual(await versions({}), oneTo(9))
    assert.deepEqual(await versions({ after: 9 }), [10, 11, 12])
    assert.deepEqual(await versions({ backwards: true }), oneTo(12).toReversed().slice(0, 9))
    assert.deepEqual(await versions({ backwards: true, after: 4 }), [3, 2, 1])
  }
})
