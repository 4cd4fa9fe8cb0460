// Keys are listed in one order on every backend, page by page, while a rotation takes them out of the list that it reads.
import assert from 'node:assert/strict'
import type { KeyScope } from '../../stores/key/key-store.ts'
import { compareText } from '../../stores/read-model/row-order.ts'
import { refused } from '../refused.ts'
import { alice, everyKey, tenant, wholeLedger, wrappedKey } from './given.ts'
import type { KeyStoreCase } from './given.ts'

const group = 'listing'
export const listingCases: readonly KeyStoreCase[] = [
  {
    group,
    name: 'keys are listed by tenant, then subject, in the order of code points',
    run: async ({ store }) => {
      const names = ['', ' ', 'A', 'a', 'a ', 'aa', 'é', '\uffee', '\u{10000}']
      const scopes = names.flatMap((of) => names.map((subject) => ({ tenant: of, subject })))
      for (const scope of scopes.toReversed()) await store.putIfAbsent(wrappedKey(scope))
      for (const limit of [1, 7, 1000]) {
        assert.deepEqual(
          (await everyKey(store, {}, limit)).map(({ tenant: of, subject }) => ({ tenant: of, subject })),
          scopes,
        )
      }
      assert.deepEqual(
        (await everyKey(store, { tenant: 'a' }, 2)).map(({ subject }) => subject),
        names,
      )
    },
  },
  {
    group,
    name: 'the longest names are kept apart, and each is listed once',
    run: async ({ store }) => {
      const names = [
        'a',
        '€'.repeat(512),
        `${'€'.repeat(511)}x`,
        '\u{1f600}'.repeat(256),
        '*'.repeat(512),
        'x'.repeat(240),
      ]
      const scopes = names.flatMap((of) => names.map((subject) => ({ tenant: of, subject })))
      for (const scope of scopes) await store.putIfAbsent(wrappedKey(scope))
      for (const scope of scopes) assert.deepEqual(await store.get(scope), wrappedKey(scope))
      const textOf = ({ tenant: of, subject }: KeyScope): string => JSON.stringify([of, subject])
      const listed = (await everyKey(store, {}, 5)).map(textOf)
      assert.deepEqual(listed.toSorted(compareText), scopes.map(textOf).toSorted(compareText))
      assert.deepEqual((await everyKey(store, {}, 1000)).map(textOf), listed)
      for (const each of names.slice(1, 3)) {
        assert.equal((await everyKey(store, { tenant: each }, 4)).length, names.length)
        assert.equal(await store.total(each), names.length)
      }
      for (const scope of scopes.slice(0, 12)) await store.shred(scope, 'reason', 1)
      for (const scope of scopes.slice(0, 12)) assert.equal(await store.get(scope), 'shredded')
      assert.equal(await store.total(), scopes.length - 12)
    },
  },
  {
    group,
    name: 'a list is of one tenant, of one wrapping key, of both, or of all, and counts them when asked',
    run: async ({ store }) => {
      for (const [index, each] of ['left', 'left', 'left', 'right', 'right', ''].entries()) {
        const wrappedBy = `wrapping-${index % 2}`
        await store.putIfAbsent(wrappedKey({ tenant: each, subject: `subject-${index}`, wrappedBy }))
      }
      const count = async (filter: object): Promise<readonly unknown[]> => {
        const { items, total, cursor } = await store.list(filter, { limit: 2, withTotal: true })
        return [items.length, total, cursor !== undefined]
      }
      assert.deepEqual(await count({}), [2, 6, true])
      assert.deepEqual(await count({ tenant: 'left' }), [2, 3, true])
      assert.deepEqual(await count({ tenant: '' }), [1, 1, false])
      assert.deepEqual(await count({ wrappedBy: 'wrapping-0' }), [2, 3, true])
      assert.deepEqual(await count({ tenant: 'left', wrappedBy: 'wrapping-0' }), [2, 2, false])
      assert.deepEqual(await count({ tenant: 'none' }), [0, 0, false])
      assert.equal((await store.list({})).total, undefined)
      assert.deepEqual(
        (await store.list({}, { offset: 4 })).items.map(({ subject }) => subject),
        ['subject-3', 'subject-4'],
      )
    },
  },
  {
    group,
    name: 'a rotation reads page by page what it seals anew, and meets every key once',
    run: async ({ store }) => {
      const subjects = Array.from({ length: 55 }, (_, index) => `subject-${index}`)
      for (const subject of subjects) await store.putIfAbsent(wrappedKey({ subject }))
      const met: string[] = []
      let cursor: string | undefined
      do {
        const page = await store.list({ wrappedBy: 'wrapping-1' }, { limit: 10, cursor })
        for (const key of page.items) {
          met.push(key.subject)
          assert.equal(await store.rewrap({ ...key, wrappedBy: 'wrapping-2', wrapped: 'bmV3' }, 'wrapping-1'), true)
        }
        cursor = page.cursor
      } while (cursor !== undefined)
      assert.deepEqual(met, subjects.toSorted())
      assert.equal((await store.list({ wrappedBy: 'wrapping-1' })).items.length, 0)
      assert.equal((await store.list({ wrappedBy: 'wrapping-2' }, { withTotal: true })).total, 55)
    },
  },
  {
    group,
    name: 'a cursor of another list, a limit out of bounds and a filter that is no key are refused',
    run: async ({ store }) => {
      for (const subject of ['subject-1', 'subject-2']) await store.putIfAbsent(wrappedKey({ subject }))
      const { cursor = '' } = await store.list({}, { limit: 1 })
      await refused('invalid_cursor', [
        store.list({}, { cursor: 'x' }),
        store.list({}, { cursor: 'WzFd' }),
        store.list({ wrappedBy: 'wrapping-1' }, { cursor }),
        store.list({ tenant: 'another' }, { cursor }),
      ])
      for (const limit of [0, 10_001]) await assert.rejects(store.list({}, { limit }), RangeError)
      await refused('invalid_key', [
        store.list({ tenant: 'a\0' }),
        store.list({ wrappedBy: '' }),
        store.total('a\ud800'),
        store.reset('a\0'),
      ])
    },
  },
  {
    group,
    name: 'totals count keys, of a tenant and of all; info tells the port, the keys and the destroyed ones',
    run: async ({ store }) => {
      for (const [index, each] of ['left', 'left', 'right', ''].entries())
        await store.putIfAbsent(wrappedKey({ tenant: each, subject: `subject-${index}` }))
      await store.shred({ tenant: 'left', subject: 'subject-0' }, 'reason', 1)
      assert.deepEqual([await store.total('left'), await store.total(''), await store.total()], [1, 1, 3])
      const { store: port, items, readOnly, details } = await store.info()
      assert.deepEqual([port, items, readOnly, details['shredded']], ['key', 3, false, 1])
    },
  },
  {
    group,
    name: 'a reset destroys the keys of a tenant, or of all; who was shredded stays so',
    run: async ({ store }) => {
      const left = { tenant: 'left', subject: 'alice' }
      for (const each of ['left', 'right', '']) await store.putIfAbsent(wrappedKey({ tenant: each, subject: 'bob' }))
      await store.shred(left, 'reason', 1)
      await store.reset('left')
      assert.deepEqual([await store.total('left'), await store.total()], [0, 2])
      await store.reset('')
      assert.equal(await store.total(), 1)
      await store.reset()
      assert.equal(await store.total(), 0)
      assert.equal(await store.get(left), 'shredded')
      assert.equal((await wholeLedger(store)).length, 1)
      await store.putIfAbsent(wrappedKey())
      assert.deepEqual(await store.get(alice), wrappedKey())
      assert.equal((await store.shred({ tenant, subject: 'dora' }, 'reason', 2)).number, 2)
    },
  },
]
