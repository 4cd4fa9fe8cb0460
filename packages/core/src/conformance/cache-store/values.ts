// What is found is what was set last, whole, and only until its time is over.
import assert from 'node:assert/strict'
import { payloadBytesMax } from '../../codec/json.ts'
import { badKeys, refused } from '../refused.ts'
import { at, entriesOf, hourMs, tenant } from './given.ts'
import type { CacheStoreCase } from './given.ts'

const group = 'values'
/** Looks at an entry that is about to expire; each costs a memory store less than a microsecond and a server some hundred. */
const looksMax = 2_000_000

export const valueCases: readonly CacheStoreCase[] = [
  {
    group,
    name: 'a value comes back as the exact text that was set',
    run: async ({ store }) => {
      const values = [
        '-0',
        ' { "b" : 1, "a" : 1.10 } ',
        String.raw`"\u0000\ud800"`,
        '"👩‍👩‍👧‍👦 \u00e9 e\u0301"',
        'null',
        '""',
        `"${'x'.repeat(300_000)}"`,
      ]
      for (const [index, value] of values.entries()) await store.set(at(`k${index}`), value)
      for (const [index, value] of values.entries()) assert.equal(await store.get(at(`k${index}`)), value)
      assert.deepEqual(
        (await entriesOf(store)).map(([, value]) => value),
        values,
      )
    },
  },
  {
    group,
    name: 'a value is replaced by the next one, and gone when it was deleted',
    run: async ({ store }) => {
      assert.equal(await store.get(at('a')), undefined)
      await store.set(at('a'), '1')
      await store.set(at('a'), '2')
      assert.equal(await store.get(at('a')), '2')
      assert.equal(await store.total(), 1)
      assert.equal(await store.delete(at('a')), true)
      assert.equal(await store.delete(at('a')), false)
      assert.equal(await store.get(at('a')), undefined)
      assert.equal(await store.total(), 0)
      await store.set(at('a'), '3')
      assert.equal(await store.get(at('a')), '3')
    },
  },
  {
    group,
    name: 'an entry vanishes when its time is over: from get, list, total and delete',
    run: async ({ store }) => {
      await store.set(at('short'), '1', { ttlMs: 5 })
      await store.set(at('long'), '2', { ttlMs: hourMs })
      let looks = 0
      while ((await store.get(at('short'))) !== undefined) assert.ok((looks += 1) < looksMax, 'It does not expire.')
      assert.deepEqual(await entriesOf(store), [['long', '2']])
      assert.deepEqual([await store.total(), await store.total(tenant)], [1, 1])
      assert.equal(await store.delete(at('short')), false)
    },
  },
  {
    group,
    name: 'a list tells how long each entry has left; a new value has a new time to live',
    run: async ({ store }) => {
      await store.set(at('a'), '1', { ttlMs: 1 })
      await store.set(at('a'), '2', { ttlMs: hourMs })
      const [entry] = (await store.list(tenant)).items
      assert.deepEqual({ ...entry, expiresInMs: 0 }, { tenant, key: 'a', value: '2', expiresInMs: 0 })
      const { expiresInMs = 0 } = entry ?? {}
      assert.ok(Number.isInteger(expiresInMs) && expiresInMs > hourMs / 2 && expiresInMs <= hourMs, `${expiresInMs}`)
    },
  },
  {
    group,
    needs: 'endless',
    name: 'an entry without a time to live has no end, also when the value before it had one',
    run: async ({ store }) => {
      await store.set(at('a'), '1', { ttlMs: hourMs })
      await store.set(at('a'), '2')
      await store.set(at('b'), '3')
      assert.deepEqual(
        (await store.list(tenant)).items.map(({ expiresInMs }) => expiresInMs),
        [undefined, undefined],
      )
    },
  },
  {
    group,
    name: 'a value of exactly the limit is kept, counted in bytes; one byte more is refused, and the old value stays',
    run: async ({ store }) => {
      const most = `"${'é'.repeat((payloadBytesMax - 2) / 2)}"`
      await store.set(at('a'), most)
      await refused('payload_too_large', [store.set(at('a'), `${most} `)])
      assert.equal((await store.get(at('a'))) === most, true)
    },
  },
  {
    group,
    name: 'what cannot be kept exactly is refused: keys, tenants, values, times to live',
    run: async ({ store }) => {
      for (const bad of badKeys) {
        await refused('invalid_key', [store.get(at(bad)), store.set(at(bad), '1'), store.delete(at(bad))])
        if (bad === '') continue
        await refused('invalid_key', [
          store.get(at('a', bad)),
          store.set(at('a', bad), '1'),
          store.delete(at('a', bad)),
          store.list(bad),
          store.list(tenant, { prefix: bad }),
          store.total(bad),
          store.flush(bad),
        ])
      }
      await refused(
        'invalid_output',
        ['', '"\0"', '"\ud800"'].map((value) => store.set(at('a'), value)),
      )
      for (const ttlMs of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 31_536_000_001])
        await assert.rejects(store.set(at('a'), '1', { ttlMs }), RangeError)
      assert.equal(await store.total(), 0)
    },
  },
]
