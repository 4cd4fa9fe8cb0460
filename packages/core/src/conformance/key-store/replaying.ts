// A backup of the keys has keys that were destroyed since: the ledger, kept elsewhere, destroys them again.
import assert from 'node:assert/strict'
import { alice, entry, tenant, wholeLedger, wrappedKey } from './given.ts'
import type { KeyStoreCase } from './given.ts'

const group = 'replaying'
const bob = { tenant, subject: 'bob' }
const carol = { tenant: 'tenant-2', subject: 'carol' }

export const replayingCases: readonly KeyStoreCase[] = [
  {
    group,
    name: 'a restored store is brought up to the ledger: the keys go, and the entries are taken in',
    run: async ({ store }) => {
      for (const scope of [alice, bob, carol]) await store.putIfAbsent(wrappedKey(scope))
      const kept = [entry(1), entry(2, { ...carol, reason: 'account closed' })]
      assert.equal(await store.replay(kept), 2)
      assert.deepEqual(await wholeLedger(store), kept)
      assert.deepEqual([await store.get(alice), await store.get(carol)], ['shredded', 'shredded'])
      assert.deepEqual(await store.get(bob), wrappedKey(bob))
    },
  },
  {
    group,
    name: 'a second replay changes nothing, nor does one in another order or with the entries twice',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey())
      const kept = [entry(1), entry(2, bob), entry(3, carol)]
      assert.equal(await store.replay([...kept, ...kept].toReversed()), 1)
      const ledger = await wholeLedger(store)
      assert.deepEqual(ledger, kept)
      assert.equal(await store.replay(kept), 0)
      assert.equal(await store.replay(kept.slice(1)), 0)
      assert.equal(await store.replay([]), 0)
      assert.deepEqual(await wholeLedger(store), ledger)
    },
  },
  {
    group,
    name: 'a replay before any key keeps the scope from ever getting one',
    run: async ({ store }) => {
      assert.equal(await store.replay([entry(1), entry(2, { ...bob, keyId: undefined })]), 0)
      for (const scope of [alice, bob]) {
        assert.equal(await store.putIfAbsent(wrappedKey(scope)), 'shredded')
        assert.equal(await store.get(scope), 'shredded')
      }
      assert.deepEqual(await store.shred(alice, 'again', 9), entry(1))
    },
  },
  {
    group,
    name: 'a key that is newer than the ledger is destroyed too: the scope was to get none',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey({ keyId: 'key-2' }))
      await store.putIfAbsent(wrappedKey({ ...bob, keyId: 'key-3' }))
      assert.equal(await store.replay([entry(1, { keyId: 'key-1' }), entry(2, { ...bob, keyId: undefined })]), 2)
      assert.equal(await store.get(alice), 'shredded')
      assert.deepEqual(
        (await wholeLedger(store)).map(({ keyId }) => keyId),
        ['key-1', 'key-3'],
      )
    },
  },
  {
    group,
    name: 'a ledger that went on since the backup keeps its numbers, and missing entries get the next ones',
    run: async ({ store }) => {
      const own = await store.shred(carol, 'since the backup', 50)
      assert.equal(own.number, 1)
      await store.replay([entry(1), entry(2, bob), entry(3, carol)])
      const ledger = await wholeLedger(store)
      assert.deepEqual(ledger, [own, entry(2, { shreddedAt: 1 }), entry(3, { ...bob, shreddedAt: 2 })])
    },
  },
  {
    group,
    name: 'a replay that is refused leaves everything as it was',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey())
      await assert.rejects(store.replay([entry(1), entry(2, { ...bob, reason: '' })]))
      assert.deepEqual(await store.get(alice), wrappedKey())
      assert.deepEqual(await wholeLedger(store), [])
    },
  },
  {
    group,
    needs: 'durable',
    name: 'keys and ledger are there when the store is opened again',
    run: async ({ store, reopen }) => {
      await store.putIfAbsent(wrappedKey())
      await store.putIfAbsent(wrappedKey(bob))
      const shredded = await store.shred(bob, 'reason', 1)
      const opened = await reopen()
      assert.deepEqual(await opened.get(alice), wrappedKey())
      assert.equal(await opened.get(bob), 'shredded')
      assert.equal((await opened.shred(alice, 'reason', 2)).number, 2)
      assert.deepEqual((await wholeLedger(opened))[0], shredded)
    },
  },
]
