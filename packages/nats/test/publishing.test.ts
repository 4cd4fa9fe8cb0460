import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'
import { wireFormats } from '@gesta/core/ports'
import { natsForTests } from '@gesta/services'
import { natsBroker, natsBus } from '../src/index.ts'
import { is, next, numbersFrom, numbersOf, placed, placedFrom, publish, run, take, untilAvailable } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await natsForTests()

/** What is in a stream, as another client of NATS sees it. */
async function stored(
  client: NatsConnection,
  stream: string,
): Promise<
  readonly { readonly subject: string; readonly headers: ReadonlyMap<string, string>; readonly body: string }[]
> {
  const manager = await jetstreamManager(client)
  const { state } = await manager.streams.info(stream)
  if (state.messages === 0) return []
  return Promise.all(
    numbersFrom(state.first_seq, state.last_seq).map(async (seq) => {
      const found = await manager.streams.getMessage(stream, { seq })
      assert.ok(found !== null)
      const entries = [...found.header].map(([name, [value = '']]) => [name, value] as const)
      return { subject: found.subject, headers: new Map(entries), body: new TextDecoder().decode(found.data) }
    }),
  )
}

describe('publishing to JetStream', { skip: nats.skip }, () => {
  test('stores an event under its type, with its id', async () => {
    await using streams = nats.newStreams()
    const { url, prefix } = streams
    await using bus = await natsBus({ servers: url, prefix }).open(runtime)
    await publish(bus, placed(1), placed(2, { id: 'ä b%', type: 'Two words.At once', value: 'v' }))
    await using client = await connect({ servers: new URL(url).host })
    const [first, second] = await stored(client, `${prefix}~orders`)
    assert.equal(first?.subject, `${prefix}.orders.Order.Placed`)
    assert.deepEqual(
      [...(first?.headers ?? [])],
      [
        ['content-type', 'application/json'],
        ['Nats-Msg-Id', 'event-1'],
      ],
    )
    assert.equal((JSON.parse(first?.body ?? '') as { id: string }).id, 'event-1')
    assert.equal(second?.subject, `${prefix}.orders.Two=20words.At=20once`)
    assert.equal(second?.headers.get('Nats-Msg-Id'), '%C3%A4%20b%25')
  })

  test('drops an event that was published before, wherever it comes from, and takes ids that are nearly the same', async () => {
    await using streams = nats.newStreams()
    const options = { servers: streams.url, prefix: streams.prefix }
    await using bus = await natsBus(options).open(runtime)
    await using other = await natsBroker({ ...options, topic: 'orders', source: 'another process' }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, ...placedFrom(1, 3))
    await other.publishEvents([...placedFrom(2, 4)], run)
    await publish(bus, ...[' event-1', 'event-1 ', 'event%201', 'event 1'].map((id, n) => placed(10 + n, { id })))
    assert.deepEqual(await take(mails, 8), [1, 2, 3, 4, 10, 11, 12, 13])
  })

  test('refuses a batch of which one message is too large, sends nothing of it, and takes one that just fits', async () => {
    await using streams = nats.newStreams()
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await using client = await connect({ servers: new URL(streams.url).host })
    const bytesMax = client.info?.max_payload ?? 0
    await assert.rejects(
      publish(bus, placed(1), placed(2, { value: 'x'.repeat(bytesMax) }), placed(3)),
      is('payload_too_large'),
    )
    // As large as the error says that it may be.
    const excess = await publish(bus, placed(4, { value: { n: 4, text: 'x'.repeat(bytesMax) } })).catch(
      (error: { facts: { bytes: number; bytesMax: number } }) => error.facts.bytes - error.facts.bytesMax,
    )
    assert.ok(typeof excess === 'number' && excess > 0)
    await publish(bus, placed(4, { value: { n: 4, text: 'x'.repeat(bytesMax - excess) } }))
    assert.deepEqual(await take(mails, 1), [4])
  })

  test('knows the limit of a stream that somebody made, and refuses before it sends', async () => {
    await using streams = nats.newStreams()
    const { url, prefix } = streams
    await using client = await connect({ servers: new URL(url).host })
    const manager = await jetstreamManager(client)
    await manager.streams.add({ name: `${prefix}~orders`, subjects: [`${prefix}.orders.>`], max_msg_size: 2000 })
    await using bus = await natsBus({ servers: url, prefix }).open(runtime)
    const large = placed(1, { value: 'x'.repeat(2000) })
    await assert.rejects(publish(bus, placed(2), large), is('payload_too_large'))
    assert.deepEqual(await stored(client, `${prefix}~orders`), [])
    await manager.streams.add({ name: `${prefix}~other`, subjects: [`${prefix}.elsewhere.>`] })
    const elsewhere = bus.publisher('other', { source: 'shop' })
    await assert.rejects(elsewhere.publishEvents([placed(1)], run), /to have the subjects .*other\.>, received/)
  })

  test('asks for the limit of the stream again before it refuses: it may have been raised', async () => {
    await using streams = nats.newStreams()
    const { url, prefix } = streams
    await using client = await connect({ servers: new URL(url).host })
    const manager = await jetstreamManager(client)
    const name = `${prefix}~orders`
    await manager.streams.add({ name, subjects: [`${prefix}.orders.>`], max_msg_size: 2000 })
    await using bus = await natsBus({ servers: url, prefix }).open(runtime)
    const orders = bus.publisher('orders', { source: 'shop' })
    const large = placed(2, { value: 'x'.repeat(2000) })
    await orders.publishEvents([placed(1)], run)
    await assert.rejects(orders.publishEvents([large], run), is('payload_too_large'))
    await manager.streams.update(name, { max_msg_size: 4000 })
    await orders.publishEvents([large], run)
    assert.equal((await stored(client, name)).length, 2)
  })

  test('says so when the stream is full, stores a beginning of the batch and nothing behind the refusal', async () => {
    await using streams = nats.newStreams()
    const { url, prefix } = streams
    await using client = await connect({ servers: new URL(url).host })
    const manager = await jetstreamManager(client)
    const full = {
      name: `${prefix}~orders`,
      subjects: [`${prefix}.orders.>`],
      max_bytes: 3000,
      discard: 'new' as const,
    }
    await manager.streams.add(full)
    await using bus = await natsBus({ servers: url, prefix }).open(runtime)
    const batch = [placed(1), placed(2, { value: 'x'.repeat(3000) }), placed(3)]
    await assert.rejects(publish(bus, ...batch), is('broker_unavailable'))
    assert.equal((await stored(client, `${prefix}~orders`)).length, 1)
  })

  test('makes the stream again when it was deleted', async () => {
    await using streams = nats.newStreams()
    const { url, prefix } = streams
    await using bus = await natsBus({ servers: url, prefix }).open(runtime)
    const orders = bus.publisher('orders', { source: 'shop' })
    await orders.publishEvents([placed(1)], run)
    await using client = await connect({ servers: new URL(url).host })
    await (await jetstreamManager(client)).streams.delete(`${prefix}~orders`)
    await assert.rejects(orders.publishEvents([placed(2)], run), is('broker_unavailable'))
    await orders.publishEvents([placed(2)], run)
    assert.equal((await stored(client, `${prefix}~orders`)).length, 1)
  })

  test('writes every format, and a receiver reads them all, each as it was sent', async () => {
    await using streams = nats.newStreams()
    const { url, prefix } = streams
    await using receiving = await natsBus({ servers: url, prefix }).open(runtime)
    const mails = await receiving.subscribe('orders', 'mails')
    const full = placed(1, {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      schemaVersion: 2,
      key: 'Order/ä 1',
      sequence: '12-0',
      tenant: 't',
      correlationId: 'c-1',
    })
    for (const format of wireFormats) {
      await using bus = await natsBus({ servers: url, prefix, format }).open(runtime)
      await publish(bus, { ...full, id: format })
      const batch = await next(mails)
      const [{ publishedAt, ...event } = { publishedAt: '' }] = batch.events
      assert.deepEqual(event, { ...full, id: format, source: 'shop' })
      assert.match(publishedAt ?? '', /Z$/)
      await batch.ack?.(run)
    }
    await using client = await connect({ servers: new URL(url).host })
    const [, structured, binary] = await stored(client, `${prefix}~orders`)
    assert.equal(structured?.headers.get('content-type'), 'application/cloudevents+json')
    assert.equal(binary?.headers.get('ce-type'), 'Order.Placed')
    assert.equal(binary?.body, '{"n":1}')
  })

  test('many at once are each stored once, whatever else is published, also pipelined', async () => {
    for (const pipelined of [false, true]) {
      await using streams = nats.newStreams()
      await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix, pipelined }).open(runtime)
      const mails = await bus.subscribe('orders', 'mails')
      await Promise.all(numbersFrom(0, 99).map((n) => publish(bus, ...placedFrom(10 * n + 1, 10 * n + 10))))
      const numbers = await take(mails, 1000)
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        numbersFrom(1, 1000),
      )
      for (const n of numbersFrom(0, 99))
        assert.deepEqual(
          numbers.filter((each) => Math.ceil(each / 10) === n + 1),
          numbersFrom(10 * n + 1, 10 * n + 10),
        )
    }
  })
})

