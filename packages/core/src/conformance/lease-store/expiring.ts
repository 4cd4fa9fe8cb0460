// Time passes by the clock of the store: a lease that ran out is free, and its former holder is fenced off.
import assert from 'node:assert/strict'
import { acquired, expired, longMs, untilFree } from './given.ts'
import type { LeaseStoreCase } from './given.ts'

const group = 'expiring'
export const expiringCases: readonly LeaseStoreCase[] = [
  {
    group,
    name: 'a lease that ran out is taken over under a higher token',
    run: async (given) => {
      const alice = await expired(given, 'a', 'alice')
      const bob = await acquired(given.store, 'a', 'bob')
      assert.ok(bob.fencingToken > alice.fencingToken)
      assert.ok(bob.expiresAt > alice.expiresAt)
      assert.deepEqual(await given.store.holder('a'), bob)
    },
  },
  {
    group,
    name: 'a holder that comes back too late is refused: it neither renews nor gives up what another one holds',
    run: async (given) => {
      const { store } = given
      const alice = await expired(given, 'a', 'alice')
      const bob = await acquired(store, 'a', 'bob')
      assert.equal(await store.renew(alice, longMs), undefined)
      await store.release(alice)
      assert.equal(await store.acquire('a', 'alice', longMs), undefined)
      assert.deepEqual(await store.holder('a'), bob)
    },
  },
  {
    group,
    name: 'a lease that ran out is not renewed, though nobody took it; acquired again it has a higher token',
    run: async (given) => {
      const { store } = given
      const alice = await expired(given, 'a', 'alice')
      assert.equal(await store.renew(alice, longMs), undefined)
      const again = await acquired(store, 'a', 'alice')
      assert.ok(again.fencingToken > alice.fencingToken)
      assert.equal(await store.renew(alice, longMs), undefined)
      await store.release(alice)
      assert.deepEqual(await store.holder('a'), again)
    },
  },
  {
    group,
    name: 'of 64 contenders for a name that ran out exactly one acquires it',
    run: async (given) => {
      const { fencingToken } = await expired(given, 'a', 'alice')
      const owners = Array.from({ length: 64 }, (_, index) => `owner-${index}`)
      const leases = await Promise.all(owners.map((owner) => given.store.acquire('a', owner, longMs)))
      const won = leases.filter((lease) => lease !== undefined)
      assert.deepEqual(
        won.map((lease) => lease.fencingToken),
        [fencingToken + 1],
      )
    },
  },
  {
    group,
    name: 'what ran out is neither held, listed nor counted',
    run: async (given) => {
      const { store } = given
      const held = await acquired(store, 'b', 'alice')
      await expired(given, 'a', 'alice')
      assert.deepEqual([await store.list(), await store.total()], [[held], 1])
      assert.equal((await store.info()).items, 1)
    },
  },
  {
    group,
    name: 'a renewal counts from now: what is renewed for a short time runs out',
    run: async (given) => {
      const { store } = given
      const lease = await acquired(store, 'a', 'alice', longMs)
      await store.renew(lease, 20)
      await untilFree(given, 'a')
      assert.equal(await store.renew(lease, longMs), undefined)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'leases and tokens outlive the process: who held still holds, and tokens go on rising',
    run: async (given) => {
      const held = await acquired(given.store, 'a', 'alice')
      const ended = await acquired(given.store, 'b', 'alice')
      await given.store.release(ended)
      const store = await given.reopen()
      assert.deepEqual(await store.holder('a'), held)
      assert.equal(await store.acquire('a', 'bob', longMs), undefined)
      assert.deepEqual((await store.renew(held, longMs))?.fencingToken, held.fencingToken)
      assert.ok((await acquired(store, 'b', 'bob')).fencingToken > ended.fencingToken)
      await store.reset()
      const opened = await given.reopen()
      assert.ok((await acquired(opened, 'a', 'alice')).fencingToken > held.fencingToken)
    },
  },
]
