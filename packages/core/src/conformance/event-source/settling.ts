// What becomes of a batch: acknowledged, given back, or left.
import assert from 'node:assert/strict'
import { forEver, nextBatch, numberOf, numbersFrom, placed, placedFrom, take } from './given.ts'
import type { EventSourceCase } from './given.ts'

const group = 'settling'
const signal = forEver()
export const settlingCases: readonly EventSourceCase[] = [
  {
    group,
    name: 'what was acknowledged does not come again',
    run: async ({ channel }) => {
      const source = await channel.source()
      await channel.send(placedFrom(1, 3))
      await take(source, 3)
      await channel.send([placed(4)])
      assert.deepEqual((await take(source, 1)).map(numberOf), [4])
    },
  },
  {
    group,
    name: 'a batch that is acknowledged twice is acknowledged once',
    run: async ({ channel }) => {
      const source = await channel.source()
      await channel.send([placed(1)])
      const batch = await nextBatch(source)
      await batch.ack?.({ signal })
      await channel.send([placed(2)])
      await batch.ack?.({ signal })
      assert.deepEqual((await take(source, 1)).map(numberOf), [2])
    },
  },
  {
    group,
    needs: 'redelivers',
    name: 'a batch that is given back comes again, whole and in order, perhaps in portions',
    run: async ({ channel }) => {
      const source = await channel.source()
      await channel.send(placedFrom(1, 5))
      const batch = await nextBatch(source)
      const count = batch.events.length
      await batch.nack?.(new Error('not now'), { signal })
      const again = await take(source, 5)
      assert.deepEqual(
        again.map(numberOf).filter((n) => n <= count),
        numbersFrom(1, count),
      )
      assert.deepEqual(
        again.map(({ id }) => id),
        again.map((event) => `event-${numberOf(event)}`),
      )
    },
  },
  {
    group,
    needs: 'ordered',
    name: 'a batch that is given back comes again before everything that was sent after it',
    run: async ({ channel, batchEventsMax }) => {
      const source = await channel.source()
      const last = batchEventsMax + 20
      await channel.send(placedFrom(1, last))
      for (let round = 0; round < 2; round += 1)
        await (await nextBatch(source)).nack?.(new Error('not now'), { signal })
      await channel.send([placed(last + 1)])
      assert.deepEqual((await take(source, last + 1)).map(numberOf), numbersFrom(1, last + 1))
    },
  },
  {
    group,
    needs: 'redelivers',
    name: 'a batch that was neither acknowledged nor given back when its receiver’s signal aborted comes again',
    run: async ({ channel }) => {
      await channel.send(placedFrom(1, 3))
      const gone = new AbortController()
      const left = await nextBatch(await channel.source(), gone.signal)
      const next = await channel.source()
      gone.abort(new Error('gone'))
      assert.deepEqual(left.events.map(numberOf), numbersFrom(1, left.events.length))
      assert.deepEqual(new Set((await take(next, 3)).map(numberOf)), new Set([1, 2, 3]))
    },
  },
  {
    group,
    needs: 'competing',
    name: 'several receivers share what is sent: each event goes to one of them, each sees its part in order',
    run: async ({ channel, batchEventsMax }) => {
      const sources = await Promise.all([channel.source(), channel.source(), channel.source()])
      const last = 5 * batchEventsMax
      await channel.send(placedFrom(1, last))
      const end = new AbortController()
      let left = last
      const parts = await Promise.all(
        sources.map(async (source) => {
          const numbers: number[] = []
          while (left > 0) {
            const batch = await source.receiveEventBatch({ signal: end.signal }).catch((error: unknown) => {
              if (!end.signal.aborted) throw error
            })
            if (batch === undefined) break
            numbers.push(...batch.events.map(numberOf))
            left -= batch.events.length
            await batch.ack?.({ signal })
          }
          end.abort()
          return numbers
        }),
      )
      for (const part of parts)
        assert.deepEqual(
          part,
          part.toSorted((a, b) => a - b),
        )
      assert.deepEqual(
        parts.flat().toSorted((a, b) => a - b),
        numbersFrom(1, last),
      )
    },
  },
  {
    group,
    needs: 'durable',
    name: 'what was not acknowledged is there when the channel is opened again, and what was is not',
    run: async ({ channel, reopen }) => {
      await channel.send(placedFrom(1, 2))
      await take(await channel.source(), 2)
      await channel.send(placedFrom(3, 5))
      // In hand when the channel is closed.
      await nextBatch(await channel.source())
      const opened = await reopen()
      await opened.send([placed(6)])
      assert.deepEqual((await take(await opened.source(), 4)).map(numberOf), [3, 4, 5, 6])
    },
  },
]