describe('a group', { skip: nats.skip }, () => {
  test('begins with what is published from now on, or with the oldest event that is kept', async () => {
    await using streams = nats.newStreams()
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix }).open(runtime)
    await publish(bus, ...placedFrom(1, 3))
    const late = await bus.subscribe('orders', 'late')
    const whole = await bus.subscribe('orders', 'whole', { start: 'oldest' })
    await publish(bus, placed(4))
    assert.deepEqual(await take(late, 1), [4])
    assert.deepEqual(await take(whole, 4), [1, 2, 3, 4])
    // It is where it was, whatever the options say later.
    const again = await bus.subscribe('orders', 'late', { start: 'oldest' })
    await publish(bus, placed(5))
    assert.deepEqual(await take(again, 1), [5])
  })

  test('whose receiver waits is told when it is removed, here and elsewhere', async () => {
    await using streams = nats.newStreams()
    const description = natsBus({ servers: streams.url, prefix: streams.prefix, timeoutMs: 1000 })
    await using bus = await untilAvailable(() => description.open(runtime))
    await using other = await untilAvailable(() => description.open(runtime))
    const subscribing = [bus, bus, other, other].map((each) => untilAvailable(() => each.subscribe('orders', 'mails')))
    const sources = await Promise.all(subscribing)
    const waiting = sources.map((source) => source.receiveEventBatch(run))
    await using client = await connect({ servers: new URL(streams.url).host })
    const manager = await jetstreamManager(client)
    while ((await manager.consumers.info(`${streams.prefix}~orders`, 'mails')).num_waiting < 1);
    await untilAvailable(() => bus.removeGroup('orders', 'mails'))
    assert.deepEqual(await Promise.all(waiting), [undefined, undefined, undefined, undefined])
  })

  test('of another kind of consumer is refused', async () => {
    await using streams = nats.newStreams()
    const { url, prefix } = streams
    await using bus = await natsBus({ servers: url, prefix }).open(runtime)
    await publish(bus, placed(1))
    await using client = await connect({ servers: new URL(url).host })
    const manager = await jetstreamManager(client)
    await manager.consumers.add(`${prefix}~orders`, { durable_name: 'mails', ack_policy: 'none' })
    await assert.rejects(bus.subscribe('orders', 'mails'), /pulled with explicit acknowledgement/)
  })

  test('whose events are given back in portions keeps their order', async () => {
    await using streams = nats.newStreams()
    const options = { backoff: { firstMs: 0, maxMs: 1 }, batchEventsMax: 7, attemptsMax: 100 }
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix, ...options }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, ...placedFrom(1, 60))
    const done: number[] = []
    for (let round = 0; done.length < 60; round += 1) {
      const batch = await next(mails)
      if (round % 3 === 1) await batch.nack?.(new Error('not now'), run)
      else {
        done.push(...numbersOf(batch))
        await batch.ack?.(run)
      }
    }
    assert.deepEqual(done, numbersFrom(1, 60))
  })
})
