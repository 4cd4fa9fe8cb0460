import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError, wireFormats } from '@gesta/core/ports'
import type { Envelope, ErrorCode } from '@gesta/core/ports'
import { redisForTests } from '@gesta/services'
import { redisBroker, redisBus } from '../src/index.ts'
import {
  connect,
  nextBatch,
  numberOf,
  numbers,
  openBus,
  placed,
  placedFrom,
  publish,
  publishWith,
  take,
  takeNumbers,
} from './given.ts'
import { runtime } from './runtime.ts'

const redis = await redisForTests()
const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
/** As a relay sends them: one event of each commit. */
const sequenced = (first: number, last: number, index = 0): readonly Envelope[] =>
  numbers(first, last).map((n) => placed(n, { sequence: `${n}-${index}` }))

describe('a batch that is published', { skip: redis.skip }, () => {
  test('is read whatever its format, with all that an envelope says', async () => {
    await using keys = redis.newKeys()
    const full: Envelope = {
      ...placed(1),
      id: 'ümlaut 😀',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      audience: ['tenant:a', 'team b'],
      category: 'integration',
      schemaVersion: 3,
      key: 'order A-1',
      sequence: '7-1',
      tenant: 'acme',
      correlationId: 'c-1',
      value: { text: 'ä\n\u0000', list: [1, -0.5, null] },
    }
    for (const format of wireFormats) {
      await using bus = await openBus(keys, { format })
      await using source = await bus.subscribe(format, 'mails')
      await publish(bus, [full], format)
      const [event] = await take(source, 1)
      assert.deepEqual({ ...event, publishedAt: undefined }, { ...full, source: 'shop', publishedAt: undefined })
    }
  })

  test('has its headers and its body as fields of an entry', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { format: 'cloudevents-binary' })
    await publish(bus, [placed(1, { sequence: '7-1' })])
    await using client = await connect(keys.url)
    const [entry] = (await client.redis.xRange(`${keys.prefix}topic:orders`, '-', '+')) ?? []
    assert.equal(entry?.id, '7-1048576')
    const { body, ce_id: id, ce_sequence: sequence, 'content-type': type } = entry?.message ?? {}
    assert.deepEqual([body, id, sequence, type], ['{"n":1}', 'event-1', '7-1', 'application/json'])
  })

  test('is there whole or not at all: one event that is too large keeps all out', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { eventBytesMax: 2000 })
    await using source = await bus.subscribe('orders', 'mails')
    const large = placed(2, { value: { n: 'x'.repeat(2000) } })
    await assert.rejects(publish(bus, [placed(1), large]), is('payload_too_large'))
    await publish(bus, [placed(3)])
    assert.deepEqual(await takeNumbers(source, 1), [3])
  })

  test('waits for room when the topic holds as much as it may', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { eventsMax: 3 })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 2))
    await assert.rejects(publish(bus, placedFrom(3, 4)), is('broker_unavailable'))
    await publish(bus, [placed(3)])
    assert.deepEqual(await takeNumbers(source, 3), [1, 2, 3])
    // What everybody has is removed by receivers.
    const waiting = takeNumbers(source, 2)
    for (;;) {
      const refused = await publish(bus, placedFrom(4, 5)).then(
        () => false,
        (error: unknown) => is('broker_unavailable')(error),
      )
      if (!refused) break
    }
    assert.deepEqual(await waiting, [4, 5])
  })

  test('is in one piece among batches that are published at once', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    const starts = numbers(0, 29).map((n) => n * 10)
    await Promise.all(starts.map((start) => publish(bus, placedFrom(start, start + 9))))
    const found = await takeNumbers(source, 300)
    for (let at = 0; at < 300; at += 10)
      assert.deepEqual(found.slice(at, at + 10), numbers(found[at] ?? 0, (found[at] ?? 0) + 9))
  })
})

