// Who is shown what: everyone of the tenant who holds all labels and asked for the type, in the order of sending.
import assert from 'node:assert/strict'
import { refused } from '../refused.ts'
import { hear, hearEvents, hearNumbers, numbers, send, shown } from './given.ts'
import type { FanoutCase, Listener } from './given.ts'

const group = 'showing'

/** What each client hears before the event that ends the case, which is for everyone of its tenant. */
async function heardBefore(last: number, listeners: readonly Listener[]): Promise<readonly (readonly number[])[]> {
  return Promise.all(
    listeners.map(async (listener) => {
      const heard: number[] = []
      for (;;) {
        const [n = -1] = await hearNumbers(listener, 1)
        if (n === last) return heard
        heard.push(n)
      }
    }),
  )
}

export const showingCases: readonly FanoutCase[] = [
  {
    group,
    name: 'all clients hear what is for everyone, in the order of sending, each event with an id of its own',
    run: async ({ open }) => {
      await using fanout = await open()
      const listeners = await Promise.all([1, 2, 3].map(() => fanout.connect({})))
      for (const n of [1, 4, 7]) await send(fanout.hub, [shown(n), shown(n + 1), shown(n + 2)])
      for (const listener of listeners) {
        const heard = await hearEvents(listener, 9)
        assert.deepEqual(
          heard.map(({ n }) => n),
          numbers(1, 9),
        )
        assert.equal(new Set(heard.map(({ id }) => id)).size, 9)
      }
    },
  },
  {
    group,
    name: 'a client must hold all labels of an event; none of them means everyone',
    run: async ({ open }) => {
      await using fanout = await open()
      const listeners = await Promise.all(
        [[], ['a'], ['a', 'b'], ['b', 'c', 'a']].map((audience) => fanout.connect({ audience })),
      )
      await send(fanout.hub, [
        shown(1, { audience: ['a'] }),
        shown(2, { audience: ['a', 'b'] }),
        shown(3, { audience: ['c'] }),
        shown(4, { audience: [] }),
        shown(5, { audience: [' a '] }),
        shown(9),
      ])
      assert.deepEqual(await heardBefore(9, listeners), [[4], [1, 4, 5], [1, 2, 4, 5], [1, 2, 3, 4, 5]])
    },
  },
  {
    group,
    name: 'events of one tenant are shown to its clients alone, and events without one to clients without one',
    run: async ({ open }) => {
      await using fanout = await open()
      const asking = [{ tenant: 'north' }, { tenant: 'south' }, {}, { tenant: 'north', audience: ['staff'] }]
      const listeners = await Promise.all(asking.map((each) => fanout.connect(each)))
      await send(fanout.hub, [shown(1, { tenant: 'north' }), shown(2, { tenant: 'south' })], { tenant: 'south' })
      await send(fanout.hub, [shown(3, { audience: ['staff'] })], { tenant: 'north' })
      await send(fanout.hub, [shown(4)], { tenant: 'south', targetTenant: 'north' })
      await send(fanout.hub, [shown(5)])
      for (const tenant of ['north', 'south']) await send(fanout.hub, [shown(9, { tenant })])
      await send(fanout.hub, [shown(9)])
      assert.deepEqual(await heardBefore(9, listeners), [[1, 4], [2], [5], [1, 3, 4]])
    },
  },
  {
    group,
    name: 'a client that asks for types is shown no others',
    run: async ({ open }) => {
      await using fanout = await open()
      const types = ['Order.Shown', 'Order.Shipped']
      const listeners = await Promise.all([
        fanout.connect({ types }),
        fanout.connect({ types: ['Order.Shipped', 'End.Of'] }),
      ])
      await send(fanout.hub, [
        shown(1),
        shown(2, { type: 'Order.Shipped' }),
        shown(3, { type: 'Order.Show' }),
        shown(9, { type: 'Order.Shipped' }),
      ])
      assert.deepEqual(await heardBefore(9, listeners), [[1, 2], [2]])
    },
  },
  {
    group,
    name: 'domain and integration events are shown to nobody, whatever they come with',
    run: async ({ open }) => {
      await using fanout = await open()
      const listener = await fanout.connect({})
      await send(fanout.hub, [shown(1, { category: 'domain' }), shown(2, { category: 'integration' }), shown(9)])
      assert.deepEqual(await heardBefore(9, [listener]), [[]])
    },
  },
  {
    group,
    name: 'values arrive as they were sent, with line breaks, any characters, and a size of 200 kB',
    run: async ({ open }) => {
      await using fanout = await open()
      const listener = await fanout.connect({})
      const values = [
        null,
        0,
        '',
        'a\nb\r\nc\rd\u2028e\u0000f',
        'id: 7\n\nevent: resync\ndata: x\n\n',
        { list: [1, 'ü', { deep: '\ud83d\ude80' }] },
        'x'.repeat(200_000),
      ]
      await send(
        fanout.hub,
        values.map((value, n) => shown(n, { value })),
      )
      for (const value of values) {
        const heard = await hear(listener)
        assert.deepEqual(heard.kind === 'event' ? [heard.type, heard.data] : heard, ['Order.Shown', value])
      }
    },
  },
  {
    group,
    name: 'a batch with an event that cannot be shown is refused as a whole',
    run: async ({ open }) => {
      await using fanout = await open()
      const listener = await fanout.connect({})
      const bad = [
        shown(2, { value: Number.NaN }),
        shown(2, { value: { big: 1n } }),
        shown(2, { type: 'Order.Shown\ndata: 1' }),
        shown(2, { audience: [''] }),
      ]
      await refused(
        'invalid_output',
        bad.map((event) => send(fanout.hub, [shown(1), event])),
      )
      await refused('payload_too_large', [send(fanout.hub, [shown(1), shown(2, { value: 'x'.repeat(1_100_000) })])])
      await send(fanout.hub, [shown(9)])
      assert.deepEqual(await heardBefore(9, [listener]), [[]])
    },
  },
]
