// Commits that a group passed over: they wait, so their signals call them back.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Verdict } from '../../../src/stores/commit.ts'
import { createCommitQueue } from '../../../src/stores/event/commit-queue.ts'
import { commitOf } from './commits.ts'

/** A queue whose groups stay in flight until `answer` is called. */
function heldQueue(inFlightMax: number | undefined) {
  const written: string[][] = []
  const held: (() => void)[] = []
  let commits = 0
  const queue = createCommitQueue({
    inFlightMax,
    write: (group) =>
      new Promise((resolve) => {
        written.push(group.map(({ commandId }) => commandId))
        held.push(() =>
          resolve(
            group.map((): Verdict => {
              commits += 1
              return { verdict: 'stored', commitNo: commits, position: commits, firstVersions: [] }
            }),
          ),
        )
      }),
  })
  return { queue, written, answer: () => held.shift()?.() }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const change = (commandId: string) => commitOf({ commandId, writes: ['s'] })

describe('a commit that an idle queue passes over', () => {
  for (const inFlightMax of [1, undefined]) {
    test(`leaves when its signal aborts, and is not stored (groups in flight: ${inFlightMax ?? 'default'})`, async () => {
      const { queue, written, answer } = heldQueue(inFlightMax)
      const before = Array.from({ length: inFlightMax ?? 2 }, (_, at) => queue.commit(change(`first-${at}`)))
      const leaving = new AbortController()
      const passed = queue.commit(change('passed'), { signal: leaving.signal })
      const after = queue.commit(change('after'))
      await turn()
      assert.equal(queue.waiting(), 2)
      leaving.abort(new Error('left'))
      await assert.rejects(passed, /left/)
      assert.equal(queue.waiting(), 1)
      for (const one of before) {
        answer()
        await one
      }
      await turn()
      answer()
      assert.equal((await after).verdict, 'stored')
      assert.deepEqual(written.flat(), [...before.map((_, at) => `first-${at}`), 'after'])
      await queue[Symbol.asyncDispose]()
    })
  }

  test('leaves when its signal aborts before the first group has left', async () => {
    const { queue, written, answer } = heldQueue(1)
    const first = queue.commit(change('first'))
    const leaving = new AbortController()
    const passed = queue.commit(change('passed'), { signal: leaving.signal })
    leaving.abort(new Error('left'))
    await assert.rejects(passed, /left/)
    answer()
    await first
    await turn()
    assert.deepEqual(written, [['first']])
    assert.equal(queue.waiting(), 0)
    await queue[Symbol.asyncDispose]()
  })

  test('is stored when nobody calls it back', async () => {
    const { queue, written, answer } = heldQueue(1)
    const first = queue.commit(change('first'))
    const leaving = new AbortController()
    const passed = queue.commit(change('passed'), { signal: leaving.signal })
    await turn()
    answer()
    await first
    await turn()
    leaving.abort()
    answer()
    assert.equal((await passed).verdict, 'stored')
    assert.deepEqual(written, [['first'], ['passed']])
  })
})
