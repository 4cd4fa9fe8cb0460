import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { isGestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { ownRedisForTests, startTcpProxy } from '@gesta/services'
import { redisBroker, redisBus } from '../src/index.ts'
import type { RedisBusOptions, RedisTopicBus } from '../src/index.ts'
import {
  ack,
  atOnce,
  connect,
  forEver,
  nextBatch,
  nextNumbers,
  numbers,
  placed,
  placedFrom,
  publish,
  publishWith,
  takeNumbers,
  until,
} from './given.ts'
import { runtime } from './runtime.ts'

const redis = await ownRedisForTests()
const always = { settings: { appendonly: 'yes', appendfsync: 'always' } }
const is = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
const open = (url: string, options: Partial<RedisBusOptions> = {}): Promise<RedisTopicBus> =>
  redisBus({ url, backoff: atOnce, timeoutMs: 30_000, ...options }).open(runtime)

/** Does it again until it is known to be done: with a short timeout a busy machine is late now and then. */
async function surely<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isGestaError(error, 'broker_unavailable')) throw error
    }
  }
}
/** Publishes as a relay does. */
function publishSurely(bus: RedisTopicBus, first: number, last: number): Promise<void> {
  return surely(() =>
    publish(
      bus,
      numbers(first, last).map((n) => placed(n, { sequence: `${n}-0` })),
    ),
  )
}

