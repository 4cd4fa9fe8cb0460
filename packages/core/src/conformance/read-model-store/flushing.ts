// Rows and checkpoint move together, and only from where the checkpoint was expected.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import { at, flushed, orders, row, tenant } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'flushing'
export const flushingCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'a new view has no checkpoint and no rows',
    run: async ({ store }) => {
      const view = await store.open(orders)
      assert.deepEqual(view.view, orders)
      assert.equal(await view.checkpoint(), undefined)
      assert.equal(await view.get({ tenant, key: 'a' }), undefined)
      assert.deepEqual(await view.list(tenant, {}), { rows: [], total: 0 })
    },
  },
  {
    group,
    name: 'a flush writes rows, deletes rows and moves the checkpoint',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(view, 0, [row('a', 1), row('b', 2), row('c', 3)])
      await flushed(view, 1, [row('a', 10), row('b', undefined), row('missing', undefined), row('d', 4)])
      assert.deepEqual(await view.checkpoint(), at(2))
      assert.deepEqual(await view.load(['a', 'b', 'c', 'd'].map((key) => ({ tenant, key }))), [
        '10',
        undefined,
        '3',
        '4',
      ])
    },
  },
  {
    group,
    name: 'a row that is written twice in a flush has its last value',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(view, 0, [
        row('a', 1),
        row('a', 2),
        row('b', 1),
        row('b', undefined),
        row('c', undefined),
        row('c', 3),
      ])
      assert.deepEqual((await view.list(tenant, {})).rows, ['2', '3'])
    },
  },
  {
    group,
    name: 'a flush without rows moves the checkpoint',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(view, 0, [])
      assert.equal(await view.flush({ expected: at(1), next: at(500), writes: [] }), true)
      assert.deepEqual(await view.checkpoint(), at(500))
    },
  },
  {
    group,
    name: 'a flush from another position, or of another log, writes nothing',
    run: async ({ store }) => {
      const view = await store.open(orders)
      assert.equal(await view.flush({ expected: at(3), next: at(4), writes: [row('a', 1)] }), false)
      assert.equal(await view.checkpoint(), undefined)
      await flushed(view, 0, [row('a', 1)])
      for (const expected of [at(0), at(2), at(1, 'log-2'), at(0, 'log-2'), at(1, 'log-1', 'another.0')]) {
        assert.equal(await view.flush({ expected, next: at(9), writes: [row('a', 9), row('b', 9)] }), false)
      }
      assert.deepEqual(await view.checkpoint(), at(1))
      assert.deepEqual((await view.list(tenant, {})).rows, ['1'])
    },
  },
  {
    group,
    name: 'of many flushes from one position exactly one is written',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const moved = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((i) => view.flush({ expected: at(0), next: at(1), writes: [row('winner', i)] })),
      )
      const winner = moved.indexOf(true) + 1
      assert.equal(moved.filter(Boolean).length, 1)
      assert.equal(await view.get({ tenant, key: 'winner' }), String(winner))
    },
  },
  {
    group,
    name: 'rows come back as the exact text that was written',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const texts = [
        '-0',
        ' { "b" : 1, "a" : 1.10 } ',
        String.raw`"\u0000\ud800"`,
        '"👩‍👩‍👧‍👦 \u00e9 e\u0301"',
        'null',
        `"${'x'.repeat(300_000)}"`,
      ]
      await flushed(
        view,
        0,
        texts.map((value, index) => ({ tenant, key: `k${index}`, value })),
      )
      assert.deepEqual(await view.load(texts.map((_, index) => ({ tenant, key: `k${index}` }))), texts)
      assert.deepEqual((await view.list(tenant, {})).rows, texts)
      assert.equal(await view.get({ tenant, key: 'k1' }), texts[1])
    },
  },
  {
    group,
    name: 'a key or row that cannot be kept exactly is refused, and the flush with it',
    run: async ({ store }) => {
      const view = await store.open(orders)
      for (const key of ['', 'a\0', 'a\ud800', 'x'.repeat(513)]) {
        await assert.rejects(
          view.flush({ expected: at(0), next: at(1), writes: [row('good', 1), row(key, 1)] }),
          (error) => isGestaError(error, 'invalid_key'),
        )
      }
      const bad = { tenant, key: 'a', value: '"\ud800"' }
      await assert.rejects(view.flush({ expected: at(0), next: at(1), writes: [bad] }), (error) =>
        isGestaError(error, 'invalid_output'),
      )
      assert.equal(await view.checkpoint(), undefined)
      assert.equal(await view.get({ tenant, key: 'good' }), undefined)
    },
  },
  {
    group,
    name: 'a reset removes rows and checkpoint',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(view, 0, [row('a', 1), row('a', 1, 'tenant-2')])
      await view.reset()
      assert.equal(await view.checkpoint(), undefined)
      assert.deepEqual(await view.list(tenant, {}), { rows: [], total: 0 })
      assert.deepEqual(await view.list('tenant-2', {}), { rows: [], total: 0 })
      await flushed(view, 0, [row('b', 2)])
      assert.deepEqual((await view.list(tenant, {})).rows, ['2'])
    },
  },
  {
    group,
    name: 'many rows are loaded at once, in the order of the question',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const keys = Array.from({ length: 3000 }, (_, index) => `key-${index}`)
      await flushed(
        view,
        0,
        keys.map((key, index) => row(key, index)),
      )
      const asked = [...keys].reverse().flatMap((key) => [
        { tenant, key },
        { tenant, key: `no-${key}` },
      ])
      assert.deepEqual(
        await view.load(asked),
        [...keys.keys()].reverse().flatMap((index) => [String(index), undefined]),
      )
      assert.deepEqual(await view.load([]), [])
    },
  },
]
