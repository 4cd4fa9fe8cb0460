import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { commit, stored } from '../../src/conformance/event-store/given.ts'
import { GestaError } from '../../src/errors/gesta-error.ts'
import { createRegistry } from '../../src/registry/registry.ts'
import { createTestBroker, openPlace, refuses, takes, turns, unavailable } from './outbox-place.ts'

describe('the relay of the outbox', () => {
  test('sends what is stored while it runs at once, without waiting for its poll', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    place.relay(broker, { pollMs: 80_000_000 })
    await place.clock.advance(1)
    await place.send(['a1'])
    await turns()
    assert.deepEqual(broker.values, ['a1'])
  })

  test('finds what other processes have stored when it polls, or when the store tells', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    let tell: () => void = () => undefined
    const events = {
      ...place.backend.events,
      onAppend: () => ({ [Symbol.dispose]: () => undefined }),
      onAdvance: (listener: () => void) => {
        tell = listener
        return { [Symbol.dispose]: () => undefined }
      },
    }
    place.relay(broker, { pollMs: 1_000 }, { backend: { events } })
    await place.clock.advance(1)
    await place.send(['a1'])
    await turns()
    assert.deepEqual(broker.values, [])
    tell()
    await turns()
    assert.deepEqual(broker.values, ['a1'])
    await place.send(['a2'])
    await place.clock.advance(1_000)
    assert.deepEqual(broker.values, ['a1', 'a2'])
  })

  test('has batches of different keys on their way at once, up to its bound, and of one key one', async () => {
    await using place = await openPlace()
    const gates: { go: () => void }[] = []
    const broker = createTestBroker(async (events, take) => {
      await new Promise<void>((resolve) => gates.push({ go: resolve }))
      take(events)
    })
    for (const text of ['a1', 'a2', 'b1', 'c1', 'a3', 'd1']) await place.send([text])
    place.relay(broker, { inFlightMax: 3 })
    await turns()
    assert.equal(broker.inFlight, 3)
    for (let step = 0; step < 20; step += 1) {
      gates.shift()?.go()
      await turns()
    }
    assert.equal(broker.inFlightMax, 3)
    assert.deepEqual(broker.values.toSorted(), ['a1', 'a2', 'a3', 'b1', 'c1', 'd1'])
    assert.deepEqual(
      broker.values.filter((value) => value.startsWith('a')),
      ['a1', 'a2', 'a3'],
    )
  })

  test('sends a batch that is larger than its bound alone', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    await place.send(['a1'])
    await place.send(['b1', 'b2', 'b3'])
    await place.send(['c1'])
    place.relay(broker, { inFlightMax: 2 })
    await place.until(() => broker.values.length === 5)
    assert.ok(broker.inFlightMax <= 3)
  })

  test('tells the observer of every event that it publishes', async () => {
    await using place = await openPlace()
    const seen: unknown[] = []
    const registry = createRegistry({ observe: (each) => void seen.push(each) })
    const broker = createTestBroker()
    await place.send(['a1', 'a2'])
    place.relay(broker, {}, { registry })
    await place.until(() => broker.batches.length === 1)
    const labels = { kind: 'event', eventCategory: 'integration', contract: 'Order.Sent' }
    const name = 'gesta.contract.broker.publish'
    assert.deepEqual(seen, [
      { name, labels },
      { name, labels },
    ])
  })

  test('removes sent messages after their time, in steps, while it works and while it rests', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    for (let number = 0; number < 2_500; number += 1) await place.send([`a${number}`])
    place.relay(broker, { retentionMs: 60_000 })
    await place.until(() => broker.values.length === 2_500)
    await place.clock.advance(30_000)
    assert.equal((await place.outbox.after(0, 10_000)).length, 2_500)
    await place.send(['a-last'])
    await place.clock.advance(100_000)
    assert.equal((await place.outbox.after(0, 10_000)).length, 0)
    assert.equal(await place.outbox.cursor(), 2_501)
  })

  test('settles what was sent with little delay, and seldom', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    let settlements = 0
    const outbox = { ...place.outbox, settle: (given: never) => ((settlements += 1), place.outbox.settle(given)) }
    place.relay(broker, {}, { backend: { outbox } })
    for (let number = 1; number <= 200; number += 1) {
      await place.send([`a${number}`])
      await place.clock.advance(1)
    }
    assert.equal(broker.values.length, 200)
    assert.ok(settlements <= 6, `Settled ${settlements} times in 200 ms.`)
    await place.clock.advance(60)
    assert.equal(await place.outbox.cursor(), 200)
  })
})

