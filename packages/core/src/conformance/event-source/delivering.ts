// What was sent arrives: everything, as it was sent, in the order in which it was sent.
import assert from 'node:assert/strict'
import { forEver, nextBatch, numberOf, numbersFrom, placed, placedFrom, take } from './given.ts'
import type { EventSourceCase } from './given.ts'

const group = 'delivering'
export const deliveringCases: readonly EventSourceCase[] = [
  {
    group,
    name: 'events arrive in the order in which they were sent, over batches of the sender and of the source',
    run: async ({ channel, batchEventsMax }) => {
      const source = await channel.source()
      const last = 2 * batchEventsMax + 50
      for (let first = 1; first <= last; first += 60) await channel.send(placedFrom(first, Math.min(last, first + 59)))
      assert.deepEqual((await take(source, last)).map(numberOf), numbersFrom(1, last))
    },
  },
  {
    group,
    name: 'a batch has no more events than the source says',
    run: async ({ channel, batchEventsMax }) => {
      const source = await channel.source()
      const last = batchEventsMax + 1
      await channel.send(placedFrom(1, last))
      for (let received = 0; received < last;) {
        const batch = await nextBatch(source)
        assert.ok(batch.events.length <= batchEventsMax)
        received += batch.events.length
        await batch.ack?.({ signal: forEver() })
      }
    },
  },
  {
    group,
    name: 'every field of an envelope arrives as it was sent',
    run: async ({ channel }) => {
      const source = await channel.source()
      const full = placed(1, {
        id: 'ümlaut 😀',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        audience: ['tenant:a', 'team b'],
        category: 'presentation',
        schemaVersion: 3,
      })
      const bare = placed(2, { category: 'integration', type: 'Other.Happened' })
      await channel.send([full, bare])
      for (const [index, event] of (await take(source, 2)).entries()) {
        // A transport adds facts of its own.
        const { source: _, publishedAt: __, ...rest } = event
        assert.deepEqual(rest, [full, bare][index])
      }
    },
  },
  {
    group,
    name: 'values of any shape arrive exactly',
    run: async ({ channel }) => {
      const source = await channel.source()
      const values: readonly unknown[] = [
        null,
        true,
        0,
        -1.5e-7,
        Number.MAX_SAFE_INTEGER,
        '',
        'line\nbreak \u2028\u0000 "quoted" \\ 😀',
        [],
        [1, [2, { a: null }]],
        {},
        { '': 1, __proto__x: 2, constructor: 3, 10: 'ten', 9: 'nine' },
        'x'.repeat(200_000),
      ]
      await channel.send(values.map((value, n) => placed(n, { value })))
      assert.deepEqual(
        (await take(source, values.length)).map(({ value }) => value),
        values,
      )
    },
  },
  {
    group,
    name: 'what the sender changes afterwards does not change what arrives',
    run: async ({ channel }) => {
      const source = await channel.source()
      const value = { n: 1 }
      await channel.send([placed(1, { value })])
      value.n = 2
      assert.deepEqual((await take(source, 1)).map(numberOf), [1])
    },
  },
  {
    group,
    name: 'events with one id are events of their own, unless the place drops repetitions: the first one stays then',
    run: async ({ channel, dropsRepetitions = false }) => {
      const source = await channel.source()
      await channel.send([placed(1, { id: 'same' }), placed(2, { id: 'same' })])
      await channel.send([placed(3, { id: 'same' }), placed(4)])
      const expected = dropsRepetitions ? [1, 4] : [1, 2, 3, 4]
      assert.deepEqual((await take(source, expected.length)).map(numberOf), expected)
    },
  },
  {
    group,
    name: 'an empty batch sends nothing',
    run: async ({ channel }) => {
      const source = await channel.source()
      await channel.send([])
      await channel.send([placed(1)])
      assert.deepEqual((await take(source, 1)).map(numberOf), [1])
    },
  },
  {
    group,
    name: 'batches that are sent at once arrive whole, each in its order',
    run: async ({ channel }) => {
      const source = await channel.source()
      const starts = numbersFrom(0, 19).map((index) => index * 10)
      await Promise.all(starts.map((first) => channel.send(placedFrom(first + 1, first + 10))))
      const numbers = (await take(source, 200)).map(numberOf)
      for (const first of starts) {
        assert.deepEqual(
          numbers.filter((n) => n > first && n <= first + 10),
          numbersFrom(first + 1, first + 10),
        )
      }
    },
  },
]
