import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { playSeenSteps, runSeenStoreSuite, seenSteps } from '../../../src/conformance/seen-store/index.ts'
import { createMemorySeenStore } from '../../../src/stores/seen/memory-seen-store.ts'

const idsMax = 20

runSeenStoreSuite(
  test,
  async () => ({ idsMax, open: async () => createMemorySeenStore({ idsMax }), remove: async () => undefined }),
  { counted: true, durable: 'memory ends with its process', shared: 'memory belongs to one process' },
)

describe('a seen store in memory', () => {
  test('holds what a list would hold, whatever is marked in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), (numbers, bound) =>
        playSeenSteps(createMemorySeenStore({ idsMax: bound }), bound, seenSteps(numbers)),
      ),
      { numRuns: 100 },
    )
  })

  test('keeps 10,000 ids of a subscription by default', async () => {
    await using store = createMemorySeenStore()
    const ids = Array.from({ length: 10_001 }, (_, index) => `${index}`)
    await store.mark('s', ids)
    assert.deepEqual([await store.total(), (await store.seen('s', ['0', '1'])).has('1')], [10_000, true])
  })

  test('refuses a bound that is no whole number from 1, and unknown options', () => {
    for (const bad of [0, -1, 1.5, Number.NaN]) assert.throws(() => createMemorySeenStore({ idsMax: bad }), RangeError)
    assert.throws(() => createMemorySeenStore({ idMax: 1 } as object), /Did you mean "idsMax"/)
  })
})
