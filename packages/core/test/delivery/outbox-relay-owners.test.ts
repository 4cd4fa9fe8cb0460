import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError } from '../../src/errors/gesta-error.ts'
import type { Settlement } from '../../src/stores/outbox/outbox-store.ts'
import { createTestBroker, openPlace, takes, turns } from './outbox-place.ts'

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

describe('of several relays', () => {
  test('one sends, the others stand by; what it sent is sent once', async () => {
    await using place = await openPlace()
    const brokers = [createTestBroker(), createTestBroker(), createTestBroker()]
    const relays = brokers.map((broker) => place.relay(broker))
    for (let number = 0; number < 50; number += 1) {
      await place.send([`a${number}`])
      await place.clock.advance(100)
    }
    assert.deepEqual(relays.map(({ status }) => status.state).toSorted(), ['live', 'standby', 'standby'])
    assert.deepEqual(
      brokers.map(({ values }) => values.length).toSorted((a, b) => a - b),
      [0, 0, 50],
    )
  })

  test('another takes over when one is stopped, and goes on where it was', async () => {
    await using place = await openPlace()
    const brokers = [createTestBroker(), createTestBroker()]
    const [first, second] = brokers.map((broker) => place.relay(broker))
    for (let number = 0; number < 5; number += 1) await place.send([`a${number}`])
    await place.until(() => brokers.some(({ values }) => values.length === 5))
    const owner = brokers[0]?.values.length === 5 ? first : second
    await place.clock.finish(Promise.resolve(owner?.[Symbol.asyncDispose]()))
    assert.equal(owner?.status.state, 'stopped')
    await place.send(['a5'])
    await place.until(() => brokers.every(({ values }) => values.length > 0))
    assert.deepEqual(
      brokers.map(({ values }) => values.length).toSorted((a, b) => a - b),
      [1, 5],
    )
  })

  test('another takes over when one has lost its lease in the middle of a batch: that one sends and settles nothing more', async () => {
    await using place = await openPlace()
    const slow = createTestBroker(async (events, take) => {
      if (events[0]?.value !== 'b1') await new Promise<void>((resolve) => place.clock.after(30_000, resolve))
      take(events)
    })
    const leases = { ...place.backend.leases }
    const settlements: Settlement[] = []
    const outbox = {
      ...place.outbox,
      settle: (given: Settlement) => (settlements.push(given), place.outbox.settle(given)),
    }
    const paused = place.relay(slow, { leaseMs: 1_000, publishTimeoutMs: 60_000 }, { backend: { outbox, leases } })
    for (const text of ['b1', 'a1', 'a2', 'a3']) await place.send([text])
    await place.clock.advance(10)
    assert.equal(slow.inFlight, 1)
    // The store of the first one is out of its reach from now on.
    leases.renew = () => Promise.reject(new GestaError('store_unavailable', 'away'))
    leases.acquire = () => Promise.reject(new GestaError('store_unavailable', 'away'))
    const fast = createTestBroker()
    place.relay(fast, { leaseMs: 1_000 })
    await place.until(() => fast.values.length === 4)
    await place.clock.advance(40_000)
    assert.deepEqual(slow.values, ['b1', 'a1'])
    assert.deepEqual(fast.values.toSorted(), ['a1', 'a2', 'a3', 'b1'])
    assert.deepEqual(settlements, [])
    assert.equal(paused.status.state, 'standby')
    assert.equal(await place.outbox.cursor(), 4)
  })

  test('one whose settlement is refused stops, looks at the lease again, and goes on from the cursor of the store', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    place.relay(broker)
    await place.send(['a1'])
    await place.until(async () => (await place.outbox.cursor()) === 1)
    await place.send(['a2'])
    await place.send(['a3'])
    // As another owner would, that this one knows nothing of.
    assert.equal(await place.outbox.settle({ fencingToken: 2, from: 1, to: 2, sent: [], held: [] }), true)
    await place.clock.advance(1_000)
    assert.equal(await place.outbox.cursor(), 3)
    assert.equal(broker.values.at(-1), 'a3')
    await place.send(['a4'])
    await place.until(() => broker.values.at(-1) === 'a4')
    assert.equal((await place.backend.leases.holder('Gesta.Outbox'))?.fencingToken, 2)
  })
})

