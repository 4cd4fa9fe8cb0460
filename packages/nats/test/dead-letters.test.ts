import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connect, headers } from '@nats-io/transport-node'
import { natsForTests } from '@gesta/services'
import { natsBus } from '../src/index.ts'
import type { NatsBusOptions, NatsTopicBus } from '../src/index.ts'
import { next, numbersFrom, placed, placedFrom, publish, signal, take, takeBut, takeUntil, until } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await natsForTests()
const quickly = { backoff: { firstMs: 0, maxMs: 1 }, attemptsMax: 3 }

async function openBus(options: Partial<NatsBusOptions> = {}): Promise<{
  readonly bus: NatsTopicBus
  readonly url: string
  readonly prefix: string
  readonly [Symbol.asyncDispose]: () => Promise<void>
}> {
  const streams = nats.newStreams()
  const { url, prefix } = streams
  const bus = await natsBus({ servers: url, prefix, ...quickly, ...options }).open(runtime)
  return {
    bus,
    url,
    prefix,
    [Symbol.asyncDispose]: async () => {
      await bus[Symbol.asyncDispose]()
      await streams[Symbol.asyncDispose]()
    },
  }
}

for (const unordered of [false, true]) {
  describe(
    `an event that always fails, in a group that is ${unordered ? 'un' : ''}ordered`,
    { skip: nats.skip },
    () => {
      test('goes to the dead letters after its attempts, with the reason, and takes no neighbour with it', async () => {
        await using place = await openBus({ unordered })
        const { bus } = place
        const mails = await bus.subscribe('orders', 'mails')
        await publish(bus, ...placedFrom(1, 30))
        const letters = bus.deadLetters('orders', 'mails')
        const end = new AbortController()
        const taking = takeUntil(mails, [7, 20], end.signal)
        await until('both are dead', async () => (await letters.total()) === 2)
        await publish(bus, placed(31))
        await until('all others have come', () => taking.numbers.length >= 29)
        end.abort()
        await taking.ended
        assert.deepEqual(
          taking.numbers.toSorted((a, b) => a - b),
          numbersFrom(1, 31).filter((n) => n !== 7 && n !== 20),
        )
        const list = await letters.list()
        assert.deepEqual(
          list
            .map(({ event, reason, deliveries }) => [event?.id, reason, deliveries === (unordered ? 3 : 1)])
            .toSorted(([one = ''], [other = '']) => String(one).localeCompare(String(other))),
          [
            ['event-20', 'TypeError', true],
            ['event-7', 'TypeError', true],
          ],
        )
      })

      test('is given out as often as it may, and no more', async () => {
        await using place = await openBus({ unordered })
        const { bus } = place
        const mails = await bus.subscribe('orders', 'mails')
        await publish(bus, placed(1))
        for (let attempt = 0; attempt < 3; attempt += 1) await (await next(mails)).nack?.(new Error('no'), { signal })
        await publish(bus, placed(2))
        assert.deepEqual(await take(mails, 1), [2])
        assert.equal(await bus.deadLetters('orders', 'mails').total(), 1)
      })
    },
  )
}

