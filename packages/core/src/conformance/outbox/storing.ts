// What is stored: a batch as a whole, every event a row of its own.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import { forEver, numberOf, numbersFrom, placed, placedFrom, take } from '../event-source/given.ts'
import { refused } from '../refused.ts'
import { store } from './given.ts'
import type { OutboxCase } from './given.ts'

const group = 'storing'
export const storingCases: readonly OutboxCase[] = [
  {
    group,
    name: 'a batch with an event that cannot be stored is refused as a whole',
    run: async ({ outbox }) => {
      const circle: { self?: unknown } = {}
      circle.self = circle
      for (const value of [{ n: Number.NaN }, 1n, circle]) {
        await assert.rejects(store(outbox, [placed(1), placed(2, { value }), placed(3)]), (error) =>
          isGestaError(error, 'invalid_output'),
        )
      }
      await store(outbox, [placed(4)])
      assert.deepEqual((await take(outbox, 1)).map(numberOf), [4])
    },
  },
  {
    group,
    name: 'events with one id are rows of their own: acknowledging some leaves the others',
    run: async ({ outbox }) => {
      const same = (n: number) => placed(n, { id: 'same' })
      await store(outbox, [same(1)])
      await take(outbox, 1)
      await store(outbox, [same(2), same(3)])
      await store(outbox, [same(4)])
      assert.deepEqual((await take(outbox, 3)).map(numberOf), [2, 3, 4])
    },
  },
  {
    group,
    name: 'of many batches at once each is stored whole',
    run: async ({ outbox }) => {
      const starts = numbersFrom(0, 49).map((index) => index * 4)
      await Promise.all(starts.map((first) => store(outbox, placedFrom(first + 1, first + 4))))
      const numbers = (await take(outbox, 200)).map(numberOf)
      for (const first of starts) {
        const at = numbers.indexOf(first + 1)
        assert.deepEqual(numbers.slice(at, at + 4), numbersFrom(first + 1, first + 4))
      }
    },
  },
  {
    group,
    name: 'an event without a trace gets that of the command',
    run: async ({ outbox }) => {
      const run = { context: { traceparent: '00-callers' }, signal: forEver() }
      await outbox.storeEvents([placed(1), placed(2, { traceparent: '00-own' })], run)
      assert.deepEqual(
        (await take(outbox, 2)).map(({ traceparent }) => traceparent),
        ['00-callers', '00-own'],
      )
    },
  },
  {
    group,
    needs: 'durable',
    name: 'what was stored is there when the outbox is opened again, in order',
    run: async ({ outbox, reopen }) => {
      await store(outbox, placedFrom(1, 3))
      await store(outbox, [placed(4, { value: { n: 4, text: 'ä\u0000\n😀', list: [null, -1.5] } })])
      const opened = await reopen()
      await store(opened, [placed(5)])
      const events = await take(opened, 5)
      assert.deepEqual(events.map(numberOf), [1, 2, 3, 4, 5])
      assert.deepEqual(events[3]?.value, { n: 4, text: 'ä\u0000\n😀', list: [null, -1.5] })
    },
  },
  {
    group,
    name: 'a closed outbox refuses everything',
    run: async ({ outbox }) => {
      await outbox[Symbol.asyncDispose]()
      await refused('store_closed', [store(outbox, [placed(1)]), store(outbox, [])])
      assert.equal(await outbox.receiveEventBatch({ signal: forEver() }), undefined)
    },
  },
]