describe('a bus whose server fails', { skip: redis.skip }, () => {
  test('says broker_unavailable while the server is away; receivers wait, and go on by themselves', async () => {
    await using server = await redis.start(always)
    await using bus = await open(server.url)
    await using source = await bus.subscribe('orders', 'mails')
    const waiting = takeNumbers(source, 1)
    await server.stop('immediate')
    for (const call of [
      () => publish(bus, [placed(1)]),
      () => bus.subscribe('orders', 'bills'),
      () => bus.removeGroup('orders', 'bills'),
      () => bus.deadLetters('orders', 'mails').total(),
    ])
      await assert.rejects(call, is('broker_unavailable'))
    await server.start()
    await publishSurely(bus, 1, 1)
    assert.deepEqual(await waiting, [1])
  })

  test('loses nothing that was acknowledged when the server is killed: neither events nor what groups have done', async () => {
    await using server = await redis.start(always)
    await using bus = await open(server.url)
    await using mails = await bus.subscribe('orders', 'mails')
    await using bills = await bus.subscribe('orders', 'bills')
    await publishSurely(bus, 1, 250)
    assert.deepEqual(await takeNumbers(mails, 200), numbers(1, 200))
    const { batch, numbers: inHand } = await nextNumbers(bills)
    await server.stop('immediate')
    await server.start()
    // A batch that is in hand can be acknowledged afterwards.
    await ack(batch)
    assert.deepEqual(await takeNumbers(bills, 250 - inHand.length), numbers(inHand.length + 1, 250))
    assert.deepEqual(await takeNumbers(mails, 50), numbers(201, 250))
    await publishSurely(bus, 200, 251)
    assert.deepEqual(await takeNumbers(mails, 1), [251])
  })

  test('publishes each event once, although answers are lost and the batch is sent again', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    await using bus = await open(proxy.through(server.url))
    await using direct = await open(server.url)
    await using source = await direct.subscribe('orders', 'mails')
    for (const first of [1, 101, 201]) {
      await publishSurely(bus, first, first + 49)
      proxy.impose({ answersLost: true })
      const sent = publishSurely(bus, first + 50, first + 99)
      await until(async () => proxy.lostBytes > 0)
      proxy.heal()
      await sent
    }
    assert.deepEqual(await takeNumbers(source, 300), numbers(1, 300))
    await publish(direct, [placed(301)])
    assert.deepEqual(await takeNumbers(source, 1), [301])
  })

  test('delivers what it was given when the answer was lost, without counting it as a failure', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    await using direct = await open(server.url)
    await using bus = await open(proxy.through(server.url), { attemptsMax: 1 })
    await using source = await bus.subscribe('orders', 'mails')
    for (let round = 0; round < 3; round += 1) {
      proxy.impose({ answersLost: true })
      const receiving = nextNumbers(source)
      await publish(direct, placedFrom(10 * round, 10 * round + 9))
      const lost = proxy.lostBytes
      proxy.cut()
      await until(async () => proxy.lostBytes > lost)
      proxy.heal()
      const { batch, numbers: found } = await receiving
      await ack(batch)
      assert.deepEqual(
        [...found, ...(await takeNumbers(source, 10 - found.length))],
        numbers(10 * round, 10 * round + 9),
      )
    }
    assert.equal(await bus.deadLetters('orders', 'mails').total(), 0)
  })

  test('goes on when its connections are cut again and again', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    await using bus = await open(proxy.through(server.url), { attemptsMax: 1000 })
    await using source = await bus.subscribe('orders', 'mails')
    const found = new Set<number>()
    const receiving = (async () => {
      while (found.size < 300) {
        const { batch, numbers: some } = await nextNumbers(source)
        await ack(batch)
        for (const n of some) found.add(n)
      }
    })()
    for (let first = 1; first <= 300; first += 10) {
      const sent = publishSurely(bus, first, first + 9)
      proxy.cut()
      await sent
    }
    await receiving
    assert.deepEqual(
      [...found].toSorted((a, b) => a - b),
      numbers(1, 300),
    )
  })

  test('does not wait for a server that says nothing', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    await using bus = await surely(() => open(proxy.through(server.url), { timeoutMs: 100 }))
    await using source = await surely(() => bus.subscribe('orders', 'mails'))
    proxy.impose({ silent: true })
    const waiting = takeNumbers(source, 1)
    for (let call = 0; call < 3; call += 1) await assert.rejects(publish(bus, [placed(1)]), is('broker_unavailable'))
    proxy.heal()
    await publishSurely(bus, 1, 1)
    await waiting
  })

  test('closes in time while the server says nothing, and tells those who wait', async () => {
    await using server = await redis.start()
    await using proxy = await startTcpProxy(server.url)
    const bus = await surely(() => open(proxy.through(server.url), { timeoutMs: 100 }))
    const source = await surely(() => bus.subscribe('orders', 'mails'))
    await publishSurely(bus, 1, 1)
    const batch = await nextBatch(source)
    proxy.impose({ silent: true })
    const acking = batch.ack?.({ signal: forEver() })
    const other = await Promise.allSettled([bus[Symbol.asyncDispose](), acking])
    assert.ok(other[1]?.status === 'rejected' && is('broker_closed')(other[1].reason))
    assert.equal(await source.receiveEventBatch({ signal: forEver() }), undefined)
    proxy.heal()
    await until(async () => proxy.connections === 0)
  })

  test('an acknowledgement that cannot be sent ends with its signal', async () => {
    await using server = await redis.start(always)
    await using bus = await open(server.url)
    await using source = await bus.subscribe('orders', 'mails')
    await publish(bus, [placed(1)])
    const batch = await nextBatch(source)
    await server.stop('immediate')
    const cancel = new AbortController()
    const acking = batch.ack?.({ signal: cancel.signal })
    cancel.abort(new Error('enough'))
    await assert.rejects(acking ?? Promise.resolve(), /enough/)
    await server.start()
    await ack(batch)
  })

  test('makes its groups anew when the server has lost everything, and goes on with what comes', async () => {
    await using server = await redis.start()
    await using bus = await open(server.url)
    await using source = await bus.subscribe('orders', 'mails')
    await publishSurely(bus, 1, 3)
    const batch = await nextBatch(source)
    const waiting = (async () => {
      await ack(batch)
      return takeNumbers(source, 2)
    })()
    {
      await using client = await connect(server.url)
      await client.redis.flushAll()
    }
    await publishSurely(bus, 2, 3)
    assert.deepEqual(await waiting, [2, 3])
  })

  test('refuses events when the memory of the server is full, takes nothing of them, and goes on', async () => {
    await using server = await redis.start({ settings: { maxmemory: '6mb', 'maxmemory-policy': 'noeviction' } })
    await using bus = await open(server.url)
    await using source = await bus.subscribe('orders', 'mails')
    let published = 0
    const fill = async (): Promise<void> => {
      for (;;) {
        const events = numbers(published + 1, published + 5).map((n) =>
          placed(n, { value: { n, text: 'x'.repeat(50_000) } }),
        )
        await publish(bus, events)
        published += 5
      }
    }
    await assert.rejects(fill(), (error) => {
      assert.ok(isGestaError(error, 'broker_unavailable'))
      return /memory is full/.test(error.message)
    })
    {
      await using client = await connect(server.url)
      assert.equal(await client.redis.xLen('gesta:topic:orders'), published)
      await client.redis.configSet('maxmemory', '100mb')
    }
    await publish(bus, [placed(published + 1)])
    assert.deepEqual(await takeNumbers(source, published + 1), numbers(1, published + 1))
  })

  test('says what is wrong with a server that will not do, and shows no secret', async () => {
    await using server = await redis.start()
    await using bus = await open(server.url)
    await using source = await bus.subscribe('orders', 'mails')
    const failures: unknown[] = []
    const keep = (error: unknown): void => void failures.push(error)
    {
      await using client = await connect(server.url)
      await client.redis.set('gesta:topic:wrong', 'text')
      await bus.subscribe('wrong', 'mails').catch(keep)
      await publish(bus, [placed(1, { value: 'secret payload' })], 'wrong').catch(keep)
      await client.redis.configSet('requirepass', 'right-secret')
      // Those who are connected go on; a receiver that has to connect again is told, and not kept waiting for ever.
      await client.redis.clientKill({ filter: 'SKIPME', skipMe: true })
    }
    await source.receiveEventBatch({ signal: forEver() }).catch(keep)
    const url = new URL(server.url)
    url.username = 'somebody'
    url.password = 'wrong-secret'
    await open(url.href).catch(keep)
    await using broker = await redisBroker({ url: url.href, topic: 'orders', source: 'shop' }).open(runtime)
    await publishWith(broker, [placed(1)]).catch(keep)
    assert.equal(failures.length, 5)
    for (const failure of failures) {
      assert.ok(is('broker_unavailable')(failure), inspect(failure))
      assert.doesNotMatch(inspect(failure, { depth: 20, showHidden: true }), /secret|somebody/)
    }
  })

  test('a broker of one topic opens while the server is away, and publishes when it is there', async () => {
    await using server = await redis.start(always)
    await server.stop('fast')
    await using broker = await redisBroker({ url: server.url, topic: 'orders', source: 'shop' }).open(runtime)
    await assert.rejects(publishWith(broker, [placed(1)]), is('broker_unavailable'))
    await server.start()
    for (;;)
      if (
        await publishWith(broker, [placed(1)]).then(
          () => true,
          () => false,
        )
      )
        break
    await using bus = await open(server.url)
    await using source = await bus.subscribe('orders', 'mails')
    assert.deepEqual(await takeNumbers(source, 1), [1])
  })
})
