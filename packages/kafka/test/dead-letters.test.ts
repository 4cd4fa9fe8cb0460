import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compatibilityPartitioner, Producer } from '@platformatic/kafka'
import { GestaError } from '@gesta/core/ports'
import { kafkaForTests } from '@gesta/services'
import type { TestTopics } from '@gesta/services'
import { openTestBus } from './bus-place.ts'
import { runtime } from './runtime.ts'
import { numberOf, ordersOf, paid, paidFrom, publish, take, work } from './given.ts'

const kafka = await kafkaForTests()

/** Publishes what no publisher of ours would. */
async function publishRaw(
  { brokers, prefix }: TestTopics,
  values: readonly (Buffer | undefined)[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const producer = new Producer({
    clientId: 'foreign',
    bootstrapBrokers: [...brokers],
    autocreateTopics: true,
    partitioner: compatibilityPartitioner,
  })
  const named = new Map(Object.entries(headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]))
  try {
    for (const value of values)
      await producer.send({
        messages: [
          {
            topic: `${prefix}orders`,
            key: Buffer.from('shop'),
            headers: named,
            ...(value === undefined ? {} : { value }),
          },
        ],
      })
  } finally {
    await producer.close()
  }
}

describe('dead letters on Kafka', { skip: kafka.skip }, () => {
  test('hold an event that failed too often, with its reason, and the others go on', async () => {
    const place = kafka.newTopics()
    await using bus = await openTestBus(place, { deliveriesMax: 3 })
    const letters = bus.deadLetters('orders', 'mails')
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(1, 5))
    let failures = 0
    const accepts = (event: { readonly id?: string | undefined }): boolean => {
      if (event.id !== 'event-3') return true
      failures += 1
      return false
    }
    const accepted = await work(source, accepts, (numbers) => numbers.length === 4)
    assert.deepEqual(accepted, [1, 2, 4, 5])
    assert.equal(failures, 3)
    assert.equal(await letters.total(), 1)
    const [letter] = await letters.list()
    assert.deepEqual(
      [letter?.reason, letter?.deliveries, letter?.offset, letter?.event?.id, letter?.event?.value],
      ['TypeError', 3, 2, 'event-3', { n: 3 }],
    )
    assert.ok(Math.abs((letter?.diedAt ?? 0) - runtime.clock.nowUs()) < 60_000_000)
    await bus[Symbol.asyncDispose]()

    await using again = await openTestBus(place)
    await publish(ordersOf(again), [paid(6)])
    assert.deepEqual((await take(await again.subscribe('orders', 'mails'), 1)).map(numberOf), [6])
  })

  test('are put back for their group alone, with new attempts, or discarded', async () => {
    await using bus = await openTestBus(kafka.newTopics(), { deliveriesMax: 2 })
    const letters = bus.deadLetters('orders', 'mails')
    const [mails, bills] = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'bills')]
    await publish(ordersOf(bus), paidFrom(1, 4))
    const accepted = await work(
      mails,
      ({ id }) => id === 'event-4',
      async ({ length }) => length === 1 && (await letters.total()) === 3,
    )
    assert.deepEqual(accepted, [4])
    const ids = (await letters.list()).map(({ id }) => id)
    const [first = 0, second = 0, third = 0] = ids
    assert.equal(await letters.requeue([third, first, 1000]), 2)
    assert.deepEqual(
      (await letters.list()).map(({ id, event }) => [id, event?.id]),
      [[second, 'event-2']],
    )
    assert.equal(await letters.requeue([first]), 0)
    const again = await work(
      mails,
      () => true,
      ({ length }) => length === 2,
    )
    assert.deepEqual(again, [1, 3])
    assert.equal(await letters.discard([second, third]), 1)
    assert.equal(await letters.requeue(), 0)
    assert.equal(await letters.total(), 0)
    await publish(ordersOf(bus), [paid(5)])
    assert.deepEqual((await take(bills, 5)).map(numberOf), [1, 2, 3, 4, 5])
    assert.deepEqual((await take(mails, 1)).map(numberOf), [5])
  })

  test('hold what cannot be read, at once, and hold up nothing', async () => {
    const place = kafka.newTopics()
    await using bus = await openTestBus(place)
    const letters = bus.deadLetters('orders', 'mails')
    const source = await bus.subscribe('orders', 'mails')
    const good = Buffer.from(JSON.stringify(paid(2)))
    await publish(ordersOf(bus), [paid(1)])
    await publishRaw(place, [Buffer.from('no JSON'), Buffer.from([0xff, 0xfe]), undefined, Buffer.from('{"id":"x"}')])
    await publishRaw(place, [good], { 'content-type': 'application/json', 'x-foreign': 'kept' })
    assert.deepEqual(
      await work(
        source,
        () => true,
        ({ length }) => length === 2,
      ),
      [1, 2],
    )
    assert.equal(await letters.total(), 4)
    for (const { reason, deliveries, event } of await letters.list())
      assert.deepEqual([reason, deliveries, event], ['event_unreadable', 0, undefined])
    // Put back they are what they were, and cannot be read again.
    assert.equal(await letters.requeue(), 4)
    assert.equal(await letters.total(), 0)
    await work(
      source,
      () => true,
      async () => (await letters.total()) === 4,
    )
  })

  test('hold none of the neighbours of an event that fails', async () => {
    await using bus = await openTestBus(kafka.newTopics(), { deliveriesMax: 1 })
    const letters = bus.deadLetters('orders', 'mails')
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(1, 20))
    const accepted = await work(
      source,
      ({ id }) => id !== 'event-7',
      ({ length }) => length === 19,
    )
    assert.deepEqual(
      accepted,
      paidFrom(1, 20)
        .map(numberOf)
        .filter((n) => n !== 7),
    )
    assert.equal(await letters.total(), 1)
  })

  test('hold nothing that failed because something could not be reached', async () => {
    await using bus = await openTestBus(kafka.newTopics(), { deliveriesMax: 1 })
    const letters = bus.deadLetters('orders', 'mails')
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), [paid(1)])
    let failures = 0
    for (const code of ['broker_unavailable', 'store_unavailable'] as const) {
      const cause = new Error('outside', { cause: new GestaError(code, 'away') })
      await work(
        source,
        () => ((failures += 1), false),
        () => failures % 3 === 0 && failures > 0,
        cause,
      )
      failures = 0
    }
    assert.deepEqual(
      await work(
        source,
        () => true,
        ({ length }) => length === 1,
      ),
      [1],
    )
    assert.equal(await letters.total(), 0)
  })

  test('are listed page by page, and settled in any order, by several processes', async () => {
    const place = kafka.newTopics()
    await using bus = await openTestBus(place, { deliveriesMax: 1 })
    await using other = await openTestBus(place)
    const letters = bus.deadLetters('orders', 'mails')
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(1, 12))
    await work(
      source,
      () => false,
      async () => (await letters.total()) === 12,
    )
    const left = new Set(paidFrom(1, 12).map(({ id }) => id))
    const page = await letters.list({ limit: 5 })
    const rest = await letters.list({ after: page.at(-1)?.id })
    assert.deepEqual(
      [...page, ...rest].map(({ event }) => event?.id),
      [...left],
    )
    for (const [turn, chosen] of [[7, 2], [0, 11], [1], [9, 4]].entries()) {
      const { deadLetters } = turn % 2 === 0 ? bus : other
      const ids = (await letters.list()).map(({ id, event }) => ({ id, event: event?.id ?? '' }))
      const settled = ids.filter(({ event }) => chosen.some((n) => event === `event-${n + 1}`))
      assert.equal(await deadLetters('orders', 'mails').discard(settled.map(({ id }) => id)), settled.length)
      for (const { event } of settled) left.delete(event)
      assert.deepEqual(
        (await letters.list()).map(({ event }) => event?.id),
        [...left],
      )
    }
    await using later = await openTestBus(place)
    assert.equal(await later.deadLetters('orders', 'mails').total(), left.size)
  })

  test('refuse pages and ids that are none', async () => {
    await using bus = await openTestBus(kafka.newTopics())
    const letters = bus.deadLetters('orders', 'mails')
    for (const limit of [0, 1001, 1.5]) await assert.rejects(letters.list({ limit }), RangeError)
    for (const id of [-1, 1.5, Number.NaN]) {
      await assert.rejects(letters.requeue([id]), RangeError)
      await assert.rejects(letters.discard([id]), RangeError)
    }
    await assert.rejects(letters.list({ size: 1 } as never), /no option "size"/)
  })
})
