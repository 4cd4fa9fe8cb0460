// One holder at a time: who acquires, who prolongs, who gives up, and what everybody else is told.
import assert from 'node:assert/strict'
import { badKeys, refused } from '../refused.ts'
import { acquired, longMs } from './given.ts'
import type { LeaseStoreCase } from './given.ts'

const group = 'holding'
export const holdingCases: readonly LeaseStoreCase[] = [
  {
    group,
    name: 'a free name is acquired, under the token 1 the first time',
    run: async ({ store }) => {
      assert.equal(await store.holder('a'), undefined)
      const lease = await acquired(store, 'a', 'alice')
      assert.deepEqual(Object.keys(lease).toSorted(), ['expiresAt', 'fencingToken', 'name', 'owner'])
      assert.deepEqual([lease.name, lease.owner, lease.fencingToken], ['a', 'alice', 1])
      assert.ok(Number.isSafeInteger(lease.expiresAt))
      assert.deepEqual(await store.holder('a'), lease)
    },
  },
  {
    group,
    name: 'of 64 contenders for one name exactly one acquires it',
    run: async ({ store }) => {
      for (const token of [1, 2, 3]) {
        const owners = Array.from({ length: 64 }, (_, index) => `owner-${index}`)
        const leases = await Promise.all(owners.map((owner) => store.acquire('a', owner, longMs)))
        const won = leases.filter((lease) => lease !== undefined)
        assert.equal(won.length, 1)
        assert.deepEqual(await store.holder('a'), won[0])
        assert.equal(won[0]?.fencingToken, token)
        await store.release(won[0])
      }
    },
  },
  {
    group,
    needs: 'shared',
    name: 'of contenders in several processes exactly one acquires a name',
    run: async ({ store, another }) => {
      const stores = [store, await another(), await another(), await another()]
      const tries = stores.flatMap((each, at) =>
        Array.from({ length: 16 }, (_, index) => each.acquire('a', `owner-${at}-${index}`, longMs)),
      )
      assert.equal((await Promise.all(tries)).filter((lease) => lease !== undefined).length, 1)
    },
  },
  {
    group,
    name: 'what somebody else holds is not acquired, and stays as it is',
    run: async ({ store }) => {
      const lease = await acquired(store, 'a', 'alice')
      assert.equal(await store.acquire('a', 'bob', longMs), undefined)
      assert.deepEqual(await store.holder('a'), lease)
    },
  },
  {
    group,
    name: 'the holder that acquires again keeps its token, and holds from then on',
    run: async ({ store }) => {
      const first = await acquired(store, 'a', 'alice', longMs)
      const again = await acquired(store, 'a', 'alice', 2 * longMs)
      assert.equal(again.fencingToken, first.fencingToken)
      assert.ok(again.expiresAt > first.expiresAt)
      assert.deepEqual(await store.holder('a'), again)
    },
  },
  {
    group,
    name: 'the holder renews for as long as it asks, counted from now',
    run: async ({ store }) => {
      const first = await acquired(store, 'a', 'alice', longMs)
      const longer = await store.renew(first, 3 * longMs)
      assert.equal(longer?.fencingToken, first.fencingToken)
      assert.ok((longer?.expiresAt ?? 0) > first.expiresAt)
      const shorter = await store.renew(first, 2 * longMs)
      assert.ok((shorter?.expiresAt ?? 0) < (longer?.expiresAt ?? 0))
      assert.deepEqual(await store.holder('a'), shorter)
    },
  },
  {
    group,
    name: 'a renewal by another owner, or under another token, is refused and changes nothing',
    run: async ({ store }) => {
      const lease = await acquired(store, 'a', 'alice')
      assert.equal(await store.renew({ ...lease, owner: 'bob' }, longMs), undefined)
      assert.equal(await store.renew({ ...lease, fencingToken: 2 }, longMs), undefined)
      assert.equal(await store.renew({ ...lease, name: 'b' }, longMs), undefined)
      assert.deepEqual(await store.list(), [lease])
    },
  },
  {
    group,
    name: 'what is given up is free at once, and the next holder has a higher token',
    run: async ({ store }) => {
      const alice = await acquired(store, 'a', 'alice')
      await store.release(alice)
      assert.equal(await store.holder('a'), undefined)
      const bob = await acquired(store, 'a', 'bob')
      assert.ok(bob.fencingToken > alice.fencingToken)
      await store.release(bob)
      const again = await acquired(store, 'a', 'bob')
      assert.ok(again.fencingToken > bob.fencingToken)
    },
  },
  {
    group,
    name: 'only the holder gives up: another owner or token changes nothing',
    run: async ({ store }) => {
      const lease = await acquired(store, 'a', 'alice')
      await store.release({ ...lease, owner: 'bob' })
      await store.release({ ...lease, fencingToken: 2 })
      await store.release({ ...lease, name: 'b' })
      assert.deepEqual(await store.holder('a'), lease)
    },
  },
  {
    group,
    name: 'names are apart, and are listed in the order of their code points',
    run: async ({ store }) => {
      const names = [' ', 'A', 'a', 'a ', 'aa', 'é', '€'.repeat(511), '€'.repeat(512), '\uffee', '\u{10000}']
      for (const name of names.toReversed()) await acquired(store, name, 'alice')
      assert.deepEqual(
        (await store.list()).map(({ name }) => name),
        names,
      )
      assert.equal(await store.total(), names.length)
      await store.release({ name: 'a', owner: 'alice', fencingToken: 1 })
      assert.equal(await store.total(), names.length - 1)
      const { store: port, items, readOnly } = await store.info()
      assert.deepEqual([port, items, readOnly], ['lease', names.length - 1, false])
    },
  },
  {
    group,
    name: 'a reset ends all leases, and tokens go on rising',
    run: async ({ store }) => {
      const alice = await acquired(store, 'a', 'alice')
      await acquired(store, 'b', 'alice')
      await store.reset()
      assert.deepEqual([await store.list(), await store.total()], [[], 0])
      assert.equal(await store.renew(alice, longMs), undefined)
      assert.ok((await acquired(store, 'a', 'alice')).fencingToken > alice.fencingToken)
    },
  },
  {
    group,
    name: 'names, owners, tokens and durations that cannot be kept are refused',
    run: async ({ store }) => {
      const lease = await acquired(store, 'a', 'alice')
      await refused('invalid_key', [
        ...badKeys.flatMap((key) => [store.acquire(key, 'bob', 1), store.acquire('b', key, 1), store.holder(key)]),
        ...badKeys.map((name) => store.renew({ ...lease, name }, 1)),
        ...badKeys.map((owner) => store.release({ ...lease, owner })),
      ])
      for (const ms of [0, -1, 1.5, Number.NaN, 86_400_001]) {
        await assert.rejects(store.acquire('b', 'bob', ms), RangeError)
        await assert.rejects(store.renew(lease, ms), RangeError)
      }
      for (const fencingToken of [0, 1.5, 2 ** 53]) {
        await assert.rejects(store.renew({ ...lease, fencingToken }, 1), RangeError)
        await assert.rejects(store.release({ ...lease, fencingToken }), RangeError)
      }
      assert.deepEqual(await store.list(), [lease])
      await store.renew(lease, 86_400_000)
      await store.renew(lease, 1)
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      const lease = await acquired(store, 'a', 'alice')
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.acquire('a', 'alice', longMs),
        store.renew(lease, longMs),
        store.release(lease),
        store.holder('a'),
        store.list(),
        store.total(),
        store.reset(),
        store.info(),
      ])
    },
  },
]
