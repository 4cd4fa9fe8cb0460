import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { isGestaError } from '@gesta/core/ports'
import { ownNatsForTests, startTcpProxy } from '@gesta/services'
import { natsBus, natsCoreBus } from '../src/index.ts'
import { is, next, numbersFrom, numbersOf, placed, placedFrom, publish, run, take, untilAvailable } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await ownNatsForTests()
const openssl = ((): string | false => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return false
  } catch {
    return 'there is no openssl to make a certificate with'
  }
})()

describe('a bus whose server fails', { skip: nats.skip }, () => {
  for (const mode of ['fast', 'immediate'] as const) {
    test(`goes on by itself when the server is back (${mode}): publishers, and receivers that wait or have a batch in hand`, async () => {
      await using server = await nats.start()
      await using bus = await natsBus({ servers: server.url }).open(runtime)
      const [mails, bills] = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'bills')]
      await publish(bus, ...placedFrom(1, 3))
      const inHand = await next(mails)
      assert.deepEqual(await take(bills, 3), [1, 2, 3])
      const waiting = next(bills)
      await server.stop(mode)
      await assert.rejects(publish(bus, placed(4)), is('broker_unavailable'))
      await assert.rejects(bus.subscribe('orders', 'others'), is('broker_unavailable'))
      await server.start()
      await untilAvailable(() => publish(bus, placed(4)))
      await inHand.ack?.(run)
      assert.deepEqual(await take(mails, 4 - inHand.events.length), numbersFrom(inHand.events.length + 1, 4))
      assert.deepEqual(numbersOf(await waiting), [4])
    })
  }

  test('tells publishers within the time that they were given when the server says nothing, and goes on', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    // So short a time that setting up may need several attempts.
    const description = natsBus({ servers: proxy.through(server.url), timeoutMs: 200 })
    await using bus = await untilAvailable(() => description.open(runtime))
    const mails = await untilAvailable(() => bus.subscribe('orders', 'mails'))
    await untilAvailable(() => publish(bus, placed(1)))
    proxy.impose({ silent: true })
    for (const n of [2, 3]) await assert.rejects(publish(bus, placed(n)), is('broker_unavailable'))
    await assert.rejects(bus.subscribe('orders', 'bills'), is('broker_unavailable'))
    proxy.heal()
    await untilAvailable(() => publish(bus, ...placedFrom(2, 4)))
    assert.deepEqual(await take(mails, 4), [1, 2, 3, 4])
  })

  test('closes in time while the server says nothing, and tells those who wait', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    const description = natsBus({ servers: proxy.through(server.url), timeoutMs: 200 })
    const bus = await untilAvailable(() => description.open(runtime))
    const [mails, others] = [
      await untilAvailable(() => bus.subscribe('orders', 'mails')),
      await untilAvailable(() => bus.subscribe('orders', 'mails')),
    ]
    await untilAvailable(() => publish(bus, ...placedFrom(1, 2)))
    await next(mails)
    const waiting = others.receiveEventBatch(run)
    proxy.impose({ silent: true })
    const publishing = publish(bus, placed(3))
    await Promise.all([bus[Symbol.asyncDispose](), assert.rejects(publishing, is('broker_unavailable'))])
    assert.equal(await waiting, undefined)
    await assert.rejects(publish(bus, placed(4)), is('broker_closed'))
  })

  test('loses and doubles nothing, and keeps the order, when connections are cut again and again', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    await using bus = await natsBus({ servers: proxy.through(server.url), ackWaitMs: 500 }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    const last = 300
    const publishing = (async () => {
      for (let n = 1; n <= last; n += 3) {
        if (n % 60 === 1) proxy.cut()
        await untilAvailable(() => publish(bus, ...placedFrom(n, n + 2)))
      }
    })()
    const first: number[] = []
    while (first.length < last) {
      const batch = await next(mails)
      for (const n of numbersOf(batch)) if (!first.includes(n)) first.push(n)
      if (first.length % 30 === 0) proxy.cut()
      await batch.ack?.(run)
    }
    await publishing
    assert.deepEqual(first, numbersFrom(1, last))
    await using client = await connect({ servers: new URL(server.url).host })
    const { state } = await (await jetstreamManager(client)).streams.info('orders')
    assert.equal(state.messages, last)
  })

  test('does not give out again what was acknowledged while the connection was away', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    await using bus = await natsBus({ servers: proxy.through(server.url), ackWaitMs: 500 }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, placed(1))
    const batch = await next(mails)
    proxy.impose({ silent: true })
    await batch.ack?.(run)
    proxy.cut()
    proxy.heal()
    // Published behind what the server believes to be in hand, and after it has given that up.
    await using client = await connect({ servers: new URL(server.url).host })
    const manager = await jetstreamManager(client)
    const waiting = take(mails, 1)
    while ((await manager.consumers.info('orders', 'mails')).num_ack_pending > 0);
    await untilAvailable(() => publish(bus, placed(2)))
    assert.deepEqual(await waiting, [2])
  })

  test('says that a group is lost with its stream, and makes it anew for whoever subscribes again', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    const description = natsBus({ servers: proxy.through(server.url), timeoutMs: 500 })
    await using bus = await untilAvailable(() => description.open(runtime))
    const mails = await untilAvailable(() => bus.subscribe('orders', 'mails'))
    const waiting = mails.receiveEventBatch(run)
    proxy.refuse()
    proxy.cut()
    await using client = await connect({ servers: new URL(server.url).host })
    await (await jetstreamManager(client)).streams.delete('orders')
    await proxy.accept()
    await assert.rejects(waiting, is('broker_unavailable'))
    await assert.rejects(mails.receiveEventBatch(run), /the group mails is not there any more/)
    const again = await untilAvailable(() => bus.subscribe('orders', 'mails'))
    await untilAvailable(() => publish(bus, placed(1)))
    assert.deepEqual(await take(again, 1), [1])
  })

  test('is not opened without a server, and refuses what is above the limit of the one that it is on', async () => {
    await using server = await nats.start()
    await using small = await nats.start({ settings: { max_payload: 1000 } })
    await server.stop('fast')
    await assert.rejects(natsBus({ servers: server.url }).open(runtime), is('broker_unavailable'))
    await using bus = await natsBus({ servers: small.url }).open(runtime)
    await assert.rejects(publish(bus, placed(1, { value: 'x'.repeat(1000) })), is('payload_too_large'))
  })
})

