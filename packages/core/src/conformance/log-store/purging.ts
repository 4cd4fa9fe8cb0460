// Lines go when they are purged, when they are too old, and when a tenant is emptied; no others.
import assert from 'node:assert/strict'
import { numbersOf } from '../random-numbers.ts'
import { everyPage, line, startUs, tenant, textsOf } from './given.ts'
import type { LogStoreCase } from './given.ts'
import { logSteps, playLogSteps } from './steps.ts'

const group = 'purging'
const hundredYearsMs = 3_155_760_000_000

export const purgingCases: readonly LogStoreCase[] = [
  {
    group,
    name: 'a purge removes what was logged before a time, of a tenant or of all, and tells how many',
    run: async ({ store }) => {
      await store.append(
        ['left', 'right'].flatMap((each) =>
          [2, 0, 1].map((offset) => line(`${each} ${offset}`, { tenant: each, at: startUs + offset })),
        ),
      )
      assert.equal(await store.purge(startUs + 1, 'left'), 1)
      assert.deepEqual(await textsOf(store, { order: 'oldest' }), ['left 2', 'left 1', 'right 2', 'right 0', 'right 1'])
      assert.equal(await store.purge(startUs + 2), 3)
      assert.deepEqual(await textsOf(store, { order: 'oldest' }), ['left 2', 'right 2'])
      assert.equal(await store.purge(startUs + 2), 0)
    },
  },
  {
    group,
    name: 'an id is never used again',
    run: async ({ store }) => {
      await store.append([line('a'), line('b')])
      const [last] = (await store.list({})).items
      await store.purge(startUs + 1)
      await store.append([line('c')])
      const [next] = (await store.list({})).items
      assert.ok((next?.id ?? 0) > (last?.id ?? Number.POSITIVE_INFINITY))
      assert.equal(await store.get(last?.id ?? 1), undefined)
      await store.reset()
      await store.append([line('d')])
      assert.ok(((await store.list({})).items[0]?.id ?? 0) > (next?.id ?? Number.POSITIVE_INFINITY))
    },
  },
  {
    group,
    name: 'without a retention lines are kept; with one, what is too old goes at once and with later lines',
    run: async ({ store }) => {
      await store.append([line('old', { at: 1 }), line('new', { at: startUs })])
      assert.equal(await store.retention(), undefined)
      await store.setRetention(hundredYearsMs)
      assert.equal(await store.retention(), hundredYearsMs)
      assert.equal(await store.total(), 2)
      // The year 1970 is over for any clock; a line of the year 2200 is over for none.
      const far = Date.UTC(2200, 0) * 1000
      await store.setRetention(1)
      assert.deepEqual(await textsOf(store), [])
      await store.append([line('far', { at: far }), line('past', { at: 1 })])
      assert.deepEqual(await textsOf(store), ['far'])
      await store.setRetention(undefined)
      assert.equal(await store.retention(), undefined)
      await store.append([line('past', { at: 1 })])
      assert.deepEqual(await textsOf(store), ['past', 'far'])
      for (const wrong of [0, -1, 1.5, hundredYearsMs + 1]) await assert.rejects(store.setRetention(wrong), RangeError)
    },
  },
  {
    group,
    name: 'a reset removes the lines of a tenant, or of all, and the store goes on',
    run: async ({ store }) => {
      await store.setRetention(hundredYearsMs)
      await store.append(['left', 'right', ''].map((each) => line(each, { tenant: each })))
      await store.reset('left')
      assert.deepEqual(await textsOf(store), ['', 'right'])
      await store.reset('')
      await store.append([line('again', { tenant: 'left' })])
      assert.deepEqual(await textsOf(store), ['again', 'right'])
      await store.reset()
      assert.deepEqual(await textsOf(store), [])
      assert.equal(await store.retention(), hundredYearsMs)
      await store.append([line('a')])
      assert.deepEqual(await textsOf(store), ['a'])
    },
  },
  ...[1, 2, 3].map((seed): LogStoreCase => ({
    group: 'histories',
    name: `any sequence of appends, purges, searches and resets is what a list would hold, in every tenant (${seed})`,
    run: ({ store }) => playLogSteps(store, logSteps(numbersOf(seed, 60))),
  })),
  {
    group: 'reopening',
    needs: 'durable',
    name: 'lines and the retention are there when the store is opened again, and ids go on',
    run: async ({ store, reopen }) => {
      await store.setRetention(hundredYearsMs)
      await store.append(['a', 'b', 'c'].map((text) => line(text)))
      const before = await everyPage(store, {}, 10)
      await store.purge(startUs + 1, 'tenant-2')
      const opened = await reopen()
      assert.deepEqual(await everyPage(opened, {}, 10), before)
      assert.equal(await opened.retention(), hundredYearsMs)
      await opened.append([line('d')])
      assert.ok(((await opened.list({})).items[0]?.id ?? 0) > (before[0]?.id ?? Number.POSITIVE_INFINITY))
    },
  },
  {
    group: 'sharing',
    needs: 'shared',
    name: 'what one appends, purges and limits is so for the other',
    run: async ({ store, another }) => {
      const other = await another()
      await Promise.all([0, 1, 2, 3].map((index) => (index % 2 === 0 ? store : other).append([line(String(index))])))
      const texts = await textsOf(store)
      assert.deepEqual([...texts].sort(), ['0', '1', '2', '3'])
      assert.deepEqual(await textsOf(other), texts)
      assert.equal(await other.purge(startUs + 1, tenant), 4)
      assert.deepEqual(await textsOf(store), [])
      await store.setRetention(1)
      assert.equal(await other.retention(), 1)
      await other.append([line('old', { at: 1 })])
      assert.deepEqual(await textsOf(store), [])
    },
  },
]
