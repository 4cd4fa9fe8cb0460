// A client that comes back hears what it missed, or is told to read everything again: never a gap, never a repetition.
import assert from 'node:assert/strict'
import { numbersOf } from '../random-numbers.ts'
import { hear, hearEvents, hearNumbers, numbers, openingId, send, shown } from './given.ts'
import type { FanoutCase, OpenFanout } from './given.ts'

const group = 'coming back'

/** The ids of events 1 to `count`, as a client hears them. */
async function idsOf(fanout: OpenFanout, count: number): Promise<readonly string[]> {
  const listener = await fanout.connect({})
  await send(
    fanout.hub,
    numbers(1, count).map((n) => shown(n)),
  )
  const ids = (await hearEvents(listener, count)).map(({ id }) => id)
  await listener.leave()
  return ids
}

export const comingBackCases: readonly FanoutCase[] = [
  {
    group,
    name: 'a client hears what came after the id that it names, in order, and then what comes',
    run: async ({ open }) => {
      await using fanout = await open()
      const ids = await idsOf(fanout, 5)
      for (const [index, after] of ids.entries()) {
        const listener = await fanout.connect({ after })
        await send(fanout.hub, [shown(6 + index)])
        assert.deepEqual(await hearNumbers(listener, 5), numbers(index + 2, index + 6))
        await listener.leave()
      }
    },
  },
  {
    group,
    name: 'the id with which a stream opens is a place to come back to, before any event and after some',
    run: async ({ open }) => {
      await using fanout = await open()
      for (const first of [1, 3]) {
        const listener = await fanout.connect({})
        const after = await openingId(listener)
        await listener.leave()
        await send(fanout.hub, [shown(first), shown(first + 1)])
        assert.deepEqual(await hearNumbers(await fanout.connect({ after }), 2), [first, first + 1])
      }
    },
  },
  {
    group,
    name: 'what is replayed passes the same audience, tenant and types as what is live',
    run: async ({ open }) => {
      await using fanout = await open()
      const after = await openingId(await fanout.connect({ tenant: 'north' }))
      await send(
        fanout.hub,
        [
          shown(1, { audience: ['staff'] }),
          shown(2, { tenant: 'south' }),
          shown(3, { type: 'Order.Shipped' }),
          shown(4),
          shown(5, { audience: ['staff', 'night'] }),
          shown(9),
        ],
        { tenant: 'north' },
      )
      const heard = async (asking: Parameters<OpenFanout['connect']>[0], count: number): Promise<readonly number[]> =>
        hearNumbers(await fanout.connect({ after, ...asking }), count)
      assert.deepEqual(await heard({ tenant: 'north' }, 3), [3, 4, 9])
      assert.deepEqual(await heard({ tenant: 'north', audience: ['staff'] }, 4), [1, 3, 4, 9])
      assert.deepEqual(await heard({ tenant: 'north', types: ['Order.Shipped'] }, 1), [3])
      const stranger = await fanout.connect({ after, tenant: 'south' })
      await send(fanout.hub, [shown(10, { tenant: 'south' })])
      assert.deepEqual(await hearNumbers(stranger, 2), [2, 10])
    },
  },
  {
    group,
    name: 'a client is told to read everything again when the ring no longer reaches back, by events or by bytes',
    run: async ({ open }) => {
      for (const bounds of [{ ringEventsMax: 3 }, { ringBytesMax: 2_000 }, { ringEventsMax: 0 }]) {
        await using fanout = await open(bounds)
        const [first] = await idsOf(fanout, 20)
        const listener = await fanout.connect({ after: first ?? '' })
        const heard = await hear(listener)
        assert.equal(heard.kind === 'resync' && heard.reason, 'behind')
        await send(fanout.hub, [shown(21)])
        assert.deepEqual(await hearNumbers(listener, 1), [21])
        assert.equal(fanout.hub.counters().replayMisses, 1)
      }
    },
  },
  {
    group,
    name: 'a client that names the id of another ring, or anything else, is told to read everything again',
    run: async ({ open }) => {
      await using other = await open()
      await using fanout = await open()
      const [foreign = ''] = await idsOf(other, 1)
      await send(fanout.hub, [shown(1)])
      const garbage = [foreign, '0', '-1', 'null', `${foreign}x`, foreign.slice(1), '../../etc', 'x'.repeat(2_000)]
      for (const after of garbage) {
        const listener = await fanout.connect({ after })
        const heard = await hear(listener)
        assert.equal(heard.kind === 'resync' && heard.reason, 'unknown', after)
        await listener.leave()
      }
    },
  },
  {
    group,
    name: 'the id of a resync is a place to come back to',
    run: async ({ open }) => {
      await using fanout = await open()
      const heard = await hear(await fanout.connect({ after: 'garbage' }))
      assert.ok(heard.kind === 'resync')
      await send(fanout.hub, [shown(1)])
      assert.deepEqual(await hearNumbers(await fanout.connect({ after: heard.id }), 1), [1])
    },
  },
  {
    group,
    name: 'signs of life move a client on that is shown nothing, so that it can come back later than the ring reaches',
    run: async ({ open }) => {
      await using fanout = await open({ heartbeatMs: 10, ringEventsMax: 2 })
      const listener = await fanout.connect({ audience: ['b'] })
      let after = await openingId(listener)
      await send(
        fanout.hub,
        numbers(1, 5).map((n) => shown(n, { audience: ['a'] })),
      )
      for (const before = after; after === before;) {
        const heard = await listener.next()
        assert.ok(heard.kind === 'heartbeat' && heard.id !== undefined)
        after = heard.id
      }
      await listener.leave()
      const again = await fanout.connect({ audience: ['b'], after })
      await send(fanout.hub, [shown(6)])
      assert.deepEqual(await hearNumbers(again, 1), [6])
    },
  },
  {
    group,
    name: 'clients that leave and come back at any moment while events are sent hear every event once, in order',
    run: async ({ open, runtime }) => {
      await using fanout = await open()
      const last = 300
      const draws = numbersOf(7, 10_000)
      let drawn = 0
      const below = (bound: number): number => (draws[drawn++ % draws.length] ?? 0) % bound
      const client = async (): Promise<readonly number[]> => {
        const heard: number[] = []
        let after: string | undefined
        while (heard.at(-1) !== last) {
          const listener = await fanout.connect({ after })
          for (let left = 1 + below(40); left > 0 && heard.at(-1) !== last; left--) {
            const next = await listener.next()
            if (next.kind === 'resync' || next.kind === 'end') assert.fail(`Heard ${JSON.stringify(next)}.`)
            after = next.id ?? after
            if (next.kind === 'event') heard.push((next.data as { readonly n: number }).n)
          }
          await listener.leave()
        }
        return heard
      }
      const clients = numbers(1, 8).map(client)
      for (let n = 1; n <= last; n++) {
        await send(fanout.hub, [shown(n)])
        if (below(3) === 0) await new Promise<void>((resolve) => void runtime.clock.after(0, resolve))
      }
      for (const heard of await Promise.all(clients)) assert.deepEqual(heard, numbers(heard[0] ?? 0, last))
    },
  },
]
