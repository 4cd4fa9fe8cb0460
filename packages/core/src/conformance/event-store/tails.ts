// Tails: the newest events of many streams at once, as a history shows them.
import assert from 'node:assert/strict'
import type { ReadTails, StoredEvent } from '../../stores/event/event-store.ts'
import { deletedEventType } from '../../stores/event/event-store.ts'
import { refused } from '../refused.ts'
import { auditEntry, commit, oneTo, stored, stream, tenant } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'tails'
const named = (aggregateId: string, of = tenant) => ({ tenant: of, aggregateType: 'Order', aggregateId })
const texts = (count: number): readonly string[] => oneTo(count).map(String)
const versions = (tails: readonly (readonly StoredEvent[])[]): readonly (readonly number[])[] =>
  tails.map((tail) => tail.map(({ version }) => version))

export const tailCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'each stream shows its newest events, newest first, in the order of the question',
    run: async ({ store }) => {
      for (const i of oneTo(4))
        await stored(store, commit({ streams: [stream('a', i - 1), stream('b', 'any', texts(2))] }))
      const streams = [named('b'), named('a')]
      const found = await store.readTails({ streams, limit: 3 })
      assert.deepEqual(versions(found), [
        [8, 7, 6],
        [4, 3, 2],
      ])
      const backwards = streams.map((name) => store.readStream({ ...name, backwards: true, limit: 3 }))
      assert.deepEqual(found, await Promise.all(backwards))
    },
  },
  {
    group,
    name: 'a tail ends below the version that is named',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a', 'any', texts(5)), stream('b', 'any', texts(2))] }))
      const below = async (before: number, limit = 2): Promise<readonly (readonly number[])[]> =>
        versions(await store.readTails({ streams: [named('a'), named('b')], limit, before }))
      assert.deepEqual(await below(5), [
        [4, 3],
        [2, 1],
      ])
      assert.deepEqual(await below(3), [
        [2, 1],
        [2, 1],
      ])
      assert.deepEqual(await below(2), [[1], [1]])
      assert.deepEqual(await below(1), [[], []])
      assert.deepEqual(await below(99, 1), [[5], [2]])
    },
  },
  {
    group,
    name: 'streams that do not exist are empty, and a stream that is named twice is shown twice',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a', 'any', texts(2))] }))
      const streams = [named('a'), named('missing'), named('a'), named('a', 'other')]
      assert.deepEqual(versions(await store.readTails({ streams, limit: 10 })), [[2, 1], [], [2, 1], []])
      assert.deepEqual(await store.readTails({ streams: [], limit: 10 }), [])
    },
  },
  {
    group,
    name: 'the same stream of two tenants, and of two types, is two streams',
    run: async ({ store }) => {
      for (const side of ['left', 'right'])
        await stored(
          store,
          commit({ tenant: side, streams: [stream('a', 'any', [`"${side}"`]), stream('a', 'any', ['1'], 'Bill')] }),
        )
      const bill = { tenant: 'right', aggregateType: 'Bill', aggregateId: 'a' }
      const found = await store.readTails({ streams: [named('a', 'right'), named('a', 'left'), bill], limit: 10 })
      assert.deepEqual(
        found.map((tail) => tail.map(({ data }) => data)),
        [['"right"'], ['"left"'], ['1']],
      )
    },
  },
  {
    group,
    name: 'a thousand streams are read at once',
    run: async ({ store }) => {
      const ids = oneTo(1_000).map((i) => `s${i}`)
      for (const start of [0, 250, 500, 750]) {
        const part = ids.slice(start, start + 250)
        await stored(store, commit({ streams: part.map((id, at) => stream(id, 'any', texts(1 + (at % 3)))) }))
      }
      const found = await store.readTails({ streams: ids.toReversed().map((id) => named(id)), limit: 2 })
      assert.deepEqual(
        found.map(([newest, ...older]) => [newest?.aggregateId, newest?.version, older.length]),
        ids.map((id, at) => [id, 1 + ((at % 250) % 3), Math.min(1, (at % 250) % 3)]).toReversed(),
      )
    },
  },
  {
    group,
    name: 'a tail of large events is complete in number and whole in data',
    run: async ({ store }) => {
      const large = JSON.stringify('x'.repeat(900_000))
      for (const i of oneTo(12)) await stored(store, commit({ streams: [stream('a', i - 1, [large]), stream('b')] }))
      for (const limit of [12, 200]) {
        const found = await store.readTails({ streams: [named('a'), named('b')], limit })
        assert.deepEqual(versions(found), [oneTo(12).toReversed(), oneTo(12).toReversed()])
        assert.ok(found[0]?.every(({ data }) => data === large))
      }
    },
  },
  {
    group,
    name: 'bounds are kept: streams, events, versions and keys that cannot be are refused',
    run: async ({ store }) => {
      const many = (count: number): ReadTails['streams'] => oneTo(count).map((i) => named(`s${i}`))
      const wrong: readonly ReadTails[] = [
        ...[0, -1, 1.5, 1_001, Number.NaN].map((limit) => ({ streams: [named('a')], limit })),
        ...[0, -1, 1.5, Number.NaN].map((before) => ({ streams: [named('a')], limit: 1, before })),
        { streams: many(1_001), limit: 1 },
        { streams: many(21), limit: 1_000 },
      ]
      for (const read of wrong) await assert.rejects(store.readTails(read), RangeError)
      await refused('invalid_key', [store.readTails({ streams: [named('a'), named('')], limit: 1 })])
      assert.equal((await store.readTails({ streams: many(1_000), limit: 20 })).length, 1_000)
    },
  },
  {
    group,
    needs: 'rewriting',
    name: 'a deleted event is shown in its place, with its new type',
    run: async ({ store }) => {
      const given = commit({ streams: [stream('a', 'any', ['1', '2', '3'])] })
      await stored(store, given)
      const record = commit({ commandType: 'Store.Rewrite', audit: [auditEntry('StoreEvent.Delete', '{}')] })
      await store.rewrite({ tenant, commandId: given.commandId, index: 1, data: undefined, record })
      const [tail = []] = await store.readTails({ streams: [named('a')], limit: 10 })
      assert.deepEqual(
        tail.map(({ version, type, data }) => [version, type, data]),
        [
          [3, 'Order.Changed', '3'],
          [2, deletedEventType, 'null'],
          [1, 'Order.Changed', '1'],
        ],
      )
    },
  },
]
