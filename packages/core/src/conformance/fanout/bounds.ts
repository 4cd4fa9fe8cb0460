// Bounds: how many clients there are, and what one of them may cost.
import assert from 'node:assert/strict'
import type { FanoutOptions } from '../../delivery/fanout-options.ts'
import { hearNumbers, numbers, openingId, refusedWith, send, shown, until } from './given.ts'
import type { Asking, FanoutCase } from './given.ts'

const group = 'bounds'

/** A bound of two, who fills it, who is over it then, and who is not. */
const bounds: readonly {
  readonly what: string
  readonly options: FanoutOptions
  readonly code: string
  readonly filling: readonly Asking[]
  readonly over: Asking
  readonly within: Asking | undefined
}[] = [
  {
    what: 'in all',
    options: { clientsMax: 2 },
    code: 'overloaded',
    filling: [{ tenant: 'north' }, { tenant: 'south' }],
    over: { tenant: 'east' },
    within: undefined,
  },
  {
    what: 'of one tenant',
    options: { clientsPerTenantMax: 2 },
    code: 'too_many_clients',
    filling: [
      { tenant: 'north', identity: 'i' },
      { tenant: 'north', identity: 'j' },
    ],
    over: { tenant: 'north', identity: 'k' },
    within: { tenant: 'south', identity: 'k' },
  },
  {
    what: 'of one identity',
    options: { clientsPerIdentityMax: 2 },
    code: 'too_many_clients',
    filling: [
      { tenant: 'north', identity: 'i' },
      { tenant: 'north', identity: 'i', audience: ['a'] },
    ],
    over: { tenant: 'north', identity: 'i' },
    within: { tenant: 'south', identity: 'i' },
  },
]

const ofBounds = bounds.map(({ what, options, code, filling, over, within }): FanoutCase => ({
  group,
  name: `clients ${what} are bounded; the place of one that leaves is free again`,
  run: async ({ open, runtime }) => {
    await using fanout = await open(options)
    const [first] = await Promise.all(filling.map((asking) => fanout.connect(asking)))
    await refusedWith(code, fanout.connect(over))
    if (within !== undefined) await (await fanout.connect(within)).leave()
    assert.equal(fanout.hub.counters().refused, 1)
    await first?.leave()
    await until({ runtime }, () => fanout.hub.counters().clients <= 1)
    await fanout.connect(over)
  },
}))

export const boundsCases: readonly FanoutCase[] = [
  ...ofBounds,
  {
    group,
    needs: 'stalls',
    name: 'a client that reads nothing is cut when its queue is full, and the others hear everything',
    run: async ({ open }) => {
      await using fanout = await open({ queueFramesMax: 20, queueBytesMax: 2_000_000, ringBytesMax: 1_000_000 })
      const { hub } = fanout
      const [stalled, ...others] = await Promise.all([1, 2, 3].map(() => fanout.connect({})))
      stalled?.stall()
      const filler = 'x'.repeat(100_000)
      let n = 0
      // The system takes some megabytes on the way, so it is more than the queue.
      while (hub.counters().dropped === 0 && n < 2_000) {
        await send(hub, [shown(++n, { value: { n, filler } })])
        for (const other of others) assert.deepEqual(await hearNumbers(other, 1), [n])
      }
      assert.deepEqual([hub.counters().dropped, hub.counters().clients], [1, 2])
      await send(hub, [shown(++n)])
      for (const other of others) assert.deepEqual(await hearNumbers(other, 1), [n])
    },
  },
  {
    group,
    needs: 'stalls',
    name: 'a client that takes nothing for too long is cut, however little waits for it',
    run: async ({ open, runtime }) => {
      const roomy = { queueFramesMax: 1_000_000, queueBytesMax: 1_000_000_000, ringBytesMax: 1_000_000 }
      await using fanout = await open({ ...roomy, heartbeatMs: 10, stallMs: 50 })
      const { hub } = fanout
      const stalled = await fanout.connect({})
      stalled.stall()
      const value = 'x'.repeat(500_000)
      for (let n = 0; n < 50 && hub.counters().clients > 0; n++) await send(hub, [shown(n, { value })])
      await until({ runtime }, () => hub.counters().clients === 0)
      assert.equal(hub.counters().dropped, 1)
    },
  },
  {
    group,
    name: 'a client that missed more than its queue holds is sent all of it',
    run: async ({ open }) => {
      await using fanout = await open({ queueFramesMax: 1, queueBytesMax: 20_000 })
      const after = await openingId(await fanout.connect({}))
      const filler = 'x'.repeat(10_000)
      const last = 300
      await send(
        fanout.hub,
        numbers(1, last).map((n) => shown(n, { tenant: 'north', value: { n, filler } })),
      )
      const listener = await fanout.connect({ after, tenant: 'north' })
      assert.deepEqual(await hearNumbers(listener, last), numbers(1, last))
      assert.equal(fanout.hub.counters().replayed, last)
    },
  },
  {
    group,
    name: 'the counters say what happened',
    run: async ({ open }) => {
      await using fanout = await open({ heartbeatMs: 60_000 })
      const listeners = await Promise.all([1, 2].map(() => fanout.connect({})))
      const after = await openingId(await fanout.connect({ types: ['Order.Shipped'] }))
      await send(fanout.hub, [shown(1), shown(2)])
      for (const listener of listeners) await hearNumbers(listener, 2)
      await hearNumbers(await fanout.connect({ after }), 2)
      const { bytes, ...counters } = fanout.hub.counters()
      // Four openings, two events for two clients, and again for the one that came back.
      assert.deepEqual(counters, {
        clients: 4,
        sent: 10,
        dropped: 0,
        refused: 0,
        revoked: 0,
        replayed: 2,
        replayMisses: 0,
      })
      assert.ok(bytes > 300 && bytes < 3_000)
    },
  },
]