describe('dead letters', { skip: nats.skip }, () => {
  test('belong to their group: another one has got the event, or has letters of its own', async () => {
    await using place = await openBus()
    const { bus } = place
    const [mails, bills] = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'bills')]
    await publish(bus, ...placedFrom(1, 3))
    assert.deepEqual(await takeBut(mails, [2], 2), [1, 3])
    assert.deepEqual(await take(bills, 3), [1, 2, 3])
    assert.equal(await bus.deadLetters('orders', 'mails').total(), 1)
    assert.equal(await bus.deadLetters('orders', 'bills').total(), 0)
    assert.equal(await bus.deadLetters('never made', 'bills').total(), 0)
    assert.deepEqual(await bus.deadLetters('never made', 'bills').list(), [])
  })

  test('are put back for their group alone, behind everything, and are gone then', async () => {
    await using place = await openBus()
    const { bus } = place
    const [mails, bills] = [await bus.subscribe('orders', 'mails'), await bus.subscribe('orders', 'bills')]
    await publish(bus, ...placedFrom(1, 4))
    assert.deepEqual(await takeBut(mails, [2, 3], 2), [1, 4])
    const letters = bus.deadLetters('orders', 'mails')
    const [second, third] = await letters.list()
    await publish(bus, placed(5))
    assert.equal(await letters.requeue([third?.id ?? 0, 1000]), 1)
    assert.deepEqual(await take(mails, 2), [5, 3])
    assert.equal(await letters.requeue(), 1)
    assert.deepEqual(await take(mails, 1), [2])
    assert.equal(await letters.total(), 0)
    assert.equal(await letters.requeue([second?.id ?? 0]), 0)
    await publish(bus, placed(6))
    assert.deepEqual(await take(bills, 6), numbersFrom(1, 6))
  })

  test('die again when they fail again, and can be discarded', async () => {
    await using place = await openBus()
    const { bus } = place
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, ...placedFrom(1, 2))
    await takeBut(mails, [1], 1)
    const letters = bus.deadLetters('orders', 'mails')
    assert.equal(await letters.requeue(), 1)
    await publish(bus, placed(3))
    assert.deepEqual(await takeBut(mails, [1], 1), [3])
    const [letter] = await letters.list()
    assert.equal(letter?.event?.id, 'event-1')
    assert.equal(await letters.discard([letter.id, letter.id + 1]), 1)
    assert.equal(await letters.total(), 0)
  })

  test('are listed in pages, the oldest first', async () => {
    await using place = await openBus({ attemptsMax: 1 })
    const { bus } = place
    const mails = await bus.subscribe('orders', 'mails')
    await publish(bus, ...placedFrom(1, 6))
    await takeBut(mails, numbersFrom(1, 5), 1)
    const letters = bus.deadLetters('orders', 'mails')
    const first = await letters.list({ limit: 2 })
    const rest = await letters.list({ after: first.at(-1)?.id })
    assert.deepEqual(
      [...first, ...rest].map(({ event }) => event?.id),
      ['event-1', 'event-2', 'event-3', 'event-4', 'event-5'],
    )
    await assert.rejects(letters.list({ limit: 0 }), RangeError)
    await assert.rejects(letters.list({ limt: 1 } as never), /Did you mean "limit"/)
    await assert.rejects(letters.requeue([0.5]), RangeError)
  })
})

describe('a message that cannot be read', { skip: nats.skip }, () => {
  test('goes to the dead letters at once, with the reason; what is around it is delivered', async () => {
    await using place = await openBus()
    const { bus, url, prefix } = place
    const mails = await bus.subscribe('orders', 'mails')
    await using client = await connect({ servers: new URL(url).host })
    await publish(bus, placed(1))
    const [noType, wholeCloudEvent] = [headers(), headers()]
    for (const written of [noType, wholeCloudEvent]) written.append('ce-specversion', '1.0')
    wholeCloudEvent.append('ce-type', 'Order.Placed')
    for (const [body, written] of [
      ['{"category":"integration"', undefined],
      ['', undefined],
      [new Uint8Array([0x22, 0xff, 0xfe, 0x22]), undefined],
      ['{}', noType],
      [new Uint8Array([0xff]), wholeCloudEvent],
    ] as const)
      client.publish(`${prefix}.orders.Some.Thing`, body, written === undefined ? {} : { headers: written })
    await client.flush()
    await publish(bus, placed(2))
    assert.deepEqual(await take(mails, 2), [1, 2])
    const letters = bus.deadLetters('orders', 'mails')
    const list = await letters.list()
    assert.deepEqual(
      list.map(({ event, reason, deliveries }) => [event, reason, deliveries]),
      Array.from({ length: 5 }, () => [undefined, 'event_unreadable', 1]),
    )
    // Put back, it dies again; nothing is lost.
    assert.equal(await letters.requeue([list[0]?.id ?? 0]), 1)
    await publish(bus, placed(3))
    assert.deepEqual(await take(mails, 1), [3])
    assert.equal(await letters.total(), 5)
  })
})
