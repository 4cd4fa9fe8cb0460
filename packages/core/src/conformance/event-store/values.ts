// Distinct values of a field, for people who choose what to look at; and what a store says of itself.
import assert from 'node:assert/strict'
import { commit, stored, stream, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'
import { eventFields, plainValues } from './plain-list.ts'
import { storeVariedLog } from './varied-log.ts'

const group = 'values'
export const valueCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'every field lists its distinct values in ascending order, of all events or of those that a filter finds',
    run: async ({ store }) => {
      for (const field of eventFields) assert.deepEqual(await store.uniqueValues(field), [])
      await storeVariedLog(store)
      const log = await wholeLog(store)
      for (const field of eventFields) {
        const expected = plainValues(log, field)
        assert.ok(expected.length > 1, field)
        assert.deepEqual(await store.uniqueValues(field), expected)
      }
      assert.deepEqual(await store.uniqueValues('workspace', { types: [] }), [])
    },
  },
  {
    group,
    name: 'values come in pages, each after the last value of the one before',
    run: async ({ store }) => {
      const ids = ['a', 'B', 'b', 'ä', '\uffee', '😀', 'a b', '10', '9']
      for (const id of ids) await stored(store, commit({ streams: [stream(id)] }))
      const inOrder = ['10', '9', 'B', 'a', 'a b', 'b', 'ä', '\uffee', '😀']
      assert.deepEqual(await store.uniqueValues('aggregateId'), inOrder)
      const read: string[] = []
      for (;;) {
        const page = await store.uniqueValues('aggregateId', {}, { after: read.at(-1), limit: 2 })
        if (page.length === 0) break
        read.push(...page)
      }
      assert.deepEqual(read, inOrder)
      for (const limit of [0, 1.5, 10_001])
        await assert.rejects(store.uniqueValues('aggregateId', {}, { limit }), RangeError)
      await assert.rejects(store.uniqueValues('data' as never), /Expected one of tenant/)
      assert.deepEqual(await store.uniqueValues('tenant', {}, { after: '' }), ['tenant-1'])
    },
  },
  {
    group: 'info',
    name: 'a store tells its port, its backend and how many events it holds, and nothing of their content',
    run: async ({ store }) => {
      const empty = await store.info()
      assert.deepEqual([empty.store, empty.items, empty.readOnly], ['event', 0, false])
      assert.ok(empty.backend.length > 0)
      await stored(
        store,
        commit({ streams: [stream('a', 'any', ['"hidden-text"', '2'])], context: '{"identity":"hidden"}' }),
      )
      await stored(store, commit())
      const info = await store.info()
      assert.deepEqual([info.items, info.details['commits']], [2, 2])
      const text = JSON.stringify(info)
      assert.ok(!text.includes('hidden') && !text.includes(store.identity.secret))
    },
  },
]
