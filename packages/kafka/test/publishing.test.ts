import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { ProtocolError } from '@platformatic/kafka'
import { kafkaForTests } from '@gesta/services'
import { kafkaBroker } from '../src/index.ts'
import { isForbidden, kafkaError } from '../src/kafka-errors.ts'
import { openTestBus } from './bus-place.ts'
import { forEver, numberOf, ordersOf, paid, paidFrom, publish, take } from './given.ts'
import { runtime } from './runtime.ts'

const kafka = await kafkaForTests()
const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
const large = (n: number, bytes: number) => paid(n, { value: { n, text: 'x'.repeat(bytes) } })

describe('publishing to Kafka', { skip: kafka.skip }, () => {
  test('refuses a message that is too large before anything of its batch is sent', async () => {
    await using bus = await openTestBus(kafka.newTopics(), { messageBytesMax: 10_000 })
    const source = await bus.subscribe('orders', 'mails')
    await assert.rejects(publish(ordersOf(bus), [paid(1), large(2, 10_000)]), is('payload_too_large'))
    await publish(ordersOf(bus), [large(3, 9000)])
    assert.deepEqual((await take(source, 1)).map(numberOf), [3])
  })

  test('sends a batch that is larger than a message may be in portions, in order', async () => {
    await using bus = await openTestBus(kafka.newTopics(), { messageBytesMax: 10_000 })
    const source = await bus.subscribe('orders', 'mails')
    await publish(
      ordersOf(bus),
      Array.from({ length: 30 }, (_, n) => large(n, 3000)),
    )
    assert.deepEqual(
      (await take(source, 30)).map(numberOf),
      Array.from({ length: 30 }, (_, n) => n),
    )
  })

  test('keeps the order of batches that are published at once', async () => {
    await using bus = await openTestBus(kafka.newTopics())
    const source = await bus.subscribe('orders', 'mails')
    const orders = ordersOf(bus)
    await Promise.all(Array.from({ length: 50 }, (_, n) => publish(orders, paidFrom(n * 10 + 1, n * 10 + 10))))
    assert.deepEqual((await take(source, 500)).map(numberOf), paidFrom(1, 500).map(numberOf))
  })

  test('sends nothing for a caller who has given up', async () => {
    await using bus = await openTestBus(kafka.newTopics())
    const source = await bus.subscribe('orders', 'mails')
    const reason = new Error('enough')
    const given = ordersOf(bus).publishEvents([paid(1)], { context: {}, signal: AbortSignal.abort(reason) })
    await assert.rejects(given, (error) => error === reason)
    await publish(ordersOf(bus), [paid(2)])
    assert.deepEqual((await take(source, 1)).map(numberOf), [2])
  })

  test('is read whatever format its publisher has, with every fact', async () => {
    const place = kafka.newTopics()
    await using bus = await openTestBus(place)
    const source = await bus.subscribe('orders', 'mails')
    const facts = {
      key: 'order ü',
      sequence: '7-1',
      tenant: 'A-1',
      correlationId: 'c',
      schemaVersion: 2,
      audience: ['a', 'b c'],
      traceparent: '00-1',
    }
    for (const format of ['envelope', 'cloudevents', 'cloudevents-binary'] as const) {
      await using publisher = await openTestBus(place, { format })
      await publish(ordersOf(publisher), [paid(1, facts)])
      const [{ source: service, publishedAt, ...event } = {}] = await take(source, 1)
      assert.deepEqual({ ...event }, paid(1, facts))
      assert.equal(service, 'shop')
      assert.match(publishedAt ?? '', /Z$/)
    }
  })

  test('in transactions sends the batches that arrive without them', async () => {
    const place = kafka.newTopics()
    await using bus = await openTestBus(place, { transactionalId: `${place.prefix}shop` })
    const source = await bus.subscribe('orders', 'mails')
    for (let n = 0; n < 3; n += 1) await publish(ordersOf(bus), paidFrom(n * 5 + 1, n * 5 + 5))
    assert.deepEqual((await take(source, 15)).map(numberOf), paidFrom(1, 15).map(numberOf))
  })

  test('in transactions is for who came last alone', { skip: kafka.skipOnMock }, async () => {
    const place = kafka.newTopics()
    const transactionalId = `${place.prefix}shop`
    await using first = await openTestBus(place, { transactionalId })
    await publish(ordersOf(first), [paid(1)])
    await using second = await openTestBus(place, { transactionalId })
    await assert.rejects(publish(ordersOf(first), [paid(2)]), is('broker_closed'))
    await assert.rejects(publish(ordersOf(first), [paid(2)]), is('broker_closed'))
    await publish(ordersOf(second), [paid(3)])
    const source = await second.subscribe('orders', 'mails')
    assert.deepEqual((await take(source, 2)).map(numberOf), [1, 3])
  })

  test('goes through a broker of one topic, as a relay has it', async () => {
    const place = kafka.newTopics()
    await using bus = await openTestBus(place)
    const source = await bus.subscribe('orders', 'mails')
    const broker = await kafkaBroker({
      brokers: place.brokers,
      prefix: place.prefix,
      topic: 'orders',
      source: 'shop',
    }).open(runtime)
    await publish(broker, paidFrom(1, 3))
    await broker[Symbol.asyncDispose]()
    await assert.rejects(publish(broker, [paid(4)]), is('broker_closed'))
    const events = await take(source, 3)
    assert.deepEqual(
      events.map((event) => [numberOf(event), event.source]),
      [1, 2, 3].map((n) => [n, 'shop']),
    )
  })

  test('says broker_unavailable where there is no broker', async () => {
    const nowhere = { brokers: ['127.0.0.1:1'] }
    await assert.rejects(openTestBus(nowhere, { timeoutMs: 300 }), is('broker_unavailable'))
    const broker = kafkaBroker({ ...nowhere, topic: 'orders', source: 'shop', timeoutMs: 300 })
    await assert.rejects(broker.open(runtime), is('broker_unavailable'))
    assert.equal(forEver.aborted, false)
  })
})

test('what a broker answers has a code that callers know', () => {
  const codeOf = (id: ConstructorParameters<typeof ProtocolError>[0]): ErrorCode =>
    kafkaError(new ProtocolError(id), ['host:1']).code
  assert.equal(codeOf('INVALID_PRODUCER_EPOCH'), 'broker_closed')
  assert.equal(codeOf('PRODUCER_FENCED'), 'broker_closed')
  assert.equal(codeOf('MESSAGE_TOO_LARGE'), 'payload_too_large')
  assert.equal(codeOf('TOPIC_AUTHORIZATION_FAILED'), 'broker_unavailable')
  assert.equal(codeOf('NOT_COORDINATOR'), 'broker_unavailable')
  assert.equal(isForbidden(new ProtocolError('GROUP_AUTHORIZATION_FAILED')), true)
  assert.equal(isForbidden(new ProtocolError('UNKNOWN_MEMBER_ID')), false)
})
