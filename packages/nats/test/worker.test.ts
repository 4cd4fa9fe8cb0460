import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { z } from 'zod'
import { integrationEvent } from '@gesta/core'
import { createRegistry, registerIntegrationEvent, runEventRelay, runEventWorker } from '@gesta/core/registry'
import { GestaError } from '@gesta/core/ports'
import { natsForTests } from '@gesta/services'
import { natsBus } from '../src/index.ts'
import { numbersFrom, placed, placedFrom, publish, until } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await natsForTests()
const Placed = integrationEvent('Order.Placed', z.object({ n: z.number() }))
const backoff = { firstMs: 0, maxMs: 1 }

describe('an event worker on JetStream', { skip: nats.skip }, () => {
  test('passes over types that nobody subscribes to, and over presentation events', async () => {
    await using streams = nats.newStreams()
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await publish(
      bus,
      placed(1),
      placed(2, { type: 'Nobody.KnowsIt' }),
      placed(3, { category: 'presentation' }),
      placed(4),
    )
    const registry = createRegistry()
    const drain = new AbortController()
    const seen: number[] = []
    registerIntegrationEvent(registry, Placed, ({ n }) => {
      seen.push(n)
      if (n === 4) drain.abort()
    })
    await runEventWorker(registry, mails, { drain: drain.signal })
    assert.deepEqual(seen, [1, 4])
    assert.equal(await bus.deadLetters('orders', 'mails').total(), 0)
  })

  test('gives up an event of a version that it does not know, and one whose subscriber always fails, and goes on', async () => {
    await using streams = nats.newStreams()
    const options = { backoff, attemptsMax: 3 }
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix, ...options }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, placed(1), placed(2, { schemaVersion: 9 }), ...placedFrom(3, 9))
    const registry = createRegistry()
    const drain = new AbortController()
    const seen = new Set<number>()
    registerIntegrationEvent(registry, Placed, ({ n }) => {
      if (n === 5) throw new TypeError('never')
      seen.add(n)
    })
    const work = runEventWorker(registry, mails, { drain: drain.signal, backoff })
    const letters = bus.deadLetters('orders', 'mails')
    await until('two are dead, and the others are done', async () => seen.size === 7 && (await letters.total()) === 2)
    drain.abort()
    await work
    const list = await letters.list()
    assert.deepEqual(
      list.map(({ event, reason }) => [event?.id, reason]),
      [
        ['event-2', 'event_unreadable'],
        ['event-5', 'subscriber_failed of Order.Placed < TypeError'],
      ],
    )
  })

  test('waits for a store that is away, and counts no attempt', async () => {
    await using streams = nats.newStreams()
    const options = { backoff, attemptsMax: 2 }
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix, ...options }).open(runtime)
    const [mails, elsewhere] = [await bus.subscribe('orders', 'mails'), await bus.subscribe('elsewhere', 'mails')]
    await publish(bus, placed(1))
    const drain = new AbortController()
    let failures = 0
    const broker = bus.publisher('elsewhere', { source: 'relay' })
    await runEventRelay(
      mails,
      {
        publishEvents: async (events, context) => {
          failures += 1
          if (failures <= 5) throw new GestaError('broker_unavailable', 'It is away.')
          await broker.publishEvents(events, context)
          drain.abort()
        },
      },
      { drain: drain.signal, backoff },
    )
    assert.equal(failures, 6)
    const batch = await elsewhere.receiveEventBatch({ signal: new AbortController().signal })
    assert.deepEqual(
      batch?.events.map(({ source }) => source),
      ['relay'],
    )
  })

  test('that is cancelled leaves to the next one what it did not finish, in order', async () => {
    await using streams = nats.newStreams()
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix }).open(runtime)
    const registry = createRegistry()
    const done: number[] = []
    const cancel = new AbortController()
    const reason = new Error('enough')
    registerIntegrationEvent(registry, Placed, ({ n }) => {
      done.push(n)
      if (n === 5) cancel.abort(reason)
    })
    const first = await bus.subscribe('orders', 'mails')
    await publish(bus, ...placedFrom(1, 20))
    await assert.rejects(runEventWorker(registry, first, { signal: cancel.signal }), reason)
    const drain = new AbortController()
    const again = createRegistry()
    const seen: number[] = []
    registerIntegrationEvent(again, Placed, ({ n }) => {
      seen.push(n)
      if (n === 20) drain.abort()
    })
    await runEventWorker(again, await bus.subscribe('orders', 'mails'), { drain: drain.signal })
    assert.deepEqual([...done, ...seen], numbersFrom(1, 20))
  })

  test('is not given a group that was made unordered as an ordered one', async () => {
    await using streams = nats.newStreams()
    await using bus = await natsBus({ servers: streams.url, prefix: streams.prefix }).open(runtime)
    await using _ = await bus.subscribe('orders', 'mails', { unordered: true })
    await assert.rejects(bus.subscribe('orders', 'mails'), { code: 'broker_unavailable', message: /max_ack_pending 1/ })
  })
})