describe('a message that the broker refuses', () => {
  test('is tried again with a growing wait, then given up; its error is kept without what it says, and its key goes on', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(refuses('a1'))
    const relay = place.relay(broker, { attemptsMax: 3 })
    await place.send(['a1'])
    await place.send(['a2'])
    await place.send(['b1'])
    await turns()
    assert.deepEqual(broker.values, ['b1'])
    const [one, two] = await place.held()
    assert.deepEqual([one?.attempts, one?.state, one?.lastError], [1, 'waiting', 'TypeError'])
    assert.deepEqual([two?.attempts, two?.state, two?.lastError], [0, 'waiting', undefined])
    await place.until(() => broker.values.length === 2)
    assert.deepEqual(broker.values, ['b1', 'a2'])
    const [dead, ...rest] = await place.held()
    assert.deepEqual([dead?.state, dead?.attempts, rest], ['dead', 3, []])
    const { sent, held, dead: count, lastError } = relay.status
    assert.deepEqual([sent, count, lastError], [2, 1, undefined])
    assert.equal(held, 3)
  })

  test('holds up nobody but its key: what follows waits behind it, in order', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(refuses('a1'))
    place.relay(broker)
    for (const text of ['a1', 'b1', 'a2', 'c1', 'a3', 'b2']) await place.send([text])
    await place.until(() => broker.values.length === 3)
    broker.react = takes
    await place.until(() => broker.values.length === 6)
    assert.deepEqual(broker.values.slice(0, 3).toSorted(), ['b1', 'b2', 'c1'])
    assert.deepEqual(broker.values.slice(3), ['a1', 'a2', 'a3'])
    assert.deepEqual(await place.held(), [])
  })

  test('has what waits behind it go after it at once, not one look after the other', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(refuses('a1'))
    let settlements = 0
    const outbox = { ...place.outbox, settle: (given: never) => ((settlements += 1), place.outbox.settle(given)) }
    const texts = Array.from({ length: 60 }, (_, at) => `a${at + 1}`)
    for (const text of texts) await place.send([text])
    place.relay(broker, {}, { backend: { outbox } })
    await turns()
    assert.equal((await place.held()).length, 60)
    broker.react = refuses('a30')
    settlements = 0
    await place.until(() => broker.values.length === 29)
    await place.clock.advance(10)
    assert.ok(settlements <= 3, `Settled ${settlements} times.`)
    const [refused, behind] = await place.held()
    assert.deepEqual([refused?.data, refused?.lastError], ['"a30"', 'TypeError'])
    assert.deepEqual([behind?.data, behind?.attempts, behind?.lastError], ['"a31"', 0, undefined])
    broker.react = takes
    await place.until(() => broker.values.length === 60)
    assert.deepEqual(broker.values, texts)
  })

  test('takes no neighbour of its batch with it: they go one by one, and the failure of the batch is no attempt of theirs', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(refuses('a2'))
    const relay = place.relay(broker, { attemptsMax: 1 })
    await place.send(['a1', 'a2', 'a3'])
    await place.until(() => broker.values.length === 2)
    assert.deepEqual(broker.values, ['a1', 'a3'])
    assert.deepEqual(
      (await place.held()).map(({ data, state }) => [data, state]),
      [['"a2"', 'dead']],
    )
    assert.equal(relay.status.dead, 1)
  })

  test('is one whose data cannot be read, too', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    const unreadable = { key: 'a', type: 'Order.Sent', schemaVersion: 1, data: '{' }
    await stored(place.backend.events, commit({ messages: [unreadable] }))
    await place.send(['a2'])
    place.relay(broker, { attemptsMax: 2 })
    await place.until(() => broker.values.length === 1)
    assert.deepEqual(
      (await place.held()).map(({ state, lastError }) => [state, lastError]),
      [['dead', 'SyntaxError']],
    )
  })

  test('is sent again when it is requeued, and is gone when it is discarded', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(refuses('a1', 'b1'))
    const relay = place.relay(broker, { attemptsMax: 1 })
    await place.send(['a1'])
    await place.send(['b1'])
    await place.until(() => relay.status.dead === 2)
    broker.react = takes
    await place.clock.advance(60)
    assert.equal(await place.outbox.discard([{ commitNo: 2, index: 0 }]), 1)
    assert.equal(await place.outbox.requeue({}, place.clock.nowUs()), 1)
    relay.wake()
    await turns()
    assert.deepEqual(broker.values, ['a1'])
    await place.clock.advance(10)
    assert.deepEqual(await place.held(), [])
  })
})

