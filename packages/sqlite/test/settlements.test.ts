// A settlement is kept as a whole or not at all, wherever its process ends; and whoever repairs an outbox holds no commits up.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import type { CrashStep } from '@gesta/core/testing'
import { isGestaError } from '@gesta/core/ports'
import type { OutboxStore } from '@gesta/core/ports'
import type { SqliteEventStore } from '../src/event-store.ts'
import { openForWriting } from '../src/database.ts'
import { createLogWriter } from '../src/log-writer.ts'
import { runChild } from './children/run.ts'
import { commitOf, isStored, newStore, oneTo } from './commits.ts'

const message = { key: 'a', type: 'Order.Sent', schemaVersion: 1, data: '1' }

/** Insists that the outbox is as one settlement of `children/settle.ts` left it; its number. */
async function wholeSettlement(outbox: OutboxStore): Promise<number> {
  const cursor = await outbox.cursor()
  const { items } = await outbox.list({})
  assert.deepEqual(
    items.map(({ commitNo, index, attempts, dueAt, state }) => [commitNo, index, attempts, dueAt, state]),
    [0, 1].map((index) => [cursor, index, cursor, cursor, 'waiting']),
  )
  assert.deepEqual(
    (await outbox.due(cursor, 10)).map(({ commitNo, index }) => [commitNo, index]),
    [[cursor, 0]],
  )
  return cursor
}

// Each commit begins a transaction and so does each settlement; a settlement adds two rows of held messages.
const steps: readonly { readonly step: CrashStep; readonly after: number; readonly isKept: boolean }[] = [
  { step: 'begun', after: 4, isKept: false },
  { step: 'inserted', after: 3, isKept: false },
  { step: 'committing', after: 4, isKept: false },
  { step: 'committed', after: 4, isKept: true },
]

describe('a process that ends in a settlement', { concurrency: 2 }, () => {
  for (const { step, after, isKept } of steps) {
    test(`at "${step}" leaves ${isKept ? 'all' : 'nothing'} of it`, async () => {
      await using store = await newStore()
      await using child = runChild('settle.ts', store.path, step, String(after))
      const ended = once(child.process, 'exit')
      const lines: string[] = []
      for await (const line of child.lines) lines.push(line)
      assert.deepEqual([(await ended)[1], lines], ['SIGKILL', ['1']])
      await using backend = await store.open()
      assert.equal(await wholeSettlement(backend.outbox), isKept ? 2 : 1)
      assert.equal((await backend.outbox.after(0, 100)).length, 4)
    })
  }

  test('at any moment leaves a whole one, not before the last that was acknowledged', async () => {
    for (const lines of [1, 40, 300]) {
      await using store = await newStore()
      await using child = runChild('settle.ts', store.path)
      let last = 0
      for await (const line of child.lines) {
        last = Number(line)
        if (last === lines) child.process.kill('SIGKILL')
      }
      await child.kill()
      await using backend = await store.open()
      assert.ok((await wholeSettlement(backend.outbox)) >= last)
    }
  })
})

test('a settlement that is asked for again after its answer was lost counts as kept, once', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  for (const to of oneTo(2)) await backend.events.commit(commitOf(`c${to}`, 'a', { messages: [message, message] }))
  // What the writer thread runs, beside it: as a thread would that takes over from one that died.
  const log = createLogWriter(openForWriting(store.path, { durability: 'full' }))
  try {
    for (const to of oneTo(2)) {
      const held = [0, 1].map((index) => ({ commitNo: to, index, state: 'waiting' as const, attempts: to, dueAt: to }))
      const sent = to === 1 ? [] : [0, 1].map((index) => ({ commitNo: to - 1, index }))
      const settlement = { fencingToken: 1, from: to - 1, to, sent, held }
      // The first time it is asked for again nothing of it was kept, the second time all.
      for (const isAgain of [true, true, false]) {
        assert.equal(log.change({ change: 'settle', settlement }, isAgain), isAgain ? 1 : 0)
        assert.equal(await wholeSettlement(backend.outbox), to)
      }
      // Another relay, or another settlement, is not meant.
      assert.equal(log.change({ change: 'settle', settlement: { ...settlement, fencingToken: 2 } }, true), 0)
    }
  } finally {
    log.close()
  }
})

test('repairs of many messages go in steps, between which commits go on', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const { writer, ...events } = backend.events as SqliteEventStore
  const { outbox } = backend
  const messages = oneTo(1000).map((each) => ({ ...message, key: `key-${each % 10}` }))
  for (const to of oneTo(3)) {
    await events.commit(commitOf(`c${to}`, 'a', { messages }))
    const held = messages.map((_, index) => ({ commitNo: to, index, state: 'dead' as const, attempts: 1, dueAt: 1 }))
    assert.equal(await outbox.settle({ fencingToken: 1, from: to - 1, to, sent: [], held }), true)
  }
  const sizes: number[] = []
  const { change } = writer
  Object.assign(writer, {
    change: (asked: Parameters<typeof change>[0]) => {
      sizes.push('places' in asked ? asked.places.length : 0)
      return change(asked)
    },
  })
  assert.equal(await outbox.requeue({}, 5), 3000)
  assert.deepEqual(
    sizes.splice(0),
    Array.from({ length: 6 }, () => 500),
  )
  assert.equal((await outbox.due(5, 100)).length, 10)
  const { items, details } = await outbox.info()
  assert.deepEqual([items, details['waiting'], details['dead'], details['pending']], [3000, 3000, 0, 0])
  const due = await outbox.due(5, 100)
  const sent = oneTo(3).flatMap((commitNo) => messages.map((_, index) => ({ commitNo, index })))
  assert.equal(await outbox.settle({ fencingToken: 1, from: 3, to: 3, sent, held: [] }), true)
  assert.deepEqual([due.length, await outbox.total(), await outbox.nextDue()], [10, 0, undefined])
  assert.equal(await outbox.resend({ fromPosition: 2, toPosition: 2 }, 7), 1000)
  assert.equal(await outbox.prune(Number.MAX_SAFE_INTEGER, 1800), 1800)
  assert.deepEqual(sizes, [0, 500, 500, 500, 500, 500, 300])
})

test('a settlement that finds no room leaves nothing, the cursor can move all the same, and pruning makes room', async () => {
  await using store = await newStore()
  await using backend = await store.open({ bytesMax: 524_288 })
  const { events, outbox } = backend
  const isFull = (error: unknown): boolean => isGestaError(error, 'store_full')
  const messages = oneTo(20).map(() => ({ ...message, data: JSON.stringify('x'.repeat(500)) }))
  let last = 0
  const fill = async (): Promise<void> => {
    for (;;) {
      await events.commit(commitOf(`c${last + 1}`, 'a', { streams: [], messages }))
      last += 1
    }
  }
  await assert.rejects(fill, isFull)
  const held = oneTo(last).flatMap((commitNo) =>
    messages.map((_, index) => ({ commitNo, index, state: 'waiting' as const, attempts: 1, dueAt: 1 })),
  )
  await assert.rejects(outbox.settle({ fencingToken: 1, from: 0, to: last, sent: [], held }), isFull)
  assert.deepEqual([await outbox.cursor(), await outbox.total()], [0, 0])
  assert.equal(await outbox.settle({ fencingToken: 1, from: 0, to: last, sent: [], held: [] }), true)
  assert.equal(await outbox.prune(Number.MAX_SAFE_INTEGER, 10_000), 20 * last)
  assert.ok(isStored(await events.commit(commitOf('after', 'a', { messages }))))
  assert.equal((await outbox.after(0, 100)).length, 20)
})
