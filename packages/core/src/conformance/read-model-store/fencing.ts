// Fencing: a view is written by its last owner, and by nobody who owned it before.
import assert from 'node:assert/strict'
import type { Flush, ReadModelStore, View } from '../../stores/read-model/read-model-store.ts'
import { at, flushed, orders, row, tenant, waiting } from './given.ts'
import type { ReadModelStoreCase } from './given.ts'

const group = 'fencing'
/** A flush from one position to the next under this token. */
const under = (fencingToken: number | undefined, expected: number, rest: Partial<Flush> = {}): Flush => ({
  expected: at(expected),
  next: at(expected + 1),
  writes: [row('by', fencingToken ?? 'nobody')],
  ...rest,
  fencingToken,
})
async function claimed(store: ReadModelStore, fencingToken: number): Promise<View> {
  const view = await store.open(orders)
  assert.equal(await view.claim(fencingToken), true)
  return view
}

export const fencingCases: readonly ReadModelStoreCase[] = [
  {
    group,
    name: 'a view is claimed with the same or a higher token, never with a lower one',
    run: async ({ store }) => {
      const view = await claimed(store, 5)
      const answers: boolean[] = []
      for (const token of [5, 4, 1, 7, 6, 7, 2 ** 53 - 1, 7]) answers.push(await view.claim(token))
      assert.deepEqual(answers, [true, false, false, true, false, true, true, false])
      assert.equal(await view.checkpoint(), undefined, 'a claim is no step')
    },
  },
  {
    group,
    name: 'a flush under a lower token than the view was claimed with writes nothing',
    run: async ({ store }) => {
      const view = await claimed(store, 5)
      assert.equal(await view.flush(under(4, 0, { park: [waiting(1)] })), false)
      assert.equal(await view.checkpoint(), undefined)
      assert.deepEqual(await view.scan(), [])
      assert.equal(await view.totalParked(), 0)
      assert.equal(await view.flush(under(5, 0)), true)
      assert.equal(await view.get({ tenant, key: 'by' }), '5')
    },
  },
  {
    group,
    name: 'a stale owner writes nothing, although the checkpoint is where he expects it',
    run: async ({ store }) => {
      const stale = await claimed(store, 1)
      assert.equal(await stale.flush(under(1, 0, { park: [waiting(1)] })), true)
      const owner = await claimed(store, 2)
      assert.equal(await stale.flush(under(1, 1, { unpark: [1], park: [waiting(2)] })), false)
      assert.deepEqual(await stale.checkpoint(), at(1))
      assert.deepEqual(await stale.parked(), [waiting(1)])
      assert.equal(await owner.flush(under(2, 1)), true)
      assert.equal(await stale.flush(under(1, 2)), false)
      assert.deepEqual(await owner.scan(), [{ tenant, key: 'by', value: '2' }])
    },
  },
  {
    group,
    name: 'a flush that is written under a higher token claims the view with it',
    run: async ({ store }) => {
      const view = await store.open(orders)
      assert.equal(await view.flush(under(3, 0)), true)
      assert.equal(await view.claim(2), false)
      assert.equal(await view.flush(under(6, 1)), true)
      assert.equal(await view.flush(under(5, 2)), false)
      assert.equal(await view.flush(under(6, 2)), true)
      assert.deepEqual(await view.checkpoint(), at(3))
    },
  },
  {
    group,
    name: 'a flush that is not written claims nothing',
    run: async ({ store }) => {
      const view = await claimed(store, 2)
      assert.equal(await view.flush(under(9, 4)), false)
      assert.equal(await view.flush(under(2, 0)), true)
      assert.equal(await view.claim(3), true)
    },
  },
  {
    group,
    name: 'a flush without a token is compared with none, and leaves the claim as it is',
    run: async ({ store }) => {
      const view = await claimed(store, 5)
      assert.equal(await view.flush(under(undefined, 0)), true)
      assert.equal(await view.get({ tenant, key: 'by' }), '"nobody"')
      assert.equal(await view.flush(under(4, 1)), false)
      assert.equal(await view.claim(4), false)
      await flushed(view, 1, [])
    },
  },
  {
    group,
    name: 'of owners and stale ones who write at once, only the owner does',
    run: async ({ store }) => {
      const view = await claimed(store, 8)
      const moved = await Promise.all([1, 2, 3, 4, 8, 5, 6, 7].map((token) => view.flush(under(token, 0))))
      assert.deepEqual(moved, [false, false, false, false, true, false, false, false])
      assert.equal(await view.get({ tenant, key: 'by' }), '8')
    },
  },
  {
    group,
    name: 'a token is a whole number from 1; others are refused',
    run: async ({ store }) => {
      const view = await store.open(orders)
      for (const token of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
        await assert.rejects(view.claim(token), RangeError)
        await assert.rejects(view.flush(under(token, 0)), RangeError)
      }
      assert.equal(await view.checkpoint(), undefined)
    },
  },
  {
    group,
    name: 'the claim outlasts a reset',
    run: async ({ store }) => {
      const view = await claimed(store, 5)
      assert.equal(await view.flush(under(5, 0)), true)
      await view.reset()
      assert.equal(await view.claim(4), false)
      assert.equal(await view.flush(under(4, 0)), false)
      assert.equal(await view.flush(under(5, 0)), true)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'the claim is there when the store is opened again',
    run: async ({ store, reopen }) => {
      await claimed(store, 5)
      const flushedUnder = await (await reopen()).open(orders)
      assert.equal(await flushedUnder.flush(under(4, 0)), false)
      assert.equal(await flushedUnder.flush(under(7, 0)), true)
      const opened = await (await reopen()).open(orders)
      assert.equal(await opened.claim(6), false)
      assert.equal(await opened.flush(under(6, 1)), false)
      assert.equal(await opened.flush(under(7, 1)), true)
    },
  },
]
