// A seen store is bounded: it forgets what was marked the longest ago, and no sooner than it says.
import assert from 'node:assert/strict'
import { numbersOf } from '../random-numbers.ts'
import { idsFrom, seenAre } from './given.ts'
import type { SeenStoreCase } from './given.ts'
import { playSeenSteps, seenSteps } from './steps.ts'

const group = 'forgetting'
export const forgettingCases: readonly SeenStoreCase[] = [
  {
    group,
    name: 'as many ids as the bound says are kept, in one call or in many',
    run: async ({ store, idsMax }) => {
      const ids = idsFrom(1, idsMax)
      await store.mark('s', ids)
      for (const id of ids) await store.mark('t', [id])
      await seenAre(store, 's', ids, ids)
      await seenAre(store, 't', ids, ids)
    },
  },
  {
    group,
    needs: 'counted',
    name: 'of more ids the last ones are kept, and no more',
    run: async ({ store, idsMax }) => {
      const ids = idsFrom(1, idsMax + 3)
      await store.mark('s', ids)
      await seenAre(store, 's', ids, ids.slice(3))
      await store.mark('s', ['next'])
      await seenAre(store, 's', [...ids, 'next'], [...ids.slice(4), 'next'])
      assert.equal(await store.total('s'), idsMax)
    },
  },
  {
    group,
    needs: 'counted',
    name: 'what is marked again is forgotten last',
    run: async ({ store, idsMax }) => {
      const ids = idsFrom(1, idsMax)
      const [first = '', second = ''] = ids
      await store.mark('s', ids)
      await store.mark('s', [first])
      await store.mark('s', ['next'])
      await seenAre(store, 's', [first, second], [first])
    },
  },
  {
    group,
    needs: 'counted',
    name: 'subscriptions do not push out ids of each other',
    run: async ({ store, idsMax }) => {
      await store.mark('quiet', ['a'])
      await store.mark('busy', idsFrom(1, 2 * idsMax))
      await seenAre(store, 'quiet', ['a'], ['a'])
      assert.equal(await store.total(), idsMax + 1)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'the order of marks outlives the process',
    run: async ({ store, idsMax, reopen }) => {
      const ids = idsFrom(1, idsMax)
      const [first = '', second = ''] = ids
      await store.mark('s', ids)
      await store.mark('s', [first])
      const opened = await reopen()
      await opened.mark('s', ['next'])
      const seen = await opened.seen('s', [first, second, 'next'])
      assert.ok(seen.has(first) && seen.has('next'))
      assert.ok((await opened.total('s')) > idsMax || !seen.has(second))
    },
  },
  ...[1, 2, 3].map((seed): SeenStoreCase => ({
    group,
    needs: 'counted',
    name: `any sequence of marks and resets leaves what a list would hold (${seed})`,
    run: ({ store, idsMax }) => playSeenSteps(store, idsMax, seenSteps(numbersOf(seed, 60))),
  })),
]
