// A flush that does not come to its end: at every step either all of it is there or nothing, and one that is sent again is done once.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import type { CrashStep } from '@gesta/core/testing'
import type { SqliteReadModelStore } from '../src/read-model-store.ts'
import { runChild } from './children/run.ts'
import { newStore, oneTo, tenant } from './commits.ts'
import { at, counted, orders, rowsOf } from './views.ts'

/** The steps, and how often the process comes to them before it ends in its second flush. */
const steps: readonly { readonly step: CrashStep; readonly after: number; readonly position: number }[] = [
  { step: 'flush-begun', after: 2, position: 1 },
  { step: 'flush-moved', after: 2, position: 1 },
  { step: 'flush-written', after: 3, position: 1 },
  { step: 'flush-committing', after: 2, position: 1 },
  { step: 'flush-committed', after: 2, position: 2 },
]

describe('a process that ends', { concurrency: 2 }, () => {
  for (const { step, after, position } of steps) {
    test(`at "${step}" leaves ${position === 2 ? 'the whole flush' : 'nothing of the flush'}`, async () => {
      await using store = await newStore()
      await using child = runChild('flush.ts', store.path, step, String(after))
      const ended = once(child.process, 'exit')
      const lines: string[] = []
      for await (const line of child.lines) lines.push(line)
      assert.deepEqual([lines, (await ended)[1]], [['1'], 'SIGKILL'])
      await using backend = await store.open()
      const view = await backend.readModels.open(orders, counted)
      assert.deepEqual(await view.checkpoint(), at(position))
      assert.deepEqual(new Set((await view.list(tenant, {})).rows), new Set([String(position)]))
      const seen = await view.select({ text: `SELECT count(*) AS count FROM ${view.table('seen')}`, values: [] })
      assert.deepEqual(seen, [{ count: position }])
    })
  }
})

test('a flush that does not move, and whose thread dies, is done once', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const readModels = backend.readModels as SqliteReadModelStore
  const view = await readModels.open(orders, counted)
  const text = `INSERT INTO ${view.table('seen')} DEFAULT VALUES`
  await view.flush({ expected: at(0), next: at(1), writes: rowsOf(0) })
  const rounds = oneTo(20)
  for (const round of rounds) {
    const stays = { expected: at(1), next: at(1), writes: rowsOf(round), statements: [{ text, values: [] }] }
    const flushing = view.flush(stays)
    // Ended before, while and after the thread does it.
    for (let turns = 0; turns < round; turns += 1) await new Promise(setImmediate)
    const ended = readModels.thread.worker()?.terminate()
    assert.equal(await flushing, true)
    await ended
  }
  const count = await view.select({ text: `SELECT count(*) AS count FROM ${view.table('seen')}`, values: [] })
  assert.deepEqual(count, [{ count: rounds.length }])
})
