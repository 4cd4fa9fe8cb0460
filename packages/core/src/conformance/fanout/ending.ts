// How streams end, and what that leaves to others.
import assert from 'node:assert/strict'
import { hearEnd, hearNumbers, openingId, refusedWith, send, shown, until } from './given.ts'
import type { FanoutCase } from './given.ts'

const group = 'ending'

export const endingCases: readonly FanoutCase[] = [
  {
    group,
    name: 'revoking a label ends the streams of those who hold it, with a reason, and no others',
    run: async ({ open }) => {
      await using fanout = await open()
      const { hub } = fanout
      const holders = await Promise.all([['a'], ['b', 'a']].map((audience) => fanout.connect({ audience })))
      const others = await Promise.all([[], ['b'], ['aa']].map((audience) => fanout.connect({ audience })))
      assert.equal(hub.revoke('a'), 2)
      for (const holder of holders) assert.equal(await hearEnd(holder), 'revoked')
      await send(hub, [shown(1)])
      for (const other of others) assert.deepEqual(await hearNumbers(other, 1), [1])
      assert.deepEqual([hub.counters().clients, hub.counters().revoked, hub.revoke('a')], [3, 2, 0])
    },
  },
  {
    group,
    name: 'revoking by a function ends the streams that it names, by tenant, identity, labels or types',
    run: async ({ open }) => {
      await using fanout = await open()
      const meant = await fanout.connect({ tenant: 'north', audience: ['a'], types: ['Order.Shown'] })
      const other = await fanout.connect({ tenant: 'south', audience: ['a'], types: ['Order.Shown'] })
      const revoked = fanout.hub.revoke(
        ({ tenant, audience, types }) => tenant === 'north' && audience.has('a') && types?.has('Order.Shown') === true,
      )
      assert.equal(revoked, 1)
      assert.equal(await hearEnd(meant), 'revoked')
      await send(fanout.hub, [shown(1, { tenant: 'south' })])
      assert.deepEqual(await hearNumbers(other, 1), [1])
    },
  },
  {
    group,
    name: 'who was revoked can come back as somebody else, and misses what is for others',
    run: async ({ open }) => {
      await using fanout = await open()
      const listener = await fanout.connect({ audience: ['a'] })
      const after = await openingId(listener)
      fanout.hub.revoke('a')
      assert.equal(await hearEnd(listener), 'revoked')
      await send(fanout.hub, [shown(1, { audience: ['a'] }), shown(2)])
      assert.deepEqual(await hearNumbers(await fanout.connect({ after }), 1), [2])
    },
  },
  {
    group,
    name: 'a client that leaves is noticed',
    run: async ({ open, runtime }) => {
      await using fanout = await open()
      const listeners = await Promise.all([1, 2, 3].map(() => fanout.connect({})))
      assert.equal(fanout.hub.counters().clients, 3)
      for (const listener of listeners) await listener.leave()
      await until({ runtime }, () => fanout.hub.counters().clients === 0)
      await send(fanout.hub, [shown(1)])
    },
  },
  {
    group,
    name: 'closing the hub ends all streams with a reason, and it takes no more clients; what is sent then is shown to nobody',
    run: async ({ open }) => {
      await using fanout = await open()
      const listeners = await Promise.all([1, 2, 3].map(() => fanout.connect({})))
      await fanout.hub[Symbol.asyncDispose]()
      for (const listener of listeners) assert.equal(await hearEnd(listener), 'stopping')
      await refusedWith('app_stopped', fanout.connect({}))
      await send(fanout.hub, [shown(1)])
      assert.equal(fanout.hub.counters().clients, 0)
    },
  },
]
