// Parked events move with the checkpoint, and wait in the order of the log.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { ParkedEvent, ParkedFilter } from '../../stores/read-model/parked-event.ts'
import type { View } from '../../stores/read-model/read-model-store.ts'
import { at, orders, parks, row, tenant, waiting } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'parking'
const positions = async (view: View, filter?: ParkedFilter): Promise<readonly number[]> =>
  (await view.parked(filter)).map(({ position }) => position)

export const parkingCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'a view has no parked events at first',
    run: async ({ store }) => {
      const view = await store.open(orders)
      assert.deepEqual(await view.parked(), [])
      assert.deepEqual(await view.parked({ discarded: true }), [])
      assert.equal(await view.totalParked(), 0)
    },
  },
  {
    group,
    name: 'parked events, rows and checkpoint move together, or not at all',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const park = [waiting(1)]
      assert.equal(await view.flush({ expected: at(3), next: at(4), writes: [row('a', 1)], park }), false)
      assert.equal(await view.totalParked(), 0)
      assert.equal(await view.flush({ expected: at(0), next: at(1), writes: [row('a', 1)], park }), true)
      assert.deepEqual(await view.parked(), park)
      assert.deepEqual(await view.checkpoint(), at(1))
      const stale = { expected: at(0), next: at(1), writes: [row('a', 2)], park: [waiting(2)], unpark: [1] }
      assert.equal(await view.flush(stale), false)
      assert.deepEqual(await view.parked(), park)
      assert.equal(await view.get({ tenant, key: 'a' }), '1')
    },
  },
  {
    group,
    name: 'parked events are listed in the order of the log, whenever they were parked',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(10), waiting(9)])
      await parks(view, 1, [waiting(100), waiting(2), waiting(2 ** 40)])
      assert.deepEqual(await positions(view), [2, 9, 10, 100, 2 ** 40])
      assert.equal(await view.totalParked(), 5)
    },
  },
  {
    group,
    name: 'an event that is parked again is written over',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1), waiting(2)])
      const again: ParkedEvent = {
        ...waiting(1),
        rows: ['a', 'b'],
        attempts: 9,
        error: 'TypeError',
        parkedAt: 77,
      }
      await parks(view, 1, [again])
      assert.deepEqual(await view.parked(), [again, waiting(2)])
      assert.equal(await view.totalParked(), 2)
    },
  },
  {
    group,
    name: 'events that were taken are no longer parked; unknown ones are passed over',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1), waiting(2), waiting(3)])
      const taken = { expected: at(1), next: at(2), writes: [row('a', 1)], unpark: [1, 3, 99], park: [waiting(4)] }
      assert.equal(await view.flush(taken), true)
      assert.deepEqual(await view.parked(), [waiting(2), waiting(4)])
    },
  },
  {
    group,
    name: 'a flush that stays where it is settles parked events without a step',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const settle = { expected: at(0), next: at(0), writes: [row('a', 1)] }
      assert.equal(await view.flush(settle), true)
      await parks(view, 0, [waiting(1)])
      assert.equal(await view.flush({ expected: at(1), next: at(1), writes: [row('a', 2)], unpark: [1] }), true)
      assert.deepEqual(await view.checkpoint(), at(1))
      assert.equal(await view.totalParked(), 0)
      assert.equal(await view.get({ tenant, key: 'a' }), '2')
      assert.equal(await view.flush(settle), false)
    },
  },
  {
    group,
    name: 'lists of parked events are narrowed by tenant and key, and read on after a position',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [
        waiting(1, { tenant: '', key: 'a' }),
        waiting(2, { key: 'a' }),
        waiting(3, { key: 'b' }),
        waiting(4, { key: 'a' }),
        waiting(5, { key: 'A' }),
        waiting(6, { key: '' }),
      ])
      assert.deepEqual(await positions(view, {}), [1, 2, 3, 4, 5, 6])
      assert.deepEqual(await positions(view, { key: 'a' }), [1, 2, 4])
      assert.deepEqual(await positions(view, { tenant }), [2, 3, 4, 5, 6])
      assert.deepEqual(await positions(view, { tenant: '', key: 'a' }), [1])
      assert.deepEqual(await positions(view, { tenant, key: '' }), [6])
      assert.deepEqual(await positions(view, { tenant, key: 'a', after: 2 }), [4])
      assert.deepEqual(await positions(view, { after: 1, limit: 2 }), [2, 3])
      assert.deepEqual(await positions(view, { after: 6 }), [])
    },
  },
  {
    group,
    name: 'a list has 100 parked events by default and 10,000 at most; other limits are refused',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(
        view,
        0,
        Array.from({ length: 150 }, (_, index) => waiting(index + 1)),
      )
      assert.equal((await view.parked()).length, 100)
      assert.equal((await view.parked({ limit: 10_000 })).length, 150)
      assert.equal(await view.totalParked(), 150)
      for (const limit of [0, -1, 1.5, 10_001]) await assert.rejects(view.parked({ limit }), RangeError)
      for (const after of [-1, 1.5, Number.NaN]) await assert.rejects(view.parked({ after }), RangeError)
    },
  },
  {
    group,
    name: 'their texts come back exactly; what no backend can keep is refused, and the flush with it',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const odd = `'"\\ \u{1f9fa} e\u0301 \u00e9 $1 %s {"a":[1]} \n`
      const event = waiting(1, {
        tenant: odd,
        key: 'x'.repeat(2_000),
        eventId: odd,
        type: odd,
        rows: ['', odd, ','],
        attempts: 2 ** 31,
        error: '',
        parkedAt: 2 ** 52,
        asked: 'discard',
        reason: odd.repeat(100),
      })
      await parks(view, 0, [event, waiting(2, { key: odd })])
      assert.deepEqual(await view.parked(), [event, waiting(2, { key: odd })])
      assert.deepEqual(await positions(view, { key: odd }), [2])
      for (const fields of [{ key: 'a\0' }, { tenant: '\ud800' }, { rows: ['\ud800'] }, { error: '\0' }]) {
        const flush = { expected: at(1), next: at(2), writes: [row('a', 1)], park: [waiting(3, fields)] }
        await assert.rejects(view.flush(flush), (error) => isGestaError(error, 'invalid_key'))
      }
      for (const fields of [{ position: 0 }, { position: 1.5 }, { attempts: -1 }, { parkedAt: Number.NaN }])
        await assert.rejects(
          view.flush({ expected: at(1), next: at(2), writes: [row('a', 1)], park: [waiting(3, fields)] }),
          RangeError,
        )
      assert.deepEqual(await view.checkpoint(), at(1))
      assert.deepEqual(await view.scan(), [])
    },
  },
  {
    group,
    name: 'a reset removes parked events, also the discarded ones',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1), waiting(2, { discarded: true })])
      await view.reset()
      assert.equal(await view.totalParked(), 0)
      assert.deepEqual(await view.parked({ discarded: true }), [])
      await parks(view, 0, [waiting(2)])
      assert.deepEqual(await view.parked(), [waiting(2)])
    },
  },
  {
    group,
    needs: 'durable',
    name: 'parked events are there when the store is opened again',
    run: async ({ store, reopen }) => {
      const view = await store.open(orders)
      const record = waiting(2, { discarded: true, reason: 'no use' })
      await parks(view, 0, [waiting(1), record, waiting(3)])
      await view.askParked({ ask: 'discard', position: 3, reason: 'twice' })
      const opened = await (await reopen()).open(orders)
      assert.deepEqual(await opened.parked(), [waiting(1), waiting(3, { asked: 'discard', reason: 'twice' })])
      assert.deepEqual(await opened.parked({ discarded: true }), [record])
      assert.equal(await opened.totalParked(), 2)
    },
  },
]
