import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createAggregateQueue } from '../../src/dispatch/aggregate-queue.ts'
import { settled } from '../fake-clock.ts'

describe('the queue of an aggregate', () => {
  test('gives the turn at once when it is free, and to the next in line when it is given back', async () => {
    const queue = createAggregateQueue()
    assert.equal(queue.take('a', undefined), undefined)
    assert.equal(queue.take('b', undefined), undefined)
    const second = queue.take('a', undefined)
    assert.ok(second instanceof Promise)
    queue.release('a')
    await second
    queue.release('a')
    assert.equal(queue.take('a', undefined), undefined)
  })

  test('has one holder per key at a time, in the order of arrival, without those who left', async () => {
    const visit = fc.record({ key: fc.constantFrom('a', 'b'), leaves: fc.boolean(), steps: fc.nat({ max: 3 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { maxLength: 30 }), async (visits) => {
        const queue = createAggregateQueue()
        const holders = new Map<string, number>()
        const held: Record<string, number[]> = { a: [], b: [] }
        const left: number[] = []
        const controllers: AbortController[] = []
        const done = visits.map(async ({ key, leaves, steps }, index) => {
          const controller = new AbortController()
          if (leaves) controllers.push(controller)
          try {
            await queue.take(key, controller.signal)
          } catch (error) {
            assert.equal(error, controller.signal.reason)
            left.push(index)
            return
          }
          assert.equal(holders.has(key), false, 'somebody else holds the turn')
          holders.set(key, index)
          held[key]?.push(index)
          for (let step = 0; step < steps; step++) await settled()
          holders.delete(key)
          queue.release(key)
        })
        for (const controller of controllers) controller.abort(new Error('left'))
        await Promise.all(done)
        for (const key of ['a', 'b']) {
          const expected = visits.flatMap((one, index) => (one.key === key && !left.includes(index) ? [index] : []))
          assert.deepEqual(held[key], expected)
          assert.equal(queue.take(key, undefined), undefined, 'nothing stays taken')
        }
        for (const index of left) assert.ok(visits[index]?.leaves)
      }),
      { numRuns: 60 },
    )
  })
})

describe('waiting for a turn', () => {
  test('is refused at once when the signal has aborted', async () => {
    const queue = createAggregateQueue()
    const reason = new Error('gone')
    void queue.take('a', undefined)
    await assert.rejects(queue.take('a', AbortSignal.abort(reason)) ?? Promise.resolve(), (error) => error === reason)
  })
})
