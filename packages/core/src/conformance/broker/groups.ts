// Topics and groups: who gets what. Every group gets everything of its topic; the receivers of one group share it.
import assert from 'node:assert/strict'
import { forEver, nextBatch, numberOf, numbersFrom, placed, placedFrom, take } from '../event-source/given.ts'
import { publish } from './given.ts'
import type { BrokerCase } from './given.ts'

const group = 'groups'
const signal = forEver()
export const groupCases: readonly BrokerCase[] = [
  {
    group,
    name: 'every group gets everything that is published to its topic, in order',
    run: async ({ bus }) => {
      const sources = await Promise.all(['mails', 'bills', 'stock'].map((name) => bus.subscribe('orders', name)))
      for (const first of [1, 101, 201]) await publish(bus, 'orders', placedFrom(first, first + 99))
      for (const source of sources) assert.deepEqual((await take(source, 300)).map(numberOf), numbersFrom(1, 300))
    },
  },
  {
    group,
    name: 'a slow group holds up no other one, and what one acknowledges the other ones still get',
    run: async ({ bus }) => {
      const [slow, quick] = [await bus.subscribe('orders', 'slow'), await bus.subscribe('orders', 'quick')]
      await publish(bus, 'orders', placedFrom(1, 3))
      const inHand = await nextBatch(slow)
      assert.deepEqual((await take(quick, 3)).map(numberOf), [1, 2, 3])
      await publish(bus, 'orders', [placed(4)])
      assert.deepEqual((await take(quick, 1)).map(numberOf), [4])
      await inHand.ack?.({ signal })
      const rest = await take(slow, 4 - inHand.events.length)
      assert.deepEqual([...inHand.events, ...rest].map(numberOf), [1, 2, 3, 4])
    },
  },
  {
    group,
    needs: 'redelivers',
    name: 'what one group gives back comes again to it alone',
    run: async ({ bus }) => {
      const [failing, other] = [await bus.subscribe('orders', 'failing'), await bus.subscribe('orders', 'other')]
      await publish(bus, 'orders', [placed(1)])
      await (await nextBatch(failing)).nack?.(new Error('not now'), { signal })
      assert.deepEqual((await take(other, 1)).map(numberOf), [1])
      assert.deepEqual((await take(failing, 1)).map(numberOf), [1])
      await publish(bus, 'orders', [placed(2)])
      assert.deepEqual((await take(other, 1)).map(numberOf), [2])
    },
  },
  {
    group,
    name: 'topics are apart, also when their groups have one name, and whatever is in the names',
    run: async ({ bus }) => {
      const names = ['orders', 'Orders', 'orders.paid', 'orders/a', 'a b', 'ü*>', 'orders:mails']
      const sources = await Promise.all(names.map((topic) => bus.subscribe(topic, 'mails')))
      for (const [n, topic] of names.entries()) await publish(bus, topic, [placed(n)])
      for (const [n, source] of sources.entries()) {
        assert.deepEqual((await take(source, 1)).map(numberOf), [n])
        await publish(bus, names[n] ?? '', [placed(100 + n)])
        assert.deepEqual((await take(source, 1)).map(numberOf), [100 + n])
      }
    },
  },
  {
    group,
    name: 'the receivers of one group share its events: each event goes to one of them',
    run: async ({ bus }) => {
      const receivers = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'mails')]
      await publish(bus, 'orders', placedFrom(1, 250))
      const end = new AbortController()
      const numbers: number[] = []
      await Promise.all(
        receivers.map(async (source) => {
          while (!end.signal.aborted) {
            const batch = await source.receiveEventBatch({ signal: end.signal }).catch((error: unknown) => {
              if (!end.signal.aborted) throw error
            })
            if (batch === undefined) break
            numbers.push(...batch.events.map(numberOf))
            await batch.ack?.({ signal })
            if (numbers.length >= 250) end.abort()
          }
        }),
      )
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        numbersFrom(1, 250),
      )
    },
  },
  {
    group,
    name: 'a receiver that leaves while it waits is told that it is closed, and the others of its group go on',
    run: async ({ bus }) => {
      const [first, second] = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'mails')]
      const waiting = first.receiveEventBatch({ signal })
      await first[Symbol.asyncDispose]()
      assert.equal(await waiting, undefined)
      assert.equal(await first.receiveEventBatch({ signal }), undefined)
      await publish(bus, 'orders', [placed(1)])
      assert.deepEqual((await take(second, 1)).map(numberOf), [1])
    },
  },
  {
    group,
    needs: 'redelivers',
    name: 'what a receiver had in hand when it left goes to the next one of its group',
    run: async ({ bus }) => {
      const first = await bus.subscribe('orders', 'mails')
      await publish(bus, 'orders', placedFrom(1, 3))
      await nextBatch(first)
      await first[Symbol.asyncDispose]()
      const second = await bus.subscribe('orders', 'mails')
      assert.deepEqual(new Set((await take(second, 3)).map(numberOf)), new Set([1, 2, 3]))
    },
  },
  {
    group,
    needs: 'lasting',
    name: 'a group without a receiver keeps what is published meanwhile',
    run: async ({ bus }) => {
      const first = await bus.subscribe('orders', 'mails')
      await first[Symbol.asyncDispose]()
      await publish(bus, 'orders', placedFrom(1, 3))
      const second = await bus.subscribe('orders', 'mails')
      assert.deepEqual((await take(second, 3)).map(numberOf), [1, 2, 3])
    },
  },
  {
    group,
    needs: 'lasting',
    name: 'a group that is removed is gone with what it did not get, and begins anew when it is made again',
    run: async ({ bus }) => {
      const other = await bus.subscribe('orders', 'other')
      const first = await bus.subscribe('orders', 'mails')
      await publish(bus, 'orders', [placed(1)])
      await take(first, 1)
      await first[Symbol.asyncDispose]()
      await bus.removeGroup('orders', 'mails')
      await bus.removeGroup('orders', 'never made')
      await publish(bus, 'orders', [placed(2)])
      assert.deepEqual((await take(other, 2)).map(numberOf), [1, 2])
      const again = await bus.subscribe('orders', 'mails')
      await publish(bus, 'orders', [placed(3)])
      const numbers: number[] = []
      // Whether a new group sees what is older is the adapter's.
      while (numbers.at(-1) !== 3) numbers.push(...(await take(again, 1)).map(numberOf))
    },
  },
  {
    group,
    needs: 'durable',
    name: 'groups go on where they were when the bus is opened again',
    run: async ({ bus, reopen }) => {
      const mails = await bus.subscribe('orders', 'mails')
      await bus.subscribe('orders', 'bills')
      await publish(bus, 'orders', placedFrom(1, 3))
      await take(mails, 3)
      const opened = await reopen()
      await publish(opened, 'orders', [placed(4)])
      assert.deepEqual((await take(await opened.subscribe('orders', 'mails'), 1)).map(numberOf), [4])
      assert.deepEqual((await take(await opened.subscribe('orders', 'bills'), 4)).map(numberOf), [1, 2, 3, 4])
    },
  },
  {
    group,
    needs: 'shared',
    name: 'what one process publishes reaches groups in another one, and receivers of one group share it over processes',
    run: async ({ bus, another }) => {
      const other = await another()
      const [here, there] = [await bus.subscribe('orders', 'mails'), await other.subscribe('orders', 'mails')]
      const bills = await other.subscribe('orders', 'bills')
      await publish(bus, 'orders', placedFrom(1, 50))
      await publish(other, 'orders', placedFrom(51, 100))
      assert.deepEqual(
        (await take(bills, 100)).map(numberOf).toSorted((a, b) => a - b),
        numbersFrom(1, 100),
      )
      const end = new AbortController()
      const numbers: number[] = []
      await Promise.all(
        [here, there].map(async (source) => {
          while (!end.signal.aborted) {
            const batch = await source.receiveEventBatch({ signal: end.signal }).catch((error: unknown) => {
              if (!end.signal.aborted) throw error
            })
            numbers.push(...(batch?.events ?? []).map(numberOf))
            await batch?.ack?.({ signal })
            if (numbers.length >= 100) end.abort()
          }
        }),
      )
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        numbersFrom(1, 100),
      )
    },
  },
]
