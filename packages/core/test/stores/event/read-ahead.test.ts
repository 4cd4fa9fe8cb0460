import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReadAll, StoredEvent } from '../../../src/stores/event/event-store.ts'
import { createReadAhead } from '../../../src/stores/event/read-ahead.ts'

/** A log of so many events, which can grow and fail, and what was asked of it. */
function countedLog(size: number): {
  size: number
  failsAfter: number | undefined
  readonly asked: number[]
  readAll(read: ReadAll): Promise<readonly StoredEvent[]>
} {
  return {
    size,
    failsAfter: undefined,
    asked: [],
    async readAll({ after, limit = 1000 }) {
      this.asked.push(after)
      if (after === this.failsAfter) throw new Error('away')
      const count = Math.max(0, Math.min(limit, this.size - after))
      return Array.from({ length: count }, (_, at) => ({ position: after + at + 1 }) as StoredEvent)
    },
  }
}
const positions = (events: readonly StoredEvent[]): readonly number[] => events.map(({ position }) => position)

test('fetches the page after a full one, once, and gives it to who goes on there', async () => {
  const log = countedLog(5)
  const ahead = createReadAhead(log)
  assert.deepEqual(positions(await ahead.page(0, 2)), [1, 2])
  assert.deepEqual(log.asked, [0, 2])
  assert.deepEqual(positions(await ahead.page(2, 2)), [3, 4])
  assert.deepEqual(positions(await ahead.page(4, 2)), [5])
  assert.deepEqual(log.asked, [0, 2, 4])
})

test('looks again where a fetch ahead found the end of the log', async () => {
  const log = countedLog(2)
  const ahead = createReadAhead(log)
  await ahead.page(0, 2)
  log.size = 3
  assert.deepEqual(positions(await ahead.page(2, 2)), [3])
})

test('a fetch ahead that failed is no error: the page is read when it is asked for', async () => {
  const log = countedLog(4)
  const ahead = createReadAhead(log)
  log.failsAfter = 2
  await ahead.page(0, 2)
  await assert.rejects(ahead.page(2, 2), /away/)
  log.failsAfter = undefined
  assert.deepEqual(positions(await ahead.page(2, 2)), [3, 4])
})

test('keeps a page for each of a few readers, and drops all when it is told to', async () => {
  const log = countedLog(100)
  const ahead = createReadAhead(log)
  for (const after of [0, 10, 20, 30, 40]) await ahead.page(after, 2)
  log.asked.length = 0
  await ahead.page(2, 2)
  assert.deepEqual(log.asked, [2, 4], 'the oldest went')
  ahead.forget()
  log.asked.length = 0
  await ahead.page(42, 2)
  assert.deepEqual(log.asked, [42, 44])
})
