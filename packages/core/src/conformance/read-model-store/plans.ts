// Plans: one pointer per read model and version, which changes only from a known revision.
import assert from 'node:assert/strict'
import { noPlan } from '../../stores/read-model/view-plan.ts'
import type { ViewPlan } from '../../stores/read-model/view-plan.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'plans'
const building = (revision: number, number = 1): ViewPlan => ({
  revision,
  live: undefined,
  building: { number, since: 0 },
  wanted: 'running',
})
const full: ViewPlan = {
  revision: 1,
  live: { number: 3, since: 2 ** 40 },
  building: { number: 4, since: 2 ** 40 + 1 },
  wanted: 'paused',
}

export const planCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'a plan that was never written is at revision 0, and nothing is live',
    run: async ({ store }) => {
      assert.deepEqual(await store.plan('orders', 1), noPlan)
      assert.equal(typeof store.isShared, 'boolean')
    },
  },
  {
    group,
    name: 'a change from the stored revision is kept whole',
    run: async ({ store }) => {
      const plans: readonly ViewPlan[] = [
        full,
        { revision: 2, live: full.building, building: undefined, wanted: 'stopped' },
        { revision: 3, live: undefined, building: undefined, wanted: 'running' },
      ]
      for (const plan of plans) {
        assert.equal(await store.changePlan('orders', 1, plan), true)
        assert.deepEqual(await store.plan('orders', 1), plan)
      }
    },
  },
  {
    group,
    name: 'a change from another revision does nothing',
    run: async ({ store }) => {
      assert.equal(await store.changePlan('orders', 1, building(2)), false)
      assert.deepEqual(await store.plan('orders', 1), noPlan)
      assert.equal(await store.changePlan('orders', 1, building(1)), true)
      assert.equal(await store.changePlan('orders', 1, building(2, 2)), true)
      for (const revision of [0, 1, 2, 4, 10])
        assert.equal(await store.changePlan('orders', 1, building(revision, 9)), false)
      assert.deepEqual(await store.plan('orders', 1), building(2, 2))
    },
  },
  {
    group,
    name: 'of many changes from one revision exactly one is made',
    run: async ({ store }) => {
      for (const revision of [1, 2]) {
        const made = await Promise.all(
          [1, 2, 3, 4, 5, 6, 7, 8].map((number) => store.changePlan('orders', 1, building(revision, number))),
        )
        assert.equal(made.filter(Boolean).length, 1)
        assert.deepEqual(await store.plan('orders', 1), building(revision, made.indexOf(true) + 1))
      }
    },
  },
  {
    group,
    name: 'names and versions have plans of their own',
    run: async ({ store }) => {
      const places = [
        ['orders', 1],
        ['orders', 2],
        ['orders', 11],
        ['Orders', 1],
        ['orders.1', 1],
        ['Bestellungen für 🧺', 1],
        ['x'.repeat(300), 1],
      ] as const
      for (const [at, [name, version]] of places.entries())
        assert.equal(await store.changePlan(name, version, building(1, at + 1)), true)
      for (const [at, [name, version]] of places.entries())
        assert.deepEqual(await store.plan(name, version), building(1, at + 1), name)
      assert.deepEqual(await store.plan('orders', 3), noPlan)
      assert.deepEqual(await store.views(), [], 'a plan makes no view')
    },
  },
  {
    group,
    name: 'a plan that is removed was never written; others stay',
    run: async ({ store }) => {
      await store.removePlan('orders', 1)
      for (const version of [1, 2]) await store.changePlan('orders', version, { ...full, revision: 1 })
      await store.removePlan('orders', 1)
      assert.deepEqual(await store.plan('orders', 1), noPlan)
      assert.deepEqual(await store.plan('orders', 2), full)
      assert.equal(await store.changePlan('orders', 1, building(2)), false)
      assert.equal(await store.changePlan('orders', 1, building(1)), true)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'a plan is there when the store is opened again',
    run: async ({ store, reopen }) => {
      await store.changePlan('orders', 1, full)
      await store.changePlan('orders', 2, building(1))
      await store.removePlan('orders', 2)
      const opened = await reopen()
      assert.deepEqual(await opened.plan('orders', 1), full)
      assert.deepEqual(await opened.plan('orders', 2), noPlan)
      assert.equal(await opened.changePlan('orders', 1, building(1)), false)
      assert.equal(await opened.changePlan('orders', 1, building(2)), true)
    },
  },
]