describe('events that have a place in the log of their sender', { skip: redis.skip }, () => {
  test('are there once, although their batch is repeated, in other portions too', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, sequenced(1, 4))
    await publish(bus, sequenced(1, 4))
    await publish(bus, sequenced(3, 6))
    assert.deepEqual(await takeNumbers(source, 6), numbers(1, 6))
    await publish(bus, sequenced(2, 7))
    const batch = await nextBatch(source)
    assert.deepEqual(batch.events.map(numberOf), [7])
  })

  test('are known also when their entries were acknowledged and are gone', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, sequenced(1, 4))
    await take(source, 4)
    await using client = await connect(keys.url)
    await client.redis.xTrim(`${keys.prefix}topic:orders`, 'MAXLEN', 0)
    await publish(bus, sequenced(1, 5))
    assert.deepEqual((await nextBatch(source)).events.map(numberOf), [5])
  })

  test('are put at the end when they come late: a relay holds what failed, while other keys go on', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, [placed(5, { sequence: '5-0' }), placed(7, { sequence: '7-0' })])
    const late = [placed(5, { sequence: '5-0' }), placed(6, { sequence: '6-0' }), placed(8, { sequence: '8-0' })]
    await publish(bus, late)
    await publish(bus, late)
    assert.deepEqual(await takeNumbers(source, 4), [5, 7, 6, 8])
    // Two logs count on their own.
    const others = [placed(9, { id: 'of another log', sequence: '5-0' }), placed(10, { sequence: '9-0' })]
    await publish(bus, others)
    await publish(bus, others)
    assert.deepEqual(await takeNumbers(source, 2), [9, 10])
    await publish(bus, [placed(11)])
    assert.deepEqual(await takeNumbers(source, 1), [11])
  })

  test('are refused when they come late where that is asked for, and nothing of their batch is published', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { sequence: 'strict' })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, [placed(5, { sequence: '5-0' }), placed(7, { sequence: '7-0' })])
    const late = [placed(5, { sequence: '5-0' }), placed(6, { sequence: '6-0' }), placed(8, { sequence: '8-0' })]
    await assert.rejects(publish(bus, late), is('sequence_refused'))
    await publish(bus, [placed(7, { sequence: '7-0' }), placed(9, { sequence: '9-0' })])
    assert.deepEqual(await takeNumbers(source, 3), [5, 7, 9])
    const other = placed(7, { id: 'of another log', sequence: '7-0' })
    await assert.rejects(publish(bus, [other]), (error) => {
      assert.ok(isGestaError(error, 'sequence_refused'))
      return /Another log/.test(error.message)
    })
  })

  test('share a topic with events that have none, which come after what is there', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, placedFrom(1, 2))
    await publish(bus, [placed(3, { sequence: '7-0' })])
    await publish(bus, [placed(4)])
    // The same commit goes on, although something has come between.
    await publish(bus, [placed(5, { sequence: '7-1' }), placed(6, { sequence: '8-0' })])
    assert.deepEqual(await takeNumbers(source, 6), numbers(1, 6))
  })

  test('are as good as others when the bus is told so: repetitions are the receivers’ to drop', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys, { sequence: 'ignored' })
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, sequenced(3, 4))
    await publish(bus, sequenced(1, 3))
    assert.deepEqual(await takeNumbers(source, 5), [3, 4, 1, 2, 3])
  })

  test('are refused when what they say is no place', async () => {
    await using keys = redis.newKeys()
    await using bus = await openBus(keys)
    for (const sequence of ['7', '7-', '-1', 'a-b', '9999999999999999-0'])
      await assert.rejects(publish(bus, [placed(1, { sequence })]), is('invalid_output'))
  })
})

describe('a broker of one topic', { skip: redis.skip }, () => {
  test('publishes to the groups of a bus', async () => {
    await using keys = redis.newKeys()
    const options = { url: keys.url, prefix: keys.prefix, topic: 'orders', source: 'shop', timeoutMs: 30_000 }
    await using bus = await openBus(keys)
    await using source = await bus.subscribe('orders', 'mails')
    {
      await using broker = await redisBroker(options).open(runtime)
      await publishWith(broker, sequenced(1, 3))
    }
    await using broker = await redisBroker(options).open(runtime)
    await publishWith(broker, sequenced(2, 4))
    const events = await take(source, 4)
    assert.deepEqual(events.map(numberOf), [1, 2, 3, 4])
    assert.deepEqual(new Set(events.map((event) => event.source)), new Set(['shop']))
  })

  test('refuses everything when it is closed', async () => {
    await using keys = redis.newKeys()
    const broker = await redisBroker({
      url: keys.url,
      prefix: keys.prefix,
      topic: 'orders',
      source: 'shop',
      timeoutMs: 30_000,
    }).open(runtime)
    await broker[Symbol.asyncDispose]()
    await assert.rejects(publishWith(broker, placedFrom(1, 1)), is('broker_closed'))
  })
})

describe('redisBus() and redisBroker()', () => {
  test('refuse what they cannot use', () => {
    const url = 'redis://127.0.0.1'
    assert.throws(() => redisBus({ url, ordered: true } as never), /Did you mean "unordered"/)
    assert.throws(() => redisBus({ url: 'http://127.0.0.1' }), /Expected url to be redis:/)
    assert.throws(() => redisBus({ url, prefix: '' }), /prefix of at least one character/)
    assert.throws(() => redisBus({ url, format: 'xml' as never }), /format to be one of envelope, cloudevents/)
    assert.throws(() => redisBus({ url, sequence: 'no' as never }), /sequence to be one of known, strict/)
    assert.throws(() => redisBus({ url, start: 'then' as never }), /start to be one of oldest, now/)
    assert.throws(() => redisBus({ url, claimAfterMs: 99 }), /claimAfterMs .* from 100 to/)
    assert.throws(() => redisBus({ url, attemptsMax: 0 }), /attemptsMax .* from 1/)
    assert.throws(() => redisBus({ url, batchEventsMax: 1001 }), /batchEventsMax .* from 1 to 1000/)
    assert.throws(() => redisBus({ url, eventBytesMax: 1 }), /eventBytesMax .* from 1024 to/)
    assert.throws(() => redisBus({ url, backoff: { firstMs: 5, maxMs: 4 } }), /backoff.maxMs .* from 5/)
    assert.throws(() => redisBroker({ url, source: 'shop', topic: '' }), /Expected topic/)
    assert.throws(() => redisBroker({ url, source: '', topic: 'orders' }), /Expected source/)
  })
})
