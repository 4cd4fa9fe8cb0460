// What was saved last in the history of its stream is what is found, exactly, and only for the shape and log that it was made for.
import assert from 'node:assert/strict'
import { refused } from '../refused.ts'
import { order, snapshot, versionAt } from './given.ts'
import type { SnapshotStoreCase } from './given.ts'

const group = 'saving'
export const savingCases: readonly SnapshotStoreCase[] = [
  {
    group,
    name: 'an aggregate without a snapshot has none',
    run: async ({ store }) => {
      assert.equal(await store.latest(order, 1, 'log-1'), undefined)
      await store.save(snapshot({ aggregateId: 'order-2' }))
      await store.save(snapshot({ aggregateType: 'Invoice' }))
      assert.equal(await store.latest(order, 1, 'log-1'), undefined)
    },
  },
  {
    group,
    name: 'a snapshot comes back with every field, and its state as the exact text',
    run: async ({ store }) => {
      const states = ['{ "b" : 1.10, "a" : -0 }', String.raw`"\u0000\ud800"`, 'null', `"🧺${'x'.repeat(300_000)}"`]
      for (const [index, state] of states.entries()) {
        const given = snapshot({ version: index + 1, state, personal: index % 2 === 1, takenAt: 0 })
        await store.save(given)
        assert.deepEqual(await store.latest(order, 1, 'log-1'), given)
      }
    },
  },
  {
    group,
    name: 'the latest version wins, whatever the order of the saves',
    run: async ({ store }) => {
      for (const version of [3, 1, 7, 2, 5]) await store.save(snapshot({ version }))
      assert.equal(await versionAt(store), 7)
      assert.equal((await store.latest(order, 1, 'log-1'))?.state, '{"version":7}')
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'of many saves at once the latest version wins',
    run: async ({ store }) => {
      const versions = Array.from({ length: 50 }, (_, index) => ((index * 37) % 50) + 1)
      await Promise.all(versions.map((version) => store.save(snapshot({ version }))))
      assert.equal(await versionAt(store), 50)
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'a save of the same version replaces: the shape may have been corrected',
    run: async ({ store }) => {
      await store.save(snapshot({ state: '1' }))
      await store.save(snapshot({ state: '2', personal: true }))
      assert.deepEqual(await store.latest(order, 1, 'log-1'), snapshot({ state: '2', personal: true }))
    },
  },
  {
    group,
    name: 'each shape of the state has its own snapshot, and another one is not found',
    run: async ({ store }) => {
      await store.save(snapshot({ stateVersion: 1, version: 9 }))
      assert.equal(await store.latest(order, 2, 'log-1'), undefined)
      await store.save(snapshot({ stateVersion: 2, version: 4 }))
      assert.equal((await store.latest(order, 1, 'log-1'))?.version, 9)
      assert.equal((await store.latest(order, 2, 'log-1'))?.version, 4)
      assert.equal(await store.total(), 2)
    },
  },
  {
    group,
    name: 'a snapshot of another incarnation is not found, and is replaced whatever its version',
    run: async ({ store }) => {
      await store.save(snapshot({ version: 9 }))
      assert.equal(await store.latest(order, 1, 'log-2'), undefined)
      await store.save(snapshot({ version: 2, incarnation: 'log-2' }))
      assert.equal((await store.latest(order, 1, 'log-2'))?.version, 2)
      assert.equal(await store.latest(order, 1, 'log-1'), undefined)
      assert.equal(await store.total(), 1)
    },
  },
  {
    group,
    name: 'aggregates with the longest names are kept apart',
    run: async ({ store }) => {
      const names = ['€'.repeat(512), `${'€'.repeat(511)}x`]
      const keys = names.flatMap((of) =>
        names.flatMap((aggregateType) => names.map((aggregateId) => ({ tenant: of, aggregateType, aggregateId }))),
      )
      for (const [index, key] of keys.entries()) await store.save(snapshot({ ...key, version: index + 1 }))
      for (const [index, key] of keys.entries()) assert.equal(await versionAt(store, key), index + 1)
      await store.delete(keys[0] ?? order)
      assert.deepEqual([await store.total(names[0]), await store.total()], [3, 7])
    },
  },
  {
    group,
    name: 'what cannot be kept exactly is refused, and nothing is saved',
    run: async ({ store }) => {
      const keys = ['', 'a\0', 'a\ud800', 'x'.repeat(513)]
      await refused('invalid_key', [
        ...keys.map((aggregateId) => store.save(snapshot({ aggregateId }))),
        ...keys.map((aggregateType) => store.save(snapshot({ aggregateType }))),
        ...keys.map((incarnation) => store.save(snapshot({ incarnation }))),
        ...keys.slice(1).map((of) => store.save(snapshot({ tenant: of }))),
        ...['', 'command', '.1', 'a\0.1', 'a\ud800.1'].map((eventId) => store.save(snapshot({ eventId }))),
      ])
      await refused(
        'invalid_output',
        ['', '"\0"', '"\ud800"'].map((state) => store.save(snapshot({ state }))),
      )
      for (const number of [-1, 1.5, Number.NaN, 2 ** 53]) {
        await assert.rejects(store.save(snapshot({ version: number })), RangeError)
        await assert.rejects(store.save(snapshot({ stateVersion: number })), RangeError)
        await assert.rejects(store.save(snapshot({ takenAt: number })), RangeError)
      }
      await assert.rejects(store.save(snapshot({ version: 0 })), RangeError)
      assert.equal(await store.total(), 0)
    },
  },
  {
    group,
    name: 'a question with a key that cannot be one is refused',
    run: async ({ store }) => {
      const key = { ...order, aggregateId: '' }
      await refused('invalid_key', [
        store.latest(key, 1, 'log-1'),
        store.latest({ ...order, aggregateType: 'a\0' }, 1, 'log-1'),
        store.delete(key),
        store.deletePersonal('a\0'),
        store.removals('a\ud800'),
        store.total('a\0'),
        store.reset('a\0'),
      ])
    },
  },
  {
    group,
    needs: 'durable',
    name: 'snapshots and the numbers of removals are there when the store is opened again',
    run: async ({ store, reopen }) => {
      await store.save(snapshot({ version: 3 }))
      await store.deletePersonal('tenant-2')
      const opened = await reopen()
      assert.deepEqual(await opened.latest(order, 1, 'log-1'), snapshot({ version: 3 }))
      assert.equal(await opened.removals('tenant-2'), 1)
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      await store.save(snapshot())
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.save(snapshot()),
        store.latest(order, 1, 'log-1'),
        store.removals(order.tenant),
        store.delete(order),
        store.deletePersonal(order.tenant),
        store.total(),
        store.reset(),
        store.info(),
      ])
    },
  },
]
