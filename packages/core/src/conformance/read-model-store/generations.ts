// Generations: views of one read model beside each other, which are listed and removed one by one.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { ReadModelStore, ViewName } from '../../stores/read-model/read-model-store.ts'
import { at, flushed, orders, row, tenant, waiting } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'generations'
const named = (name: string, modelVersion: number, generation: number): ViewName => ({
  name,
  modelVersion,
  generation,
})
/** A view with a row, a parked event, a checkpoint and an owner. */
async function fill(store: ReadModelStore, name: ViewName): Promise<void> {
  const view = await store.open(name)
  await view.claim(5)
  const { generation: n } = name
  assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [row('a', n)], park: [waiting(1)] }), true)
}

export const generationCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'the views that there are, by name, version and generation',
    run: async ({ store }) => {
      assert.deepEqual(await store.views(), [])
      const sorted = [
        named('Orders', 1, 1),
        named('orders', 1, 1),
        named('orders', 1, 2),
        named('orders', 1, 10),
        named('orders', 2, 1),
        named('orders', 10, 1),
        named('orders/a', 1, 1),
        named('\uffee', 1, 1),
        named('🧺', 1, 1),
      ]
      for (const name of sorted.toReversed()) await store.open(name)
      await store.open(named('orders', 1, 2))
      assert.deepEqual(await store.views(), sorted)
    },
  },
  {
    group,
    name: 'what is done to one generation is not done to another',
    run: async ({ store }) => {
      for (const generation of [1, 2]) await fill(store, named('orders', 1, generation))
      const one = await store.open(named('orders', 1, 1))
      const two = await store.open(named('orders', 1, 2))
      await flushed(one, 1, [row('b', 1)])
      await one.claim(9)
      await one.askParked({ ask: 'discard', position: 1, reason: 'no use' })
      assert.deepEqual(await two.checkpoint(), at(1))
      assert.deepEqual(await two.scan(), [{ tenant, key: 'a', value: '2' }])
      assert.equal(await two.claim(6), true)
      assert.deepEqual(await two.parked(), [waiting(1)])
      await one.reset()
      assert.equal(await two.totalParked(), 1)
      assert.equal(await two.get({ tenant, key: 'a' }), '2')
    },
  },
  {
    group,
    name: 'a removed view is not listed, and others are as they were',
    run: async ({ store }) => {
      const names = [named('orders', 1, 1), named('orders', 1, 11), named('orders', 2, 1), named('orders-1', 1, 1)]
      for (const name of names) await fill(store, name)
      await store.remove(named('orders', 1, 1))
      assert.deepEqual(await store.views(), names.slice(1))
      for (const name of names.slice(1)) {
        const view = await store.open(name)
        assert.deepEqual(await view.checkpoint(), at(1))
        assert.equal(await view.get({ tenant, key: 'a' }), String(name.generation))
        assert.equal(await view.totalParked(), 1)
        assert.equal(await view.claim(4), false)
      }
    },
  },
  {
    group,
    name: 'a removed view that is opened again is empty, and nobody owns it',
    run: async ({ store }) => {
      await fill(store, orders)
      await store.remove(orders)
      const view = await store.open(orders)
      assert.equal(await view.checkpoint(), undefined)
      assert.deepEqual(await view.scan(), [])
      assert.deepEqual(await view.parked(), [])
      assert.equal(await view.claim(1), true)
      await flushed(view, 0, [row('b', 1)])
    },
  },
  {
    group,
    name: 'a view that is not there is removed without harm',
    run: async ({ store }) => {
      await store.remove(orders)
      await fill(store, orders)
      await store.remove({ ...orders, generation: 7 })
      await store.remove({ ...orders, name: 'missing' })
      assert.deepEqual(await store.views(), [orders])
      await store.remove(orders)
      await store.remove(orders)
      assert.deepEqual(await store.views(), [])
    },
  },
  {
    group,
    name: 'whoever has a removed view open is told that it is closed',
    run: async ({ store }) => {
      await fill(store, orders)
      const view = await store.open(orders)
      const other = await store.open({ ...orders, generation: 9 })
      await store.remove(orders)
      for (const refused of [
        view.checkpoint(),
        view.load([{ tenant, key: 'a' }]),
        view.flush({ expected: at(1), next: at(2), writes: [row('a', 2)] }),
        view.claim(9),
        view.get({ tenant, key: 'a' }),
        view.list(tenant, {}),
        view.find(tenant, { equals: [], orderBy: undefined, limit: 1, offset: 0 }),
        view.scan(),
        view.parked(),
        view.totalParked(),
        view.askParked({ ask: 'retry', tenant, key: 'a' }),
        view.reset(),
      ])
        await assert.rejects(refused, (error) => isGestaError(error, 'store_closed'))
      assert.deepEqual(await store.views(), [other.view], 'and nothing made it again')
      await flushed(other, 0, [])
    },
  },
  {
    group,
    needs: 'durable',
    name: 'views are listed and removed that nobody opened since the store was opened',
    run: async ({ store, reopen }) => {
      const kept = { ...orders, generation: 2 }
      for (const name of [orders, kept]) await fill(store, name)
      const opened = await reopen()
      assert.deepEqual(await opened.views(), [orders, kept])
      await opened.remove(orders)
      const again = await reopen()
      assert.deepEqual(await again.views(), [kept])
      assert.equal(await (await again.open(orders)).checkpoint(), undefined)
      assert.deepEqual(await (await again.open(kept)).checkpoint(), at(1))
    },
  },
]
