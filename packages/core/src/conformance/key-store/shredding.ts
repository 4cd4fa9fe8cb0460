// A key that was destroyed is gone for ever: its scope gets no other one, and the ledger says so, also to a restored store.
import assert from 'node:assert/strict'
import { badKeys, refused } from '../refused.ts'
import { alice, entry, tenant, wholeLedger, wrappedKey } from './given.ts'
import type { KeyStoreCase } from './given.ts'

const group = 'shredding'
const reason = 'asked to be forgotten'
export const shreddingCases: readonly KeyStoreCase[] = [
  {
    group,
    name: 'a shredded scope has no key and gets none, and the ledger tells which key it was',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey({ keyId: 'key-7' }))
      const expected = entry(1, { keyId: 'key-7', reason, shreddedAt: 123 })
      assert.deepEqual(await store.shred(alice, reason, 123), expected)
      assert.equal(await store.get(alice), 'shredded')
      assert.equal(await store.putIfAbsent(wrappedKey({ keyId: 'key-8' })), 'shredded')
      assert.equal(await store.get(alice), 'shredded')
      assert.equal(await store.total(), 0)
      assert.deepEqual(await store.ledger(0), [expected])
    },
  },
  {
    group,
    name: 'a scope that never had a key can be shredded, and gets none from then on',
    run: async ({ store }) => {
      assert.deepEqual(await store.shred(alice, reason, 5), entry(1, { keyId: undefined, reason, shreddedAt: 5 }))
      assert.equal(await store.putIfAbsent(wrappedKey()), 'shredded')
      assert.equal(await store.get(alice), 'shredded')
    },
  },
  {
    group,
    name: 'a second shredding answers with the first entry and adds none',
    run: async ({ store }) => {
      await store.putIfAbsent(wrappedKey())
      const first = await store.shred(alice, reason, 1)
      assert.deepEqual(await store.shred(alice, 'another reason', 2), first)
      assert.deepEqual(await wholeLedger(store), [first])
    },
  },
  {
    group,
    name: 'of first calls and shreddings at once each gets the key or nothing, and in the end it is gone',
    run: async ({ store }) => {
      for (const round of Array.from({ length: 8 }, (_, index) => index)) {
        const scope = { ...alice, subject: `subject-${round}` }
        const puts = Array.from({ length: 4 }, (_, i) => store.putIfAbsent(wrappedKey({ ...scope, keyId: `key-${i}` })))
        const [shredded, ...got] = await Promise.all([store.shred(scope, reason, 1), ...puts])
        const ids = new Set(got.flatMap((key) => (key === 'shredded' ? [] : [key.keyId])))
        assert.ok(ids.size <= 1)
        if (ids.size === 1) assert.ok(ids.has(String(shredded.keyId)))
        assert.equal(await store.get(scope), 'shredded')
      }
      assert.equal(await store.total(), 0)
    },
  },
  {
    group,
    name: 'the ledger has no gaps, also after shreddings at once and ones that were repeated',
    run: async ({ store }) => {
      const subjects = Array.from({ length: 40 }, (_, index) => `subject-${index % 20}`)
      await Promise.all(subjects.map((subject) => store.shred({ tenant, subject }, reason, 1)))
      const ledger = await wholeLedger(store, 7)
      assert.deepEqual(
        ledger.map(({ number }) => number),
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
      assert.equal(new Set(ledger.map(({ subject }) => subject)).size, 20)
      assert.deepEqual(await store.ledger(18), ledger.slice(18))
      assert.deepEqual(await store.ledger(20), [])
      assert.deepEqual(await store.ledger(3, 2), ledger.slice(3, 5))
    },
  },
  {
    group,
    needs: 'shared',
    name: 'the ledger has no gaps after shreddings in several processes',
    run: async ({ store, another }) => {
      const stores = [store, await another(), await another()]
      const subjects = Array.from({ length: 40 }, (_, index) => `subject-${index}`)
      await Promise.all(subjects.flatMap((subject) => stores.map((each) => each.shred({ tenant, subject }, reason, 1))))
      assert.deepEqual(
        (await wholeLedger(store)).map(({ number }) => number),
        Array.from({ length: 40 }, (_, index) => index + 1),
      )
    },
  },
  {
    group,
    name: 'a ledger page has 100 entries by default; a limit, number or reason that makes no sense is refused',
    run: async ({ store }) => {
      await store.replay(Array.from({ length: 150 }, (_, i) => entry(i + 1, { subject: `subject-${i}` })))
      assert.equal((await store.ledger(0)).length, 100)
      assert.equal((await store.ledger(0, 1000)).length, 150)
      for (const limit of [0, -1, 1.5, 10_001]) await assert.rejects(store.ledger(0, limit), RangeError)
      for (const after of [-1, 1.5, Number.NaN]) await assert.rejects(store.ledger(after), RangeError)
      await assert.rejects(store.shred(alice, reason, -1), RangeError)
      await assert.rejects(store.replay([entry(0)]), RangeError)
      await refused('invalid_key', [
        ...badKeys.map((bad) => store.shred(alice, bad, 1)),
        store.shred({ tenant, subject: 'a\0' }, reason, 1),
        store.replay([entry(1), entry(2, { subject: 'b', keyId: '' })]),
      ])
      assert.equal(await store.get(alice), undefined)
    },
  },
]
