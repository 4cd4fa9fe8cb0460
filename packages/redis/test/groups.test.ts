import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError, isGestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { redisForTests } from '@gesta/services'
import type { TestKeys } from '@gesta/services'
import {
  ack,
  connect,
  forEver,
  nack,
  nextBatch,
  nextNumbers,
  numbers,
  openBus,
  placed,
  placedFrom,
  publish,
  take,
  takeNumbers,
} from './given.ts'

const redis = await redisForTests()
const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
/** Entries that a group was given and has not acknowledged. */
async function pendingIn(keys: TestKeys, group: string): Promise<number> {
  await using client = await connect(keys.url)
  return (await client.redis.xPending(`${keys.prefix}topic:orders`, group)).pending
}

describe('a new group', { skip: redis.skip }, () => {
  test('begins with the oldest event that is there, or with those that come', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using late = await openBus(keys, { start: 'now' })
    await publish(bus, placedFrom(1, 2))
    await using all = await bus.subscribe('orders', 'all')
    await using next = await late.subscribe('orders', 'next')
    await publish(bus, [placed(3)])
    assert.deepEqual(await takeNumbers(all, 3), [1, 2, 3])
    assert.deepEqual(await takeNumbers(next, 1), [3])
  })
})

describe('a batch', { skip: redis.skip }, () => {
  test('ends also when it is large, and what did not fit comes next, in order', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    const text = 'x'.repeat(900_000)
    await publish(
      bus,
      numbers(1, 12).map((n) => placed(n, { value: { n, text } })),
    )
    const found: (readonly number[])[] = []
    while (found.flat().length < 12) {
      const { batch, numbers: some } = await nextNumbers(source)
      found.push(some)
      await ack(batch)
    }
    assert.deepEqual(found, [numbers(1, 5), numbers(6, 10), numbers(11, 12)])
  })
})

describe('an event whose delivery fails', { skip: redis.skip }, () => {
  test('comes alone from then on, and after its attempts is a dead letter, while its neighbours are delivered', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { attemptsMax: 3 })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 5))
    const deliveries: (readonly number[])[] = []
    const done: number[] = []
    while (done.length < 4) {
      const { batch, numbers: found } = await nextNumbers(source)
      deliveries.push(found)
      if (found.includes(2))
        await nack(batch, new GestaError('subscriber_failed', 'no', { cause: new TypeError('secret') }))
      else {
        done.push(...found)
        await ack(batch)
      }
    }
    assert.deepEqual(deliveries, [[1, 2, 3, 4, 5], [1], [2], [2], [3], [4], [5]])
    const letters = bus.deadLetters('orders', 'mails')
    assert.equal(await letters.total(), 1)
    const [letter] = await letters.list()
    assert.deepEqual(
      [letter?.event?.id, letter?.deliveries, letter?.reason],
      ['event-2', 3, 'subscriber_failed < TypeError'],
    )
    assert.ok(Math.abs((letter?.diedAt ?? 0) / 1000 - Date.now()) < 3_600_000)
    assert.equal(await pendingIn(keys, 'mails'), 0)
  })

  test('comes alone also between others that did not fail', async () => {
    await using keys = redis.newKeys()
    await using client = await connect(keys.url)
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    const stream = `${keys.prefix}topic:orders`
    await publish(bus, placedFrom(1, 5))
    // Others had them, and let them go.
    await client.redis.xReadGroup('mails', 'free', { key: stream, id: '>' }, { COUNT: 5 })
    await client.redis.sendCommand(['XCLAIM', stream, 'mails', 'free', '0', '0-3', 'RETRYCOUNT', '2', 'JUSTID'])
    const found: (readonly number[])[] = []
    while (found.flat().length < 5) {
      const { batch, numbers: some } = await nextNumbers(source)
      found.push(some)
      await ack(batch)
    }
    assert.deepEqual(found, [[1, 2], [3], [4, 5]])
  })

  test('costs no attempt when something could not be reached, and its batch stays together', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { attemptsMax: 1 })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 3))
    for (const code of ['broker_unavailable', 'store_unavailable'] as const) {
      const { batch, numbers: found } = await nextNumbers(source)
      assert.deepEqual(found, [1, 2, 3])
      await nack(batch, new Error('outer', { cause: new GestaError(code, 'away') }))
    }
    assert.deepEqual(await takeNumbers(source, 3), [1, 2, 3])
    assert.equal(await bus.deadLetters('orders', 'mails').total(), 0)
  })

  test('waits before it comes again, and longer each time', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { backoff: { firstMs: 50, maxMs: 100 } })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, [placed(1)])
    for (let round = 0; round < 4; round += 1) await nack(await nextBatch(source))
    // Somebody who stops waiting leaves it to others at once.
    const gone = new AbortController()
    const waiting = source.receiveEventBatch({ signal: gone.signal })
    gone.abort(new Error('gone'))
    await assert.rejects(waiting, /gone/)
    await using other = await bus.subscribe('orders', 'mails')
    assert.deepEqual(await takeNumbers(other, 1), [1])
  })
})

