// What is removed is gone, does not come back with a state that was folded before, and takes nothing of its neighbours along.
import assert from 'node:assert/strict'
import { order, snapshot, tenant, versionAt } from './given.ts'
import type { SnapshotStoreCase } from './given.ts'

const group = 'removing'
export const removingCases: readonly SnapshotStoreCase[] = [
  {
    group,
    name: 'a delete removes all shapes of one aggregate, and of no other',
    run: async ({ store }) => {
      await store.save(snapshot({ stateVersion: 1 }))
      await store.save(snapshot({ stateVersion: 2 }))
      const others = [
        { ...order, aggregateId: 'order-2' },
        { ...order, aggregateType: 'Invoice' },
        { ...order, tenant: 'tenant-2' },
      ]
      for (const other of others) await store.save(snapshot(other))
      await store.delete(order)
      assert.equal(await store.latest(order, 1, 'log-1'), undefined)
      assert.equal(await store.latest(order, 2, 'log-1'), undefined)
      for (const other of others) assert.equal(await versionAt(store, other), 1)
      await store.delete(order)
      assert.equal(await store.total(), 3)
    },
  },
  {
    group,
    name: "an erasure removes a tenant's snapshots with personal data, and no others",
    run: async ({ store }) => {
      await store.save(snapshot({ personal: true }))
      await store.save(snapshot({ personal: true, stateVersion: 2 }))
      await store.save(snapshot({ personal: true, aggregateId: 'order-2' }))
      await store.save(snapshot({ aggregateId: 'order-3' }))
      await store.save(snapshot({ personal: true, tenant: 'tenant-2' }))
      assert.equal(await store.deletePersonal(tenant), 3)
      assert.equal(await store.deletePersonal(tenant), 0)
      assert.deepEqual([await store.total(tenant), await store.total('tenant-2')], [1, 1])
      assert.equal(await versionAt(store, { ...order, aggregateId: 'order-3' }), 1)
    },
  },
  {
    group,
    name: 'a state that was folded before a removal is not saved after it; one that was folded after it is',
    run: async ({ store }) => {
      const remove = [
        () => store.deletePersonal(tenant),
        () => store.delete({ ...order, aggregateId: 'order-2' }),
        () => store.reset(tenant),
        () => store.reset(),
      ]
      for (const each of remove) {
        const before = await store.removals(tenant)
        await each()
        await store.save(snapshot({ version: 9 }), before)
        assert.equal(await versionAt(store), undefined)
        const after = await store.removals(tenant)
        assert.ok(after > before)
        await store.save(snapshot({ version: 8 }), after)
        assert.equal(await versionAt(store), 8)
        await store.delete(order)
      }
    },
  },
  {
    group,
    name: 'saves that race with a removal leave nothing that was folded before it',
    run: async ({ store }) => {
      for (const round of Array.from({ length: 10 }, (_, index) => index)) {
        const known = await store.removals(tenant)
        const saves = Array.from({ length: 8 }, (_, index) =>
          store.save(snapshot({ aggregateId: `order-${round}-${index}`, personal: true }), known),
        )
        await Promise.all([...saves.slice(0, 4), store.deletePersonal(tenant), ...saves.slice(4)])
        assert.equal(await store.total(tenant), 0)
      }
    },
  },
  {
    group,
    name: 'a removal in one tenant does not keep another from saving',
    run: async ({ store }) => {
      const known = await store.removals(tenant)
      await store.deletePersonal('tenant-2')
      await store.delete({ ...order, tenant: '' })
      await store.reset('tenant-2')
      assert.equal(await store.removals(tenant), known)
      await store.save(snapshot(), known)
      assert.equal(await versionAt(store), 1)
    },
  },
  {
    group,
    name: 'a reset removes the snapshots of a tenant, or of all, and the store goes on',
    run: async ({ store }) => {
      for (const each of ['left', 'right', '']) await store.save(snapshot({ tenant: each }))
      await store.reset('left')
      await store.reset('none')
      assert.deepEqual([await store.total('left'), await store.total()], [0, 2])
      await store.reset('')
      assert.deepEqual([await store.total(''), await store.total('right')], [0, 1])
      await store.reset()
      assert.equal(await store.total(), 0)
      await store.save(snapshot())
      assert.equal(await versionAt(store), 1)
    },
  },
  {
    group,
    name: 'info tells the port, the backend and what is held',
    run: async ({ store }) => {
      await store.save(snapshot())
      await store.save(snapshot({ tenant: 'tenant-2' }))
      const { store: port, items, readOnly, backend } = await store.info()
      assert.deepEqual([port, items, readOnly], ['snapshot', 2, false])
      assert.ok(backend.length > 0)
    },
  },
]
