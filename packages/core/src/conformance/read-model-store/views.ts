// Views and tenants are apart; the same view opened twice is the same rows.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import { at, flushed, orders, row, tenant } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'views'
export const viewCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'names, versions and generations are views of their own',
    run: async ({ store }) => {
      const names = [
        orders,
        { ...orders, modelVersion: 2 },
        { ...orders, generation: 1 },
        { ...orders, modelVersion: 11 },
        { ...orders, modelVersion: 1, generation: 11 },
        ...[
          'Orders',
          'orders.1',
          'orders/1',
          '../orders',
          'orders ',
          'Bestellungen für 🧺',
          'x'.repeat(300),
          '.',
          'con',
        ].map((name) => ({ ...orders, name })),
      ]
      for (const [index, name] of names.entries()) await flushed(await store.open(name), 0, [row('a', index)])
      for (const [index, name] of names.entries()) {
        const view = await store.open(name)
        assert.deepEqual(view.view, name)
        assert.deepEqual(await view.list(tenant, {}), { rows: [String(index)], total: 1 })
      }
    },
  },
  {
    group,
    name: 'a view that is opened twice has one checkpoint and the same rows',
    run: async ({ store }) => {
      const [one, other] = await Promise.all([store.open(orders), store.open(orders)])
      await flushed(one, 0, [row('a', 1)])
      assert.deepEqual(await other.checkpoint(), at(1))
      assert.equal(await other.get({ tenant, key: 'a' }), '1')
      assert.equal(await other.flush({ expected: at(0), next: at(1), writes: [] }), false)
    },
  },
  {
    group,
    name: 'tenants do not meet: the same key is a row of each',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await flushed(view, 0, [
        row('a', 'left', 'left'),
        row('a', 'right', 'right'),
        row('a', 'none', ''),
        row('b', 'right', 'right'),
      ])
      await flushed(view, 1, [row('a', undefined, 'left')])
      assert.deepEqual(
        await view.load([
          { tenant: 'left', key: 'a' },
          { tenant: 'right', key: 'a' },
          { tenant: '', key: 'a' },
        ]),
        [undefined, '"right"', '"none"'],
      )
      assert.deepEqual(await view.list('left', {}), { rows: [], total: 0 })
      assert.deepEqual(await view.list('right', {}), { rows: ['"right"', '"right"'], total: 2 })
      assert.deepEqual(await view.list('', {}), { rows: ['"none"'], total: 1 })
      assert.deepEqual(await view.find('', { equals: [], orderBy: undefined, limit: 10, offset: 0 }), {
        rows: ['"none"'],
        total: 1,
      })
    },
  },
  {
    group,
    name: 'a closed store refuses flushes and reads',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await store[Symbol.asyncDispose]()
      const closed = (error: unknown): boolean => isGestaError(error, 'store_closed')
      await assert.rejects(view.flush({ expected: at(0), next: at(1), writes: [] }), closed)
      await assert.rejects(view.get({ tenant, key: 'a' }), closed)
      await assert.rejects(view.list(tenant, {}), closed)
      await assert.rejects(store.open(orders), closed)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'rows and checkpoint are there when the store is opened again',
    run: async ({ store, reopen }) => {
      const view = await store.open(orders)
      await flushed(view, 0, [row('a', 1), row('b', 2)])
      await flushed(view, 1, [row('b', undefined)])
      const opened = await (await reopen()).open(orders)
      assert.deepEqual(await opened.checkpoint(), at(2))
      assert.deepEqual(await opened.list(tenant, {}), { rows: ['1'], total: 1 })
      await flushed(opened, 2, [row('c', 3)])
    },
  },
]