describe('credentials', { skip: nats.skip }, () => {
  const authorization = { user: 'shop user', password: 'right-secret/@' }

  test('are taken from the options or the address, and shown in no error', async () => {
    await using server = await nats.start({ settings: { authorization } })
    const { host } = new URL(server.url)
    for (const options of [{ servers: server.url }, { servers: host, ...authorization }]) {
      await using bus = await natsBus(options).open(runtime)
      await publish(bus, placed(1))
    }
    const failures: unknown[] = []
    const keep = (error: unknown): void => void failures.push(error)
    for (const options of [
      { servers: host },
      { servers: host, user: 'shop user', password: 'wrong-secret' },
      { servers: `nats://wrong-secret@${host}` },
      { servers: host, token: 'wrong-secret' },
    ])
      await natsBus(options).open(runtime).catch(keep)
    assert.equal(failures.length, 4)
    assert.ok(failures.every(is('broker_unavailable')))
    await server.stop('fast')
    await natsBus({ servers: server.url }).open(runtime).catch(keep)
    for (const servers of [
      'http://shop:wrong-secret@host',
      'nats://wrong-secret@',
      ['nats://a:wrong-secret@h', 'h'],
      'nats://%wrong-secret@h',
    ]) {
      try {
        natsBus({ servers })
      } catch (error) {
        keep(error)
      }
    }
    assert.equal(failures.length, 9)
    for (const failure of failures)
      assert.doesNotMatch(inspect(failure, { depth: 20, showHidden: true }), /secret|shop/)
  })

  test('can be a token', async () => {
    await using server = await nats.start({ settings: { authorization: { token: 'a-token' } } })
    for (const options of [{ servers: server.url }, { servers: new URL(server.url).host, token: 'a-token' }]) {
      await using bus = await natsCoreBus(options).open(runtime)
      await publish(bus, placed(1))
    }
  })
})

describe('rights that a user does not have', { skip: nats.skip }, () => {
  test('are told as the cause of what nobody acknowledged', async () => {
    const user = { user: 'shop', password: 'p', permissions: { publish: { deny: ['orders.>'] } } }
    await using server = await nats.start({
      settings: { authorization: { users: [user, { user: 'a', password: 'b' }] } },
    })
    const { host } = new URL(server.url)
    await using bus = await natsBus({ servers: `nats://shop:p@${host}`, timeoutMs: 2000 }).open(runtime)
    await assert.rejects(publish(bus, placed(1)), (error) => {
      assert.ok(isGestaError(error, 'broker_unavailable'))
      assert.match(String(error.cause), /Permissions Violation for Publish to "orders\.Order\.Placed"/)
      return true
    })
  })
})

describe('TLS', { skip: nats.skip }, () => {
  test('is used with the authority that was given, and refused without it', { skip: openssl }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gesta-nats-tls-'))
    try {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
      const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
      const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
      execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', cert], { stdio: 'ignore' })
      const ca = await readFile(cert, 'utf8')
      await using server = await nats.start({ settings: { tls: { cert_file: cert, key_file: key } }, ca })
      const { port } = new URL(server.url)
      await using bus = await natsBus({ servers: `tls://localhost:${port}`, tls: { ca } }).open(runtime)
      await publish(bus, placed(1))
      await assert.rejects(natsBus({ servers: `tls://localhost:${port}` }).open(runtime), is('broker_unavailable'))
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