describe('an entry that cannot be read', { skip: redis.skip }, () => {
  test('is a dead letter with its reason, and the rest is delivered', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    await using client = await connect(keys.url)
    const stream = `${keys.prefix}topic:orders`
    await publish(bus, [placed(1)])
    await client.redis.xAdd(stream, '*', { body: 'no JSON' })
    await client.redis.xAdd(stream, '*', { other: 'program' })
    await client.redis.xAdd(stream, '*', { body: '{}', 'gesta-group': 'another group' })
    await client.redis.xAdd(stream, '*', Object.fromEntries(numbers(1, 1500).map((n) => [`field-${n}`, 'x'])))
    await publish(bus, [placed(2)])
    assert.deepEqual(await takeNumbers(source, 2), [1, 2])
    const letters = await bus.deadLetters('orders', 'mails').list()
    assert.deepEqual(
      letters.map(({ event, reason, deliveries }) => [event, reason, deliveries]),
      Array.from({ length: 3 }, () => [undefined, 'event_unreadable', 1]),
    )
    assert.equal(await pendingIn(keys, 'mails'), 0)
  })
})

describe('dead letters', { skip: redis.skip }, () => {
  test('are put back for their group alone, listed by pages, and dropped', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { attemptsMax: 1 })
    await using source = await bus.subscribe('orders', 'mails')
    await using other = await bus.subscribe('orders', 'bills')
    await publish(bus, placedFrom(1, 5))
    await nack(await nextBatch(source))
    await take(other, 5)
    const letters = bus.deadLetters('orders', 'mails')
    const found = await letters.list()
    assert.deepEqual(
      found.map(({ event }) => event?.id),
      ['event-1', 'event-2', 'event-3', 'event-4', 'event-5'],
    )
    assert.deepEqual(await letters.list({ after: found[1]?.id, limit: 2 }), found.slice(2, 4))
    assert.equal(await letters.discard([found[0]?.id ?? '', '1-1']), 1)
    assert.equal(await letters.requeue([found[2]?.id ?? '', found[0]?.id ?? '']), 1)
    assert.deepEqual(await takeNumbers(source, 1), [3])
    assert.equal(await letters.requeue(), 3)
    assert.equal(await letters.total(), 0)
    const { batch, numbers: again } = await nextNumbers(source)
    assert.deepEqual(again, [2, 4, 5])
    // They can die again, and come back again.
    await nack(batch)
    assert.equal(await letters.requeue(), 3)
    assert.deepEqual(await takeNumbers(source, 3), [2, 4, 5])
    await publish(bus, [placed(6)])
    assert.deepEqual(await takeNumbers(other, 1), [6])
    assert.equal(await bus.deadLetters('orders', 'bills').total(), 0)
  })

  test('go with their group, and are asked for by ids that are some', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { attemptsMax: 1 })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, [placed(1)])
    await nack(await nextBatch(source))
    const letters = bus.deadLetters('orders', 'mails')
    for (const wrong of [letters.discard(['x']), letters.requeue(['x']), letters.list({ after: '+' })])
      await assert.rejects(wrong, is('invalid_key'))
    await assert.rejects(letters.list({ limit: 0 }), RangeError)
    await bus.removeGroup('orders', 'mails')
    assert.equal(await letters.total(), 0)
  })
})

