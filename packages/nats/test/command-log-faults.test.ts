// A command log whose server, connection or process fails.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { isGestaError } from '@gesta/core/ports'
import { ownNatsForTests, startTcpProxy } from '@gesta/services'
import { natsCommandLog } from '../src/index.ts'
import { startChild } from './children/run.ts'
import { command, commandsFrom, everyRecord } from './command-log-given.ts'
import { is, until } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await ownNatsForTests()

/** Does it again as long as the store is not available, as a relay would. */
async function untilAvailable<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isGestaError(error, 'store_unavailable')) throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

describe('a command log whose server fails', { skip: nats.skip }, () => {
  for (const mode of ['fast', 'immediate'] as const) {
    test(`says so, goes on by itself when the server is back, and has all that it acknowledged (${mode})`, async () => {
      await using server = await nats.start()
      await using log = await natsCommandLog({ servers: server.url }).open(runtime)
      await log.record(commandsFrom(1, 50))
      await server.stop(mode)
      for (const call of [
        () => log.record([command(51)]),
        () => log.get('shop', 'command-1'),
        () => log.list({}),
        () => log.total(),
        () => log.redact('shop', 'command-1'),
        () => log.purge({ before: 1 }),
        () => log.info(),
      ])
        await assert.rejects(call, is('store_unavailable'))
      await assert.rejects(natsCommandLog({ servers: server.url }).open(runtime), is('store_unavailable'))
      await server.start()
      await untilAvailable(() => log.record(commandsFrom(41, 60)))
      assert.deepEqual(await everyRecord(log), commandsFrom(1, 60))
      assert.deepEqual((await log.list({ tenant: 'shop', from: 0 }, { limit: 1 })).items, [command(60)])
    })
  }

  test('tells within its time that the server says nothing, and completes what was begun', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    const description = natsCommandLog({ servers: proxy.through(server.url), timeoutMs: 300 })
    await using log = await untilAvailable(() => description.open(runtime))
    await untilAvailable(() => log.record(commandsFrom(1, 3)))
    proxy.impose({ silent: true })
    await assert.rejects(log.record(commandsFrom(2, 6)), is('store_unavailable'))
    await assert.rejects(log.list({}), is('store_unavailable'))
    proxy.heal()
    await untilAvailable(() => log.record(commandsFrom(2, 6)))
    assert.deepEqual(await untilAvailable(() => everyRecord(log)), commandsFrom(1, 6))
  })

  test('loses and doubles nothing, and keeps the order, when its connection is cut again and again', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    const description = natsCommandLog({ servers: proxy.through(server.url), timeoutMs: 1000 })
    await using log = await untilAvailable(() => description.open(runtime))
    for (let n = 1; n <= 100; n += 10) {
      const recording = untilAvailable(() => log.record(commandsFrom(n, n + 9)))
      proxy.cut()
      await recording
    }
    await using direct = await natsCommandLog({ servers: server.url }).open(runtime)
    assert.deepEqual(await everyRecord(direct), commandsFrom(1, 100))
    assert.equal((await direct.info()).items, 100)
  })

  test('tells a whole list or none, whenever its connection is cut', async () => {
    await using server = await nats.start()
    await using proxy = await startTcpProxy(server.url)
    const description = natsCommandLog({ servers: proxy.through(server.url), timeoutMs: 1000 })
    await using log = await untilAvailable(() => description.open(runtime))
    const given = commandsFrom(1, 1200)
    await untilAvailable(() => log.record(given))
    let refused = 0
    for (let turns = 0; turns < 60; turns += 3) {
      await untilAvailable(() => log.info())
      const listing = log.list({ order: 'oldest' }, { limit: 10_000 })
      const outcome = listing.then(
        ({ items }) => assert.deepEqual(items, given),
        (error: unknown) => {
          assert.ok(isGestaError(error, 'store_unavailable'), String(error))
          refused += 1
        },
      )
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      proxy.cut()
      await outcome
    }
    assert.ok(refused > 0)
  })

  test('has what a killed process was told to be stored, a first part of what it was not told, and all of it when another one tells it again', async () => {
    await using server = await nats.start()
    await using log = await natsCommandLog({ servers: server.url }).open(runtime)
    for (const [first, killAt] of [
      [1, 16],
      [101, 141],
    ] as const) {
      const before = (await log.info()).items
      await using child = startChild('record-commands.ts', server.url, String(first), String(first + 99))
      await until('it has recorded enough', () => (child.done.at(-1) ?? 0) >= killAt || child.ended)
      child.kill('SIGKILL')
      await until('it is dead', () => child.ended)
      const seen = (await everyRecord(log)).slice(before)
      assert.ok(seen.length >= killAt - first)
      assert.deepEqual(seen, commandsFrom(first, first + seen.length - 1))
      await log.record(commandsFrom(first, first + 99))
    }
    assert.deepEqual(await everyRecord(log), commandsFrom(1, 200))
  })

  test('says that its streams are gone or not its own', async () => {
    await using server = await nats.start()
    await using client = await connect({ servers: new URL(server.url).host })
    const manager = await jetstreamManager(client)
    await manager.streams.add({ name: 'mine~bodies', subjects: ['something.else'] })
    // A bucket as tools make it, and one with a history.
    await manager.streams.add({
      name: 'KV_sessions',
      subjects: ['$KV.sessions.>'],
      max_msgs_per_subject: 1,
      deny_delete: true,
    })
    await manager.streams.add({ name: 'KV_prices', subjects: ['$KV.prices.>'], max_msgs_per_subject: 5 })
    for (const log of ['mine', 'sessions', 'prices'])
      await assert.rejects(natsCommandLog({ servers: server.url, log }).open(runtime), is('store_foreign'))
    await using log = await natsCommandLog({ servers: server.url }).open(runtime)
    await log.record([command(1)])
    await manager.streams.purge('commands~bodies')
    await assert.rejects(log.get('shop', 'command-1'), is('store_foreign'))
    for await (const name of manager.streams.names()) await manager.streams.delete(name)
    await assert.rejects(log.record([command(2)]), is('store_unavailable'))
    await assert.rejects(log.list({}), is('store_unavailable'))
    await assert.rejects(log.get('shop', 'command-1'), is('store_unavailable'))
  })

  test('says that there is no more room', async () => {
    await using server = await nats.start()
    await using log = await natsCommandLog({ servers: server.url }).open(runtime)
    await using client = await connect({ servers: new URL(server.url).host })
    const manager = await jetstreamManager(client)
    await manager.streams.update('commands~bodies', { max_bytes: 10_000 })
    await log.record([command(1)])
    await assert.rejects(log.record([command(2, { payload: JSON.stringify('x'.repeat(20_000)) })]), is('store_full'))
    assert.equal(await log.get('shop', 'command-2'), undefined)
    await log.record([command(3)])
    assert.deepEqual(await everyRecord(log), [command(1), command(3)])
  })

  test('stores a first part of a batch when a head in its middle is refused, and all of it later', async () => {
    await using server = await nats.start()
    await using log = await natsCommandLog({ servers: server.url }).open(runtime)
    const started = command(5, { status: 'started', durationUs: undefined })
    await log.record([started])
    await using client = await connect({ servers: new URL(server.url).host })
    const { streams } = await jetstreamManager(client)
    const { state } = await streams.info('KV_commands')
    await streams.update('KV_commands', { max_bytes: state.bytes + 3_000 })
    const large = command(3, { commandType: 'T'.repeat(500), context: JSON.stringify({ identity: 'i'.repeat(4_000) }) })
    const batch = [command(1), command(2), large, command(4), command(5)]
    await assert.rejects(log.record(batch), is('store_full'))
    assert.deepEqual(await everyRecord(log), [started, command(1), command(2)])
    await streams.update('KV_commands', { max_bytes: -1 })
    await log.record(batch)
    assert.deepEqual(await everyRecord(log), [command(5), command(1), command(2), large, command(4)])
  })

  test('needs the rights that its reference lists, and no more', async () => {
    const page = await readFile(new URL('../../../docs/reference/nats.md', import.meta.url), 'utf8')
    const listed = /A user of a command log needs to publish to (.*?) and the subjects of the three streams/.exec(
      page,
    )?.[1]
    const rights = Array.from(listed?.matchAll(/`([^`]+)`/g) ?? [], ([, right = '']) =>
      right.replace('<bucket>', 'commands'),
    )
    const allow = [...rights, 'commands~bodies.>', 'commands~places.>', 'commands~blocks.>']
    const permissions = { publish: { allow }, subscribe: { allow: ['_INBOX.>'] } }
    const users = [
      { user: 'log', password: 'p', permissions },
      { user: 'a', password: 'b' },
    ]
    await using server = await nats.start({ settings: { authorization: { users } } })
    const { host } = new URL(server.url)
    await using log = await natsCommandLog({ servers: `nats://log:p@${host}`, timeoutMs: 3000 }).open(runtime)
    await log.record([command(1, { status: 'started' }), command(2)])
    await log.record([command(1)])
    assert.deepEqual(await everyRecord(log), [command(1), command(2)])
    assert.deepEqual(await log.get('shop', 'command-2'), command(2))
    assert.equal(await log.redact('shop', 'command-1'), true)
    assert.equal(await log.purge({ before: Number.MAX_SAFE_INTEGER }), 2)
    assert.equal((await log.info()).items, 0)
  })
})
