// What is marked is seen, under its subscription alone.
import assert from 'node:assert/strict'
import { badKeys, refused } from '../refused.ts'
import { idsFrom, seenAre } from './given.ts'
import type { SeenStoreCase } from './given.ts'

const group = 'marking'
export const markingCases: readonly SeenStoreCase[] = [
  {
    group,
    name: 'nothing is seen in an empty store, and no ids are an answer without ids',
    run: async ({ store }) => {
      await seenAre(store, 's', ['a', 'b'], [])
      await seenAre(store, 's', [], [])
      await store.mark('s', [])
      assert.equal(await store.total(), 0)
    },
  },
  {
    group,
    name: 'what was marked is seen, and nothing else',
    run: async ({ store }) => {
      await store.mark('s', ['a', 'b'])
      await store.mark('s', ['c'])
      await seenAre(store, 's', ['c', 'x', 'a', 'b', 'y'], ['c', 'a', 'b'])
    },
  },
  {
    group,
    name: 'a mark that is repeated, in one call or in several, counts once',
    run: async ({ store }) => {
      await store.mark('s', ['a', 'a', 'b', 'a'])
      await store.mark('s', ['b', 'b'])
      await seenAre(store, 's', ['a', 'b'], ['a', 'b'])
      assert.equal(await store.total('s'), 2)
    },
  },
  {
    group,
    name: 'subscriptions are apart',
    run: async ({ store }) => {
      await store.mark('s', ['a'])
      await store.mark('t', ['b'])
      await seenAre(store, 's', ['a', 'b'], ['a'])
      await seenAre(store, 't', ['a', 'b'], ['b'])
      await seenAre(store, 'S', ['a', 'b'], [])
      assert.deepEqual([await store.total('s'), await store.total('u'), await store.total()], [1, 0, 2])
      const { store: port, items, readOnly } = await store.info()
      assert.deepEqual([port, items, readOnly], ['seen', 2, false])
    },
  },
  {
    group,
    name: 'ids and subscriptions are any text that is a key, and none is another one',
    run: async ({ store }) => {
      const names = [
        'a',
        'A',
        ' ',
        'a ',
        'ä',
        'a\u0308',
        ':',
        'a:b',
        '*',
        '%',
        "'",
        '"',
        '\n',
        '{}',
        '😀',
        'x'.repeat(512),
      ]
      for (const name of names) await store.mark(name, [name])
      for (const name of names) await seenAre(store, name, names, [name])
    },
  },
  {
    group,
    name: 'a reset forgets one subscription, or all',
    run: async ({ store }) => {
      for (const subscription of ['s', 't', 'u']) await store.mark(subscription, ['a'])
      await store.reset('s')
      await seenAre(store, 's', ['a'], [])
      await seenAre(store, 't', ['a'], ['a'])
      await store.reset()
      await seenAre(store, 't', ['a'], [])
      assert.equal(await store.total(), 0)
      await store.mark('s', ['a'])
      await seenAre(store, 's', ['a'], ['a'])
    },
  },
  {
    group,
    name: 'marks of many callers at once are all there',
    run: async ({ store, idsMax }) => {
      const ids = idsFrom(1, Math.min(idsMax, 40))
      await Promise.all(ids.map((id) => store.mark('s', [id])))
      await seenAre(store, 's', ids, ids)
    },
  },
  {
    group,
    needs: 'shared',
    name: 'what one process marked, another one sees',
    run: async ({ store, another }) => {
      await store.mark('s', ['a'])
      const other = await another()
      await seenAre(other, 's', ['a', 'b'], ['a'])
      await other.mark('s', ['b'])
      await seenAre(store, 's', ['a', 'b'], ['a', 'b'])
    },
  },
  {
    group,
    needs: 'durable',
    name: 'marks are there when the store is opened again',
    run: async ({ store, reopen }) => {
      await store.mark('s', ['a', 'b'])
      await store.mark('t', ['c'])
      await store.reset('t')
      const opened = await reopen()
      await seenAre(opened, 's', ['a', 'b', 'c'], ['a', 'b'])
      await seenAre(opened, 't', ['c'], [])
    },
  },
  {
    group,
    name: 'what is no key is refused, and nothing of its call is marked',
    run: async ({ store }) => {
      await refused('invalid_key', [
        ...badKeys.flatMap((key) => [store.seen(key, ['a']), store.seen('s', ['a', key])]),
        ...badKeys.flatMap((key) => [store.mark(key, ['a']), store.mark('s', ['a', key])]),
        ...badKeys.flatMap((key) => [store.total(key), store.reset(key)]),
      ])
      assert.equal(await store.total(), 0)
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.seen('s', ['a']),
        store.mark('s', ['a']),
        store.total(),
        store.total('s'),
        store.reset(),
        store.reset('s'),
        store.info(),
      ])
    },
  },
]
