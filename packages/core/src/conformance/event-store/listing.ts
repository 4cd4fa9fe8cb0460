// Lists of events by content: every filter, alone and together with others, in pages that others' writes do not disturb.
import assert from 'node:assert/strict'
import type { EventFilter, StoredEvent } from '../../stores/event/event-store.ts'
import { numbersOf } from '../random-numbers.ts'
import { badKeys, refused } from '../refused.ts'
import { commit, oneTo, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'
import { checkLists, everyPage, plainList } from './plain-list.ts'
import { missingFilters, singleFilters, storeVariedLog, variedCommit } from './varied-log.ts'

const group = 'listing'
export const listingCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'without a filter every event is listed with every field, in the order of the log',
    run: async ({ store }) => {
      assert.deepEqual(await store.list({}), { items: [] })
      assert.equal(await store.total(), 0)
      await storeVariedLog(store)
      const log = await wholeLog(store)
      assert.deepEqual(await store.list({}, { limit: 1000, withTotal: true }), { items: log, total: log.length })
      assert.equal(await store.total(), log.length)
      assert.equal(await checkLists(store, {}, 7), log.length)
    },
  },
  {
    group,
    name: 'every filter alone finds what it names, no more and no less',
    run: async ({ store }) => {
      await storeVariedLog(store)
      const all = await store.head()
      for (const filter of singleFilters) {
        const found = await checkLists(store, filter)
        assert.ok(found > 0 && found < all, `${JSON.stringify(filter)} found ${found} of ${all}.`)
      }
      for (const filter of missingFilters)
        assert.equal(await checkLists(store, filter), 0, `${JSON.stringify(filter)} found something.`)
    },
  },
  {
    group,
    name: 'filters together find what each of them finds',
    run: async ({ store }) => {
      await storeVariedLog(store)
      const counts = []
      for (const seed of oneTo(40)) {
        const chosen = numbersOf(seed, 4).map((number) => singleFilters[number % singleFilters.length])
        counts.push(await checkLists(store, Object.assign({}, ...chosen.slice(0, 2 + (seed % 3))) as EventFilter))
      }
      assert.ok(counts.some((count) => count > 1))
    },
  },
  {
    group,
    name: 'a page has 100 events by default and 10,000 at most, and a total only on request',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('a', 'any', oneTo(150).map(String))] }))
      const page = await store.list({})
      assert.equal(page.items.length, 100)
      assert.ok(!('total' in page) && page.cursor !== undefined)
      const rest = await store.list({}, { cursor: page.cursor, withTotal: true })
      assert.deepEqual([rest.items.length, rest.items[0]?.position, rest.total], [50, 101, 150])
      assert.ok(!('cursor' in rest))
      assert.ok(!('cursor' in (await store.list({}, { limit: 150 }))))
      for (const limit of [0, -1, 1.5, 10_001, Number.NaN]) await assert.rejects(store.list({}, { limit }), RangeError)
      for (const offset of [-1, 0.5]) await assert.rejects(store.list({}, { offset }), RangeError)
    },
  },
  {
    group,
    name: 'who pages while others write meets every event of before once, and new ones only at the end',
    run: async ({ store }) => {
      await storeVariedLog(store)
      const before = await wholeLog(store)
      let number = 100
      const while_ = async (filter: EventFilter): Promise<readonly StoredEvent[]> => {
        let pages = 0
        return everyPage(
          async (page) => {
            // A writer that is never done would keep a reader of the oldest for ever.
            if ((pages += 1) < 10) await stored(store, variedCommit((number += 1)))
            return store.list(filter, page)
          },
          { limit: 4 },
        )
      }
      const oldest = await while_({})
      assert.deepEqual(oldest.slice(0, before.length), before)
      assert.deepEqual(oldest, (await wholeLog(store)).slice(0, oldest.length))
      const ofTenant = { tenant: 'left', order: 'newest' } as const
      const atFirst = plainList(await wholeLog(store), ofTenant)
      const newest = await while_(ofTenant)
      assert.deepEqual(newest.slice(newest.length - atFirst.length), atFirst)
      assert.deepEqual(newest, plainList(await wholeLog(store), ofTenant).slice(-newest.length))
    },
  },
  {
    group,
    name: 'a list of large events comes whole, in pages that may be shorter than asked for',
    run: async ({ store }) => {
      const large = JSON.stringify('x'.repeat(900_000))
      for (const i of oneTo(12)) await stored(store, commit({ streams: [stream('a', i - 1, [large])] }))
      const events = await everyPage((page) => store.list({ tenant }, page), { limit: 1000 })
      assert.deepEqual(
        events.map(({ position }) => position),
        oneTo(12),
      )
      assert.ok(events.every(({ data }) => data === large))
    },
  },
  {
    group,
    name: 'a list of one tenant shows nothing of another, whatever else it is asked for',
    run: async ({ store }) => {
      const hidden = 'hidden-text'
      for (const i of oneTo(10)) {
        const context = JSON.stringify({ targetWorkspace: hidden, correlationId: 'shared', attributes: { a: hidden } })
        const own = JSON.stringify({ correlationId: 'shared', attributes: { a: 'b' } })
        await stored(
          store,
          commit({
            tenant: 'theirs',
            commandId: `same-${i}`,
            context,
            streams: [stream(hidden, 'any', [`"${hidden}"`])],
          }),
        )
        await stored(store, commit({ tenant: 'ours', commandId: `same-${i}`, context: own, streams: [stream('a')] }))
      }
      for (const filter of [{}, { correlationId: 'shared' }, { correlationId: 'same-3' }, { from: 0 }, { after: 0 }]) {
        const ours = { ...filter, tenant: 'ours' }
        const found = await everyPage((page) => store.list(ours, page), { limit: 2 })
        assert.ok(found.length > 0 && found.every((event) => event.tenant === 'ours'))
        assert.ok(!JSON.stringify(found).includes(hidden))
        assert.equal(await store.total(ours), found.length)
        for (const field of ['tenant', 'workspace', 'domain', 'aggregateType', 'aggregateId', 'type'] as const)
          assert.ok((await store.uniqueValues(field, ours)).every((value) => value !== hidden && value !== 'theirs'))
      }
      assert.equal(await store.total({ tenant: 'ours', workspace: hidden }), 0)
      assert.equal(await store.get({ tenant: 'ours', commandId: 'same-1', index: 1 }), undefined)
    },
  },
  {
    group,
    name: 'an id that no event can have is refused, and so is a cursor that the list did not give',
    run: async ({ store }) => {
      await storeVariedLog(store)
      for (const bad of badKeys) {
        await refused('invalid_key', [
          store.list({ workspace: bad }),
          store.list({ aggregateType: bad }),
          store.list({ aggregateId: bad }),
          store.list({ domains: ['Order', bad] }),
          store.total({ types: [bad] }),
          store.uniqueValues('type', { correlationId: bad }),
          store.list({ attributes: { [bad]: 'x' } }),
          store.get({ tenant, commandId: bad, index: 0 }),
          store.header(tenant, bad),
          store.parts(tenant, bad),
          store.readStream({ tenant, aggregateType: 'Order', aggregateId: bad }),
          store.readStream({ tenant, aggregateType: bad, aggregateId: 'a' }),
          store.headerByKey({ tenant, sender: '', commandType: 'Order.Change', key: bad }),
          ...(bad === '' ? [] : [store.list({ tenant: bad }), store.get({ tenant: bad, commandId: 'a', index: 0 })]),
        ])
      }
      await refused('invalid_cursor', [store.list({}, { cursor: '' }), store.list({}, { cursor: 'eyJhIjoxfQ' })])
      const { cursor } = await store.list({}, { limit: 1 })
      await assert.rejects(store.list({}, { cursor, offset: 1 }), RangeError)
      for (const bound of ['from', 'to', 'after', 'before'])
        await assert.rejects(store.list({ [bound]: 1.5 }), RangeError)
      await assert.rejects(store.get({ tenant, commandId: 'a', index: -1 }), RangeError)
    },
  },
  {
    group,
    name: 'a cursor is good for its own question only, on its own log, and shows no position',
    run: async ({ store }) => {
      await storeVariedLog(store)
      const filter = { tenant: 'left', from: 0, order: 'newest' } as const
      const { cursor = '' } = await store.list(filter, { limit: 1 })
      assert.match(cursor, /^[\w-]{22}$/)
      assert.ok((await store.list({ order: 'newest', from: 0, tenant: 'left' }, { cursor, limit: 2 })).items.length > 0)
      const changed = cursor.startsWith('A') ? `B${cursor.slice(1)}` : `A${cursor.slice(1)}`
      await refused('invalid_cursor', [
        store.list({ ...filter, tenant: 'right' }, { cursor }),
        store.list({ ...filter, tenant: undefined }, { cursor }),
        store.list({ ...filter, order: 'oldest' }, { cursor }),
        store.list({ ...filter, from: 1 }, { cursor }),
        store.list({ ...filter, types: [] }, { cursor }),
        store.list(filter, { cursor: changed }),
      ])
      await store.fork()
      await refused('invalid_cursor', [store.list(filter, { cursor })])
    },
  },
  {
    group,
    name: 'one event is found by its command and index; a missing one is absent',
    run: async ({ store }) => {
      await stored(store, commit({ streams: [stream('before')] }))
      const given = commit({ streams: [stream('a', 'any', ['1', '2']), stream('b', 'any', ['3'])] })
      await stored(store, given)
      const { commandId } = given
      const log = await wholeLog(store)
      for (const index of [0, 1, 2]) assert.deepEqual(await store.get({ tenant, commandId, index }), log[index + 1])
      const bare = commit()
      await stored(store, bare)
      for (const key of [
        { tenant, commandId, index: 3 },
        { tenant: 'other', commandId, index: 0 },
        { tenant, commandId: 'missing', index: 0 },
        { tenant, commandId: bare.commandId, index: 0 },
      ])
        assert.equal(await store.get(key), undefined)
    },
  },
]