describe('receivers of one group', { skip: redis.skip }, () => {
  test('who has something in hand gives signs of life', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { claimAfterMs: 300 })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 3))
    const settled = await nextBatch(source)
    await Promise.all([ack(settled), ack(settled), nack(settled)])
    await publish(bus, placedFrom(4, 6))
    const batch = await nextBatch(source)
    await using client = await connect(keys.url)
    let idleMs = 0
    for (let signs = 0; signs < 3;) {
      const [entry] = await client.redis.xPendingRange(`${keys.prefix}topic:orders`, 'mails', '-', '+', 1)
      assert.equal(entry?.deliveriesCounter, 1)
      const found = entry.millisecondsSinceLastDelivery
      if (found < idleMs) signs += 1
      idleMs = found
    }
    await ack(batch)
    assert.equal(await pendingIn(keys, 'mails'), 0)
  })

  test('what one had that ended without a word is taken by another one, and counts as a failed delivery', async () => {
    await using keys = redis.newKeys()
    await using client = await connect(keys.url)
    await using bus = await openBus(keys, { claimAfterMs: 100, attemptsMax: 2 })
    await using source = await bus.subscribe('orders', 'mails')
    const stream = `${keys.prefix}topic:orders`
    await publish(bus, placedFrom(1, 3))
    await client.redis.xReadGroup('mails', 'dead', { key: stream, id: '>' }, { COUNT: 2 })
    // The second one has ended a receiver before.
    await client.redis.xClaim(stream, 'mails', 'dead', 0, '0-2', { RETRYCOUNT: 2 })
    assert.deepEqual(new Set(await takeNumbers(source, 2)), new Set([1, 3]))
    const letters = bus.deadLetters('orders', 'mails')
    while ((await letters.total()) === 0)
      await source.receiveEventBatch({ signal: AbortSignal.timeout(50) }).catch(() => undefined)
    const [letter] = await letters.list()
    assert.deepEqual([letter?.event?.id, letter?.reason], ['event-2', 'its receivers ended'])
  })

  test('one at a time has a batch, whatever processes they are in, and nothing overtakes what one gave up', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using elsewhere = await openBus(keys)
    const first = await bus.subscribe('orders', 'mails')
    await using second = await elsewhere.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 250))
    const inHand = await nextNumbers(first)
    assert.deepEqual(inHand.numbers, numbers(1, 100))
    const waiting = nextNumbers(second)
    await ack(inHand.batch)
    // It takes its time to notice; who asks first is given the next batch.
    const next = await waiting
    assert.deepEqual(next.numbers, numbers(101, 200))
    const last = nextNumbers(first)
    await nack(next.batch)
    await second[Symbol.asyncDispose]()
    const again = await last
    assert.deepEqual(again.numbers, [101])
    await ack(again.batch)
    assert.deepEqual(await takeNumbers(first, 149), numbers(102, 250))
    await first[Symbol.asyncDispose]()
  })

  test('have batches at the same time where the group is unordered', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { unordered: true })
    await using first = await bus.subscribe('orders', 'mails')
    await using second = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 150))
    const batches = [await nextNumbers(first), await nextNumbers(second)]
    assert.deepEqual(
      batches.map(({ numbers: found }) => found),
      [numbers(1, 100), numbers(101, 150)],
    )
  })

  test('that ended without a word keep nobody out for long, and nothing overtakes what they had', async () => {
    for (const unordered of [false, true]) {
      await using keys = redis.newKeys()
      await using client = await connect(keys.url)
      await using bus = await openBus(keys, { unordered, claimAfterMs: 100 })
      await using source = await bus.subscribe('orders', 'mails')
      await publish(bus, placedFrom(1, 3))
      await client.redis.xReadGroup('mails', 'dead', { key: `${keys.prefix}topic:orders`, id: '>' }, { COUNT: 2 })
      const found = await takeNumbers(source, 3)
      assert.deepEqual(unordered ? found.toSorted((a, b) => a - b) : found, [1, 2, 3])
    }
  })

  test('leave no name behind when they leave', async () => {
    await using keys = redis.newKeys()
    await using client = await connect(keys.url)
    await using bus = await openBus(keys)
    const source = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 3))
    await nextBatch(source)
    await source[Symbol.asyncDispose]()
    const consumers = await client.redis.xInfoConsumers(`${keys.prefix}topic:orders`, 'mails')
    assert.deepEqual(
      consumers.map(({ name, pending }) => [name, pending]),
      [['free', 3]],
    )
  })

  test('are told that their group is closed when it is removed elsewhere', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using elsewhere = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    await elsewhere.subscribe('orders', 'mails')
    const waiting = source.receiveEventBatch({ signal: forEver() })
    await elsewhere.removeGroup('orders', 'mails')
    assert.equal(await waiting, undefined)
  })
})
