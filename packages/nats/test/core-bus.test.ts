import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connect } from '@nats-io/transport-node'
import { natsForTests, ownNatsForTests, startTcpProxy } from '@gesta/services'
import { natsCoreBus } from '../src/index.ts'
import { is, next, numbersFrom, numbersOf, placed, placedFrom, publish, run, take, untilAvailable } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await natsForTests()
const own = await ownNatsForTests()

describe('a bus on core NATS', { skip: nats.skip }, () => {
  test('gives others what it publishes, and not itself, unless it is told to', async () => {
    const { url, prefix } = nats.newStreams()
    const open = (echo?: boolean) =>
      natsCoreBus({ servers: url, prefix, ...(echo === undefined ? {} : { echo }) }).open(runtime)
    await using bus = await open()
    await using other = await open()
    await using echoing = await open(true)
    const [mine, theirs, echoed] = [
      await bus.subscribe('orders', 'mine'),
      await other.subscribe('orders', 'theirs'),
      await echoing.subscribe('orders', 'echoed'),
    ]
    await publish(bus, placed(1))
    await publish(other, placed(2))
    await publish(echoing, placed(3))
    assert.deepEqual(await take(mine, 2), [2, 3])
    assert.deepEqual(await take(theirs, 2), [1, 3])
    assert.deepEqual(await take(echoed, 3), [1, 2, 3])
  })

  test('has batches that cannot be acknowledged, nor given back', async () => {
    const { url, prefix } = nats.newStreams()
    await using bus = await natsCoreBus({ servers: url, prefix, echo: true }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, placed(1))
    assert.deepEqual(Object.keys(await next(mails)), ['events'])
  })

  test('gives nothing to a receiver that comes later', async () => {
    const { url, prefix } = nats.newStreams()
    await using bus = await natsCoreBus({ servers: url, prefix, echo: true }).open(runtime)
    await publish(bus, placed(1))
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, placed(2))
    assert.deepEqual(await take(mails, 1), [2])
  })

  test('drops what a full receiver cannot take, and what cannot be read, and counts both', async () => {
    const { url, prefix } = nats.newStreams()
    await using bus = await natsCoreBus({ servers: url, prefix, echo: true, waitingEventsMax: 5 }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await using client = await connect({ servers: new URL(url).host })
    client.publish(`${prefix}.orders.Order.Placed`, 'no event')
    await client.flush()
    await publish(bus, ...placedFrom(1, 8))
    // Whoever is here has got everything that was published before.
    const last = await bus.subscribe('elsewhere', 'mails')
    await bus.publisher('elsewhere', { source: 'shop' }).publishEvents([placed(1)], run)
    await take(last, 1)
    assert.equal(mails.dropped, 4)
    assert.deepEqual(numbersOf(await next(mails)), numbersFrom(1, 5))
  })

  test('refuses a batch of which one message is too large, and sends nothing of it', async () => {
    const { url, prefix } = nats.newStreams()
    await using bus = await natsCoreBus({ servers: url, prefix, echo: true }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    const large = placed(2, { value: 'x'.repeat(10_000_000) })
    await assert.rejects(publish(bus, placed(1), large), is('payload_too_large'))
    await publish(bus, placed(3))
    assert.deepEqual(await take(mails, 1), [3])
  })

  test('takes nothing for a receiver that was refused', { skip: own.skip }, async () => {
    await using server = await own.start()
    await using proxy = await startTcpProxy(server.url)
    await using bus = await natsCoreBus({ servers: proxy.through(server.url) }).open(runtime)
    proxy.impose({ silent: true })
    const refused = assert.rejects(bus.subscribe('orders', 'mails'), is('broker_unavailable'))
    proxy.cut()
    await refused
    proxy.heal()
    const [mails, last] = [
      await untilAvailable(() => bus.subscribe('orders', 'mails')),
      await untilAvailable(() => bus.subscribe('orders', 'last')),
    ]
    await using other = await natsCoreBus({ servers: server.url }).open(runtime)
    await publish(other, ...placedFrom(1, 100))
    // What is published first comes first, so the other group has everything when this one has.
    await take(last, 100)
    assert.deepEqual(numbersOf(await next(mails)), numbersFrom(1, 100))
  })

  test('says broker_unavailable while the server is away, and goes on by itself', { skip: own.skip }, async () => {
    await using server = await own.start()
    await using bus = await natsCoreBus({ servers: server.url, echo: true }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    const waiting = take(mails, 1)
    await server.stop('immediate')
    await assert.rejects(publish(bus, placed(1)), is('broker_unavailable'))
    await server.start()
    await untilAvailable(() => publish(bus, placed(2)))
    assert.deepEqual(await waiting, [2])
  })
})
