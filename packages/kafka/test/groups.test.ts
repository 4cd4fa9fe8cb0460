import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kafkaForTests } from '@gesta/services'
import { openTestBus } from './bus-place.ts'
import { nextBatch, numberOf, ordersOf, paid, paidFrom, publish, take } from './given.ts'

const kafka = await kafkaForTests()

describe('a group on Kafka', { skip: kafka.skip }, () => {
  test('receives the events of each key in order, over partitions and receivers', async () => {
    const place = kafka.newTopics()
    await place.make('orders')
    await using bus = await openTestBus(place)
    const receivers = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'mails')]
    const orders = ordersOf(bus)
    const count = 600
    const events = Array.from({ length: count }, (_, n) => paid(n, { key: `order-${n % 20}` }))
    const end = new AbortController()
    const numbers: number[] = []
    let outMax = 0
    let out = 0
    const received = receivers.map(async (source) => {
      while (!end.signal.aborted) {
        const batch = await source.receiveEventBatch({ signal: end.signal }).catch((error: unknown) => {
          if (!end.signal.aborted) throw error
        })
        out += 1
        outMax = Math.max(out, outMax)
        for (const event of batch?.events ?? []) {
          numbers.push(numberOf(event))
          // Lets the other receiver have its turn.
          await new Promise((resolve) => setImmediate(resolve))
        }
        await batch?.ack?.({ signal: end.signal })
        out -= 1
        if (numbers.length >= count) end.abort()
      }
    })
    for (let first = 0; first < count; first += 30) await publish(orders, events.slice(first, first + 30))
    await Promise.all(received)
    for (let key = 0; key < 20; key += 1) {
      const own = numbers.filter((n) => n % 20 === key)
      assert.deepEqual(
        own,
        Array.from({ length: count / 20 }, (_, index) => key + index * 20),
      )
    }
    assert.equal(outMax, 2, 'Expected several partitions to be received at once.')
  })

  test('receives events without a key in order too, unless they are spread', async () => {
    const place = kafka.newTopics()
    await place.make('orders')
    await using together = await openTestBus(place)
    await using spread = await openTestBus(place, { unkeyed: 'spread' })
    const source = await together.subscribe('orders', 'mails')
    await publish(ordersOf(together), paidFrom(1, 200))
    const expected = Array.from({ length: 200 }, (_, index) => index + 1)
    assert.deepEqual((await take(source, 200)).map(numberOf), expected)
    await publish(ordersOf(spread), paidFrom(1, 200))
    const numbers = (await take(source, 200)).map(numberOf)
    assert.notDeepEqual(numbers, expected)
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      expected,
    )
  })

  test('keeps what is published while it has no receiver, and goes on where it was', async () => {
    await using bus = await openTestBus(kafka.newTopics())
    const first = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(1, 3))
    await take(first, 3)
    await first[Symbol.asyncDispose]()
    await publish(ordersOf(bus), paidFrom(4, 6))
    assert.deepEqual((await take(await bus.subscribe('orders', 'mails'), 3)).map(numberOf), [4, 5, 6])
  })

  test('that begins late receives what the topic still has, and takes nothing from the others', async () => {
    await using bus = await openTestBus(kafka.newTopics())
    const mails = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(1, 10))
    await take(mails, 10)
    const late = await bus.subscribe('orders', 'late')
    await publish(ordersOf(bus), paidFrom(11, 12))
    assert.deepEqual(
      (await take(late, 12)).map(numberOf),
      Array.from({ length: 12 }, (_, index) => index + 1),
    )
    assert.deepEqual((await take(mails, 2)).map(numberOf), [11, 12])
  })

  test('loses nothing when its receivers are replaced one after the other, with batches in hand', async () => {
    const place = kafka.newTopics()
    await using publisher = await openTestBus(place)
    const seen = new Set<number>()
    for (let turn = 0; turn < 3; turn += 1) {
      await publish(ordersOf(publisher), paidFrom(turn * 10 + 1, turn * 10 + 10))
      await using bus = await openTestBus(place)
      const source = await bus.subscribe('orders', 'mails')
      while (seen.size < turn * 10 + 5) {
        const batch = await nextBatch(source)
        for (const event of batch.events) seen.add(numberOf(event))
        await batch.ack?.({ signal: new AbortController().signal })
      }
      await publish(ordersOf(publisher), [])
    }
    await using bus = await openTestBus(place)
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(publisher), [paid(31)])
    while (!seen.has(31)) for (const event of await take(source, 1)) seen.add(numberOf(event))
    assert.deepEqual(
      [...seen].toSorted((a, b) => a - b),
      Array.from({ length: 31 }, (_, index) => index + 1),
    )
  })

  test('gives the partitions of a member that leaves to the one that stays', { skip: kafka.skipOnMock }, async () => {
    const place = kafka.newTopics()
    await place.make('orders')
    await using here = await openTestBus(place, { sessionMs: 6000 })
    await using there = await openTestBus(place, { sessionMs: 6000 })
    const [first, second] = [await here.subscribe('orders', 'mails'), await there.subscribe('orders', 'mails')]
    await publish(
      ordersOf(here),
      Array.from({ length: 100 }, (_, n) => paid(n, { key: String(n) })),
    )
    const seen = new Set<number>()
    while (seen.size < 20) for (const event of await take(second, 1)) seen.add(numberOf(event))
    await second[Symbol.asyncDispose]()
    while (seen.size < 100) for (const event of await take(first, 1)) seen.add(numberOf(event))
  })
})
