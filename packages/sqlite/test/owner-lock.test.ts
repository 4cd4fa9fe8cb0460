import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import test from 'node:test'
import { findGestaError } from '@gesta/core/ports'
import { commitOf, isStored, newStore, oneTo } from './commits.ts'
import { firstLine, runChild } from './children/run.ts'

const lockedBy = (pid: number | undefined) => (error: unknown) => {
  const found = findGestaError(error, 'store_locked')
  assert.ok(found, String(error))
  assert.deepEqual([found.facts['pid'], found.facts['host']], [pid, hostname()])
  assert.match(found.message, new RegExp(`process ${pid} on `))
  return true
}

test('a store that is open cannot be opened a second time in the same process', async () => {
  await using store = await newStore()
  {
    await using _ = await store.open()
    await assert.rejects(store.open(), lockedBy(process.pid))
    await assert.rejects(store.open(), lockedBy(process.pid))
  }
  await using again = await store.open()
  assert.ok(isStored(await again.events.commit(commitOf('c', 'a'))))
})

test('a second process is refused and told who has the store; it can open it when the first one is killed', async () => {
  await using store = await newStore()
  await using holder = runChild('hold.ts', store.path)
  assert.equal(await firstLine(holder), 'open')
  await assert.rejects(store.open(), lockedBy(holder.process.pid))
  await holder.kill()
  await using _ = await store.open()
})

test('of many that open at once exactly one gets the store', async () => {
  await using store = await newStore()
  const children = oneTo(4).map(() => runChild('hold.ts', store.path))
  try {
    const codes = await Promise.all(children.map(firstLine))
    assert.deepEqual(codes.sort(), ['open', 'store_locked', 'store_locked', 'store_locked'])
  } finally {
    await Promise.all(children.map((child) => child.kill()))
  }
})
