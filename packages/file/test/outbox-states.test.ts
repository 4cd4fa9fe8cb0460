import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { bringFilesBack, emptyState, keepFiles, openAt, stateAfter, stateOf, takeStep } from './outbox-states.ts'
import type { OutboxState, OutboxStep } from './outbox-states.ts'
import { newFolder } from './place.ts'

const attemptsMax = 2
/** Small events keep the file small, so that every change writes it anew; large ones make changes add lines. */
const stored = fc.record({
  do: fc.constant('store' as const),
  count: fc.integer({ min: 1, max: 4 }),
  bytes: fc.constantFrom(0, 0, 40_000),
})
const step: fc.Arbitrary<OutboxStep> = fc.oneof(
  { weight: 2, arbitrary: stored },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('refuse' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('ack' as const, 'not reached', 'reopen') }) },
)

describe('an outbox in a file', () => {
  test('holds what two lists would hold, whatever is done in whatever order, and whenever its process ends', async () => {
    const moves = fc.array(fc.record({ step, endsAt: fc.option(fc.integer({ min: 0, max: 9 }), { freq: 2 }) }), {
      minLength: 6,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(moves, async (given) => {
        await using folder = await newFolder()
        await using aside = await newFolder()
        let state: OutboxState = emptyState
        let next = 1
        for (const { step: taken, endsAt } of given) {
          if (taken.do !== 'store' && taken.do !== 'reopen' && state.waiting.length === 0) continue
          const after = stateAfter(state, taken, next, attemptsMax)
          let steps = 0
          let isKept = false
          {
            await using outbox = await openAt(folder.path, attemptsMax, () => {
              if (steps === endsAt) {
                keepFiles(folder.path, aside.path)
                isKept = true
              }
              steps += 1
            })
            steps = 0
            await takeStep(outbox, taken, next)
            const { items, details } = await outbox.info()
            assert.deepEqual([items, details['deadLetters']], [after.waiting.length, after.dead.length])
          }
          if (isKept) {
            bringFilesBack(folder.path, aside.path)
            // Opening puts in order what was left.
            await (await openAt(folder.path, attemptsMax))[Symbol.asyncDispose]()
            const found = await stateOf(folder.path)
            const isAfter = JSON.stringify(found) === JSON.stringify(after)
            assert.deepEqual(found, isAfter ? after : state)
            state = found
          } else {
            assert.deepEqual(await stateOf(folder.path), after)
            state = after
          }
          if (taken.do === 'store') next += taken.count
        }
      }),
      { numRuns: 40 },
    )
  })
})
