// Whatever is done in whatever order, the cache shows what a map would hold; and others see the same, where they can.
import assert from 'node:assert/strict'
import { numbersOf } from '../random-numbers.ts'
import { at, entriesOf, hourMs, tenant } from './given.ts'
import type { CacheStoreCase } from './given.ts'
import { cacheSteps, playCacheSteps } from './steps.ts'

export const historyCases: readonly CacheStoreCase[] = [
  ...[1, 2, 3].map((seed): CacheStoreCase => ({
    group: 'histories',
    name: `any sequence of sets, deletes, lists and flushes is what a map would hold, in every tenant (${seed})`,
    run: ({ store }) => playCacheSteps(store, cacheSteps(numbersOf(seed, 80))),
  })),
  {
    group: 'reopening',
    needs: 'durable',
    name: 'entries are there when the store is opened again, and what was flushed is not',
    run: async ({ store, reopen }) => {
      await store.set(at('a'), '1')
      await store.set(at('b'), '2', { ttlMs: hourMs })
      await store.set(at('a', 'tenant-2'), '3')
      await store.flush('tenant-2')
      const opened = await reopen()
      assert.deepEqual(await entriesOf(opened), [
        ['a', '1'],
        ['b', '2'],
      ])
      assert.deepEqual(await entriesOf(opened, 'tenant-2'), [])
    },
  },
  {
    group: 'sharing',
    needs: 'shared',
    name: 'what one sets, deletes and flushes is so for the other',
    run: async ({ store, another }) => {
      const other = await another()
      await store.set(at('a'), '1')
      await other.set(at('b'), '2')
      assert.deepEqual([await other.get(at('a')), await store.get(at('b'))], ['1', '2'])
      assert.equal(await other.delete(at('a')), true)
      assert.equal(await store.get(at('a')), undefined)
      await store.flush(tenant)
      assert.equal(await other.get(at('b')), undefined)
      await other.set(at('c'), '3')
      await store.flush()
      assert.deepEqual(await entriesOf(other), [])
    },
  },
  {
    group: 'sharing',
    needs: 'shared',
    name: 'what is set while others flush is found whole or not at all, and listed if it is found',
    run: async ({ store, another }) => {
      const other = await another()
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => [
          store.set(at(`key-${index}`), String(index)),
          index % 10 === 9 ? other.flush(index % 20 === 9 ? tenant : undefined) : other.get(at(`key-${index}`)),
        ]).flat(),
      )
      const listed = new Map(await entriesOf(store))
      for (let index = 0; index < 50; index += 1) {
        const found = await other.get(at(`key-${index}`))
        assert.ok(found === undefined || found === String(index))
        assert.equal(listed.get(`key-${index}`), found)
      }
      assert.equal(await other.total(tenant), listed.size)
    },
  },
]