describe('a broker that is away', () => {
  test('costs no attempt: messages wait until it is there, then go in order, one ahead of the others', async () => {
    await using place = await openPlace()
    let tries = 0
    const broker = createTestBroker(() => {
      tries += 1
      throw new Error('wrapped', { cause: unavailable() })
    })
    const relay = place.relay(broker, { attemptsMax: 1, brokerBackoff: { firstMs: 100, maxMs: 1_000 } })
    for (const text of ['a1', 'b1', 'a2', 'c1']) await place.send([text])
    await place.clock.advance(60_000)
    assert.equal(relay.status.state, 'retrying')
    assert.equal(relay.status.lastError, 'Error < broker_unavailable')
    assert.ok(tries < 500, `Tried ${tries} times in a minute.`)
    assert.deepEqual([broker.values, await place.held()], [[], []])
    let inFlightMax = 0
    broker.react = (events, take) => {
      if (broker.values.length === 0) inFlightMax = broker.inFlight
      take(events)
    }
    await place.until(() => broker.values.length === 4)
    assert.equal(inFlightMax, 1)
    assert.equal(relay.status.state, 'live')
    assert.deepEqual(
      broker.values.filter((value) => value.startsWith('a')),
      ['a1', 'a2'],
    )
    assert.deepEqual(await place.held(), [])
  })

  test('gets nothing twice of what it took before it went', async () => {
    await using place = await openPlace()
    const broker = createTestBroker((events, take) => {
      if (broker.values.length >= 30) throw unavailable()
      take(events)
    })
    for (let number = 0; number < 100; number += 1) await place.send([`${'abcdefghij'[number % 10]}${number}`])
    place.relay(broker)
    await place.clock.advance(5_000)
    assert.equal(broker.values.length, 30)
    broker.react = takes
    await place.until(() => broker.values.length >= 100)
    await place.clock.advance(1_000)
    assert.equal(new Set(broker.values).size, 100)
    assert.equal(broker.values.length, 100)
  })

  test('gets nothing twice either of what it took beside what it did not take', async () => {
    await using place = await openPlace()
    const broker = createTestBroker((events, take) => {
      if (events[0]?.value === 'b1') throw unavailable()
      take(events)
    })
    for (const text of ['a1', 'b1', 'c1', 'a2', 'b2', 'c2']) await place.send([text])
    place.relay(broker)
    await place.clock.advance(1_000)
    broker.react = takes
    await place.until(() => broker.values.length >= 6)
    await place.clock.advance(1_000)
    assert.deepEqual(broker.values.toSorted(), ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'])
  })

  test('slows no command: commits go on, and the relay holds no more of them than three pages', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(() => Promise.reject(unavailable()))
    let read = 0
    const outbox = {
      ...place.outbox,
      after: async (commitNo: number, limit: number) => {
        const page = await place.outbox.after(commitNo, limit)
        read += page.length
        return page
      },
    }
    place.relay(broker, {}, { backend: { outbox } })
    for (let number = 0; number < 5_000; number += 1) await place.send([`a${number}`])
    await place.clock.advance(10_000)
    assert.ok(read <= 3_000, `Read ${read} messages.`)
    assert.equal((await place.outbox.after(0, 10_000)).length, 5_000)
  })

  test('is one that does not answer in time, or was closed', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(() => new Promise(() => undefined))
    const relay = place.relay(broker, { attemptsMax: 1, publishTimeoutMs: 1_000 })
    await place.send(['a1'])
    await place.clock.advance(1_001)
    assert.deepEqual([relay.status.state, relay.status.lastError], ['retrying', 'deadline_exceeded'])
    broker.react = () => Promise.reject(new GestaError('broker_closed', 'closed'))
    await place.clock.advance(2_000)
    assert.equal(relay.status.lastError, 'broker_closed')
    broker.react = takes
    await place.until(() => broker.values.length === 1)
    assert.deepEqual(await place.held(), [])
  })

  test('is there when it takes others: a message for which it always seems away is refused in the end, and holds up nobody', async () => {
    await using place = await openPlace()
    const broker = createTestBroker((events, take) => {
      if (events[0]?.value === 'a1') throw unavailable()
      take(events)
    })
    const relay = place.relay(broker, { attemptsMax: 2 })
    await place.send(['a1'])
    await place.clock.advance(120_000)
    assert.deepEqual([relay.status.state, await place.held()], ['retrying', []])
    let number = 0
    await place.until(async () => {
      await place.send([`${'bcd'[number++ % 3]}${number}`])
      return (await place.held()).some(({ state }) => state === 'dead')
    })
    const [dead] = await place.held()
    assert.deepEqual([dead?.data, dead?.attempts, dead?.lastError], ['"a1"', 2, 'broker_unavailable'])
    await place.until(() => broker.values.length === number)
    await place.send(['a2'])
    await place.until(() => broker.values.at(-1) === 'a2')
    assert.equal(new Set(broker.values).size, number + 1)
    assert.equal(broker.values.length, number + 1)
  })

  test('does not keep held messages from being settled before', async () => {
    await using place = await openPlace()
    const broker = createTestBroker((events, take) => {
      if (events[0]?.value === 'a1') throw new TypeError('no')
      if (events[0]?.value === 'c1') throw unavailable()
      take(events)
    })
    for (const text of ['a1', 'b1', 'c1', 'd1']) await place.send([text])
    place.relay(broker)
    await place.clock.advance(1_000)
    assert.deepEqual(
      (await place.held()).map(({ data }) => data),
      ['"a1"'],
    )
    assert.equal(await place.outbox.cursor(), 2)
  })
})