describe('a relay whose store is away', () => {
  test('goes on when it is back, and sends nothing twice', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    let away = false
    const refuse = (): Promise<never> => Promise.reject(new GestaError('store_unavailable', 'away'))
    const outbox = {
      ...place.outbox,
      after: (commitNo: number, limit: number) => (away ? refuse() : place.outbox.after(commitNo, limit)),
      settle: (given: Settlement) => (away ? refuse() : place.outbox.settle(given)),
      nextDue: () => (away ? refuse() : place.outbox.nextDue()),
    }
    const relay = place.relay(broker, {}, { backend: { outbox } })
    await place.clock.advance(100)
    await place.send(['a1'])
    await turns()
    away = true
    await place.send(['a2'])
    await place.clock.advance(3_000)
    assert.deepEqual([relay.status.state, relay.status.lastError], ['retrying', 'store_unavailable'])
    away = false
    await place.until(async () => (await place.outbox.cursor()) === 2)
    assert.deepEqual(broker.values, ['a1', 'a2'])
    assert.equal(relay.status.state, 'live')
  })

  test('knows a settlement whose answer was lost', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    let lost = 0
    const outbox = {
      ...place.outbox,
      settle: async (given: Settlement) => {
        const isKept = await place.outbox.settle(given)
        lost += 1
        if (lost === 1) throw new GestaError('store_unavailable', 'away')
        return isKept
      },
    }
    place.relay(broker, {}, { backend: { outbox } })
    for (const text of ['a1', 'a2']) {
      await place.send([text])
      await place.clock.advance(2_000)
    }
    assert.deepEqual(broker.values, ['a1', 'a2'])
    assert.equal(await place.outbox.cursor(), 2)
    assert.equal((await place.backend.leases.holder('Gesta.Outbox'))?.fencingToken, 1)
  })
})

describe('stopping a relay', () => {
  test('takes no further batch, waits for what is on its way, settles it and gives the lease up', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(async (events, take) => {
      await new Promise<void>((resolve) => place.clock.after(1_000, resolve))
      take(events)
    })
    const relay = place.relay(broker, { inFlightMax: 2 })
    for (const text of ['a1', 'b1', 'c1', 'd1']) await place.send([text])
    await place.clock.advance(10)
    await place.clock.finish(Promise.resolve(relay[Symbol.asyncDispose]()))
    assert.deepEqual(broker.values, ['a1', 'b1'])
    assert.equal(await place.outbox.cursor(), 2)
    assert.equal(await place.backend.leases.holder('Gesta.Outbox'), undefined)
    assert.equal(relay.status.state, 'stopped')
  })

  test('ends at once when its signal aborts: what the broker took is kept, and what is on its way is not waited for', async () => {
    await using place = await openPlace()
    const { signal, abort } = abortable()
    const broker = createTestBroker((events, take) =>
      events[0]?.value === 'b1' ? new Promise(() => undefined) : take(events),
    )
    for (const text of ['a1', 'b1', 'c1']) await place.send([text])
    const relay = place.relay(broker, {}, { signal })
    await place.clock.advance(10)
    abort()
    await turns()
    assert.equal(relay.status.state, 'stopped')
    assert.equal(await place.outbox.cursor(), 3)
    assert.deepEqual(
      (await place.held()).map(({ data, attempts }) => [data, attempts]),
      [['"b1"', 0]],
    )
    assert.equal(await place.backend.leases.holder('Gesta.Outbox'), undefined)
    const late = place.relay(broker, {}, { signal })
    await turns()
    assert.equal(late.status.state, 'stopped')
  })

  test('is bounded: a broker that never answers is left, and what it has is sent again by the next one', async () => {
    await using place = await openPlace()
    const broker = createTestBroker(() => new Promise(() => undefined))
    const relay = place.relay(broker, { drainMs: 2_000 })
    await place.send(['a1'])
    await place.clock.advance(10)
    const begun = place.clock.nowUs()
    await place.clock.finish(Promise.resolve(relay[Symbol.asyncDispose]()))
    assert.ok(place.clock.nowUs() - begun <= 2_100_000)
    broker.react = takes
    place.relay(broker)
    await place.until(() => broker.values.length === 1)
  })

  test('is bounded when the store does not answer either, and leaves no timer', async () => {
    await using place = await openPlace()
    const before = place.clock.timers
    const outbox = { ...place.outbox, settle: () => new Promise<never>(() => undefined) }
    const relay = place.relay(createTestBroker(), { drainMs: 100 }, { backend: { outbox } })
    await place.send(['a1'])
    await place.clock.advance(200)
    await place.clock.finish(Promise.resolve(relay[Symbol.asyncDispose]()))
    assert.equal(place.clock.timers, before)
  })

  test('ends at once while it waits: for messages, for the broker, or for the lease', async () => {
    await using place = await openPlace()
    const broker = createTestBroker()
    const first = place.relay(broker, { pollMs: 80_000_000 })
    const second = place.relay(broker)
    await place.clock.advance(10)
    const begun = place.clock.nowUs()
    for (const relay of [second, first]) await place.clock.finish(Promise.resolve(relay[Symbol.asyncDispose]()))
    assert.equal(place.clock.nowUs(), begun)
  })
})
