// What operators ask about parked events is noted for the owner, who does it with a flush.
import assert from 'node:assert/strict'
import { isGestaError } from '../../errors/gesta-error.ts'
import { discardedMax } from '../../stores/read-model/parked-event.ts'
import { at, orders, parks, tenant, waiting } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'parked requests'
const asked = 'retry'
const record = { discarded: true, reason: 'no use' }

export const parkedRequestCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'a retry is asked of all that waits for the key in its tenant',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const others = [waiting(2, { key: 'b' }), waiting(3, { tenant: 'tenant-2' }), waiting(5, { ...record })]
      await parks(view, 0, [waiting(1), ...others, waiting(4)])
      assert.equal(await view.askParked({ ask: 'retry', tenant, key: 'a' }), 2)
      assert.deepEqual(await view.parked(), [waiting(1, { asked }), ...others.slice(0, 2), waiting(4, { asked })])
      assert.deepEqual(await view.parked({ discarded: true }), others.slice(2))
      assert.deepEqual(await view.checkpoint(), at(1), 'and no step is taken')
    },
  },
  {
    group,
    name: 'a discard is asked of one event, with its reason',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1), waiting(2)])
      const reason = `it's "twice" 🧺`
      assert.equal(await view.askParked({ ask: 'discard', position: 2, reason }), 1)
      assert.deepEqual(await view.parked(), [waiting(1), waiting(2, { asked: 'discard', reason })])
      assert.equal(await view.totalParked(), 2, 'it waits until the owner has done it')
    },
  },
  {
    group,
    name: 'the last request counts',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1)])
      await view.askParked({ ask: 'discard', position: 1, reason: 'no use' })
      assert.equal(await view.askParked({ ask: 'retry', tenant, key: 'a' }), 1)
      assert.deepEqual(await view.parked(), [waiting(1, { asked })])
      assert.equal(await view.askParked({ ask: 'retry', tenant, key: 'a' }), 1)
      await view.askParked({ ask: 'discard', position: 1, reason: 'after all' })
      assert.deepEqual(await view.parked(), [waiting(1, { asked: 'discard', reason: 'after all' })])
    },
  },
  {
    group,
    name: 'nothing that waits is nothing to ask for',
    run: async ({ store }) => {
      const view = await store.open(orders)
      assert.equal(await view.askParked({ ask: 'retry', tenant, key: 'a' }), 0)
      await parks(view, 0, [waiting(1), waiting(2, { key: 'b', ...record })])
      assert.equal(await view.askParked({ ask: 'retry', tenant: '', key: 'a' }), 0)
      assert.equal(await view.askParked({ ask: 'retry', tenant, key: 'b' }), 0)
      assert.equal(await view.askParked({ ask: 'discard', position: 2, reason: 'again' }), 0)
      assert.equal(await view.askParked({ ask: 'discard', position: 9, reason: 'missing' }), 0)
      assert.deepEqual(await view.parked(), [waiting(1)])
    },
  },
  {
    group,
    name: 'what is asked for is listed apart from what is not',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1), waiting(2), waiting(3, { key: 'b' })])
      await view.askParked({ ask: 'discard', position: 2, reason: 'no use' })
      assert.deepEqual(
        (await view.parked({ asked: true })).map(({ position }) => position),
        [2],
      )
      assert.deepEqual(
        (await view.parked({ asked: false, limit: 1 })).map(({ position }) => position),
        [1],
      )
      assert.equal((await view.parked({ asked: false })).length, 2)
      assert.equal((await view.parked()).length, 3)
    },
  },
  {
    group,
    name: 'an event that is parked again is no longer asked for',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1)])
      await view.askParked({ ask: 'retry', tenant, key: 'a' })
      await parks(view, 1, [waiting(1, { attempts: 6 })])
      assert.deepEqual(await view.parked({ asked: true }), [])
      assert.deepEqual(await view.parked(), [waiting(1, { attempts: 6 })])
    },
  },
  {
    group,
    name: 'a discarded event is a record: it waits for nothing, and does not count',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1), waiting(2), waiting(3)])
      assert.equal(
        await view.flush({ expected: at(1), next: at(1), writes: [], park: [waiting(2, record)], unpark: [1] }),
        true,
      )
      assert.equal(await view.totalParked(), 1)
      assert.deepEqual(await view.parked(), [waiting(3)])
      assert.deepEqual(await view.parked({ discarded: false }), [waiting(3)])
      assert.deepEqual(await view.parked({ discarded: true, tenant, key: 'a' }), [waiting(2, record)])
      assert.deepEqual(await view.parked({ discarded: true, after: 2 }), [])
    },
  },
  {
    group,
    name: 'records of discarded events are kept of the newest positions, and nothing that waits is dropped for them',
    run: async ({ store }) => {
      const view = await store.open(orders)
      const discarded = (from: number, count: number) =>
        Array.from({ length: count }, (_, index) => waiting(from + index, record))
      await parks(view, 0, [waiting(1), waiting(2), ...discarded(5_000, 10)])
      await parks(view, 1, discarded(100, discardedMax - 7))
      const kept = await view.parked({ discarded: true, limit: 10_000 })
      assert.equal(kept.length, discardedMax)
      assert.deepEqual([kept.at(0)?.position, kept.at(-1)?.position], [103, 5_009])
      assert.deepEqual(await view.parked(), [waiting(1), waiting(2)])
    },
  },
  {
    group,
    name: 'a request with texts that cannot be kept is refused',
    run: async ({ store }) => {
      const view = await store.open(orders)
      await parks(view, 0, [waiting(1)])
      const refused = (error: unknown): boolean => isGestaError(error, 'invalid_key')
      for (const text of ['a\0', '\ud800']) {
        await assert.rejects(view.askParked({ ask: 'discard', position: 1, reason: text }), refused)
        await assert.rejects(view.askParked({ ask: 'retry', tenant, key: text }), refused)
        await assert.rejects(view.parked({ key: text }), refused)
      }
      await assert.rejects(view.askParked({ ask: 'discard', position: 0, reason: 'no use' }), RangeError)
      assert.deepEqual(await view.parked(), [waiting(1)])
    },
  },
]
