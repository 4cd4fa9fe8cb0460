import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { isGestaError } from '@gesta/core/ports'
import type { Broker, Envelope, ErrorCode } from '@gesta/core/ports'
import { ownKafkaForTests } from '@gesta/services'
import { kafkaBus } from '../src/index.ts'
import { openTestBus } from './bus-place.ts'
import { nextBatch, numberOf, ordersOf, paid, paidFrom, publish, take } from './given.ts'
import { runtime } from './runtime.ts'

const kafka = await ownKafkaForTests()
const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
const at = (url: string) => ({ brokers: [new URL(url).host] })

/** Publishes until the broker has it, as a relay does. */
async function publishUntilTaken(broker: Broker, events: readonly Envelope[]): Promise<void> {
  for (;;) {
    try {
      await publish(broker, events)
      return
    } catch (error) {
      if (!isGestaError(error, 'broker_unavailable')) throw error
    }
  }
}

describe('a bus whose broker fails', { skip: kafka.skip }, () => {
  test('loses nothing and keeps the order when connections are cut again and again', async () => {
    await using server = await kafka.startProxied()
    await using bus = await openTestBus(at(server.url))
    const source = await bus.subscribe('orders', 'mails')
    const orders = ordersOf(bus)
    const last = 300
    const published = (async () => {
      for (let n = 1; n <= last; n += 3) await publishUntilTaken(orders, paidFrom(n, n + 2))
    })()
    const first: number[] = []
    let cuts = 0
    while (first.at(-1) !== last) {
      const batch = await nextBatch(source)
      for (const n of batch.events.map(numberOf)) if (!first.includes(n)) first.push(n)
      await batch.ack?.({ signal: new AbortController().signal })
      if (first.length > (cuts + 1) * 60) {
        cuts += 1
        server.proxy.cut()
      }
    }
    await published
    assert.ok(cuts >= 3)
    assert.deepEqual(first, paidFrom(1, last).map(numberOf))
  })

  test('publishes once, and in order, when answers are lost', async () => {
    await using server = await kafka.startProxied()
    await using bus = await openTestBus(at(server.url))
    const source = await bus.subscribe('orders', 'mails')
    const orders = ordersOf(bus)
    await publish(orders, [paid(1)])
    server.proxy.impose({ answersLost: true })
    const publishing = publishUntilTaken(orders, [paid(2)])
    while (server.proxy.lostBytes === 0) await new Promise((resolve) => setImmediate(resolve))
    server.proxy.heal()
    await publishing
    await publish(orders, [paid(3)])
    const seen: number[] = []
    while (seen.at(-1) !== 3) for (const event of await take(source, 1)) seen.push(numberOf(event))
    assert.deepEqual([...new Set(seen)], [1, 2, 3])
  })

  test('says broker_unavailable while the broker is away, and goes on by itself when it is back', async () => {
    await using server = await kafka.start()
    await using bus = await openTestBus(at(server.url), { timeoutMs: 1_500 })
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(-2, 0))
    assert.deepEqual((await take(source, 3)).map(numberOf), [-2, -1, 0])
    const waiting = take(source, 1)
    await server.stop('immediate')
    await assert.rejects(publish(ordersOf(bus), [paid(2)]), is('broker_unavailable'))
    await assert.rejects(bus.subscribe('other', 'mails'), is('broker_unavailable'))
    // What this broker keeps is gone with it. Where the group was there is nothing any more, so it goes on with what there is.
    await server.start()
    await publishUntilTaken(ordersOf(bus), [paid(3)])
    assert.deepEqual((await waiting).map(numberOf), [3])
  })

  test('waits for no answer longer than it says, and closes in time, while the broker says nothing', async () => {
    await using server = await kafka.startProxied()
    const bus = await openTestBus(at(server.url), { timeoutMs: 1_500 })
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(1, 2))
    const batch = await nextBatch(source)
    server.proxy.impose({ silent: true })
    await assert.rejects(publish(ordersOf(bus), [paid(3)]), is('broker_unavailable'))
    await assert.rejects(
      batch.ack?.({ signal: new AbortController().signal }) ?? Promise.resolve(),
      is('broker_unavailable'),
    )
    await assert.rejects(bus.deadLetters('orders', 'mails').total(), is('broker_unavailable'))
    const waiting = source.receiveEventBatch({ signal: new AbortController().signal })
    await bus[Symbol.asyncDispose]()
    assert.equal(await waiting, undefined)
    server.proxy.heal()
    while (server.proxy.connections > 0) await new Promise((resolve) => setImmediate(resolve))
  })

  test('delivers again what could not be acknowledged', async () => {
    await using server = await kafka.startProxied()
    await using bus = await openTestBus(at(server.url), { timeoutMs: 1_500 })
    const source = await bus.subscribe('orders', 'mails')
    await publish(ordersOf(bus), paidFrom(1, 2))
    const hold = new AbortController()
    const batch = await nextBatch(source, hold.signal)
    const count = batch.events.length
    server.proxy.impose({ silent: true })
    await assert.rejects(batch.ack?.({ signal: hold.signal }) ?? Promise.resolve(), is('broker_unavailable'))
    hold.abort()
    server.proxy.heal()
    assert.deepEqual((await take(source, 2)).map(numberOf), [1, 2])
    assert.ok(count > 0)
  })

  test('shows no secret in any error', async () => {
    await using server = await kafka.start()
    const place = at(server.url)
    const failures: unknown[] = []
    const secrets = { username: 'somebody', password: 'the-secret' }
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256'] as const)
      await kafkaBus({ ...place, timeoutMs: 1000, sasl: { mechanism, ...secrets } })
        .open(runtime)
        .catch((error: unknown) => failures.push(error))
    await kafkaBus({ ...place, timeoutMs: 1000, tls: { passphrase: 'the-secret' } })
      .open(runtime)
      .catch((error: unknown) => failures.push(error))
    assert.equal(failures.length, 3)
    for (const failure of failures) {
      assert.ok(isGestaError(failure, 'broker_unavailable'))
      assert.doesNotMatch(inspect(failure, { depth: 20, showHidden: true }), /the-secret|somebody/)
    }
  })
})
