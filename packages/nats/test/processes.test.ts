import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownNatsForTests } from '@gesta/services'
import { natsBus } from '../src/index.ts'
import { startChild } from './children/run.ts'
import { next, numbersFrom, numbersOf, placedFrom, publish, run, take, takeUntil, until } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await ownNatsForTests()

describe('several processes', { skip: nats.skip }, () => {
  test('share a group in order: what one has in hand holds up the others, and is theirs, first of all, when it is killed', async () => {
    await using server = await nats.start()
    await using bus = await natsBus({ servers: server.url, ackWaitMs: 500 }).open(runtime)
    const all = await bus.subscribe('orders', 'all')
    await using holding = startChild('receive.ts', server.url, '500', 'hold')
    await until('it receives', () => holding.ready)
    await publish(bus, ...placedFrom(1, 50))
    await until('it has something in hand', () => holding.got.length > 0)
    await using working = startChild('receive.ts', server.url, '500')
    await until('another one receives', () => working.ready)
    // As long as it lives, it keeps what it has, and nothing behind it is given to anybody.
    assert.deepEqual(await take(all, 50), numbersFrom(1, 50))
    await publish(bus, ...placedFrom(51, 60))
    assert.deepEqual(await take(all, 10), numbersFrom(51, 60))
    assert.deepEqual(working.done, [])
    holding.kill('SIGKILL')
    await until('all is done', () => working.done.length === 60)
    assert.deepEqual(working.done, numbersFrom(1, 60))
  })

  test('that stand still longer than the server waits lose what they have in hand, and go on afterwards', async () => {
    await using server = await nats.start()
    await using bus = await natsBus({ servers: server.url, ackWaitMs: 500 }).open(runtime)
    await using still = startChild('receive.ts', server.url, '500', 'hold')
    await until('it receives', () => still.ready)
    await publish(bus, ...placedFrom(1, 20))
    await until('it has something in hand', () => still.got.length > 0)
    still.kill('SIGSTOP')
    const mails = await bus.subscribe('orders', 'mails')
    const end = new AbortController()
    const taking = takeUntil(mails, [], end.signal)
    await until('others have done everything', () => new Set(taking.numbers).size === 20)
    still.kill('SIGCONT')
    await publish(bus, ...placedFrom(21, 30))
    await until('the next ones are done', () => new Set(taking.numbers).size === 30)
    end.abort()
    await taking.ended
  })

  test('that publish and are killed in the middle lose nothing that was acknowledged, and double nothing when they begin again', async () => {
    await using server = await nats.start()
    await using bus = await natsBus({ servers: server.url }).open(runtime)
    const mails = await bus.subscribe('orders', 'mails')
    let first = 1
    for (const killAt of [20, 40, Infinity]) {
      await using child = startChild('publish.ts', server.url, String(first), '60')
      await until('it has published enough', () => (child.done.at(-1) ?? 0) >= killAt || child.ended)
      child.kill('SIGKILL')
      // It begins again at the last one that it knows of, as a relay would.
      first = child.done.at(-1) ?? first
    }
    const numbers: number[] = []
    while (numbers.length < 60) {
      const batch = await next(mails)
      numbers.push(...numbersOf(batch))
      await batch.ack?.(run)
    }
    assert.deepEqual(numbers, numbersFrom(1, 60))
  })
})
