// Lists of commands: every filter, alone and together with others, in pages that new commands do not disturb.
import assert from 'node:assert/strict'
import type { CommandFilter } from '../../stores/command-log/command-log-store.ts'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import { everyPage } from '../event-store/plain-list.ts'
import { numbersOf } from '../random-numbers.ts'
import { badKeys, refused } from '../refused.ts'
import { checkCommands, plainCommands, singleFilters, startUs, storeCommands } from './given.ts'
import type { CommandLogCase } from './given.ts'

const group = 'listing'
export const listingCases: readonly CommandLogCase[] = [
  {
    group,
    name: 'every command is listed once, the newest first, with what it left',
    run: async ({ log, events }) => {
      assert.deepEqual(await log.list({}), { items: [] })
      assert.equal(await log.total(), 0)
      const headers = await storeCommands(events)
      const all = { items: headers.toReversed(), total: headers.length }
      assert.deepEqual(await log.list({}, { limit: 100, withTotal: true }), all)
      assert.equal(await checkCommands(log, headers, {}, 7), headers.length)
    },
  },
  {
    group,
    name: 'every filter alone finds what it names, no more and no less',
    run: async ({ log, events }) => {
      const headers = await storeCommands(events)
      for (const filter of singleFilters) {
        const found = await checkCommands(log, headers, filter)
        assert.ok(found > 0 && found < headers.length, `${JSON.stringify(filter)} found ${found}.`)
      }
      for (const filter of [
        { tenant: 'other' },
        { outcomes: [] },
        { commandType: 'Order' },
        { correlationId: 'other' },
        { tenant: 'left', correlationId: 'command-a7' },
        { sender: 'account' },
        { from: startUs * 2 },
        { to: 0 },
      ])
        assert.equal(await checkCommands(log, headers, filter), 0, `${JSON.stringify(filter)} found something.`)
    },
  },
  {
    group,
    name: 'filters together find what each of them finds',
    run: async ({ log, events }) => {
      const headers = await storeCommands(events)
      const counts = []
      for (const seed of oneTo(40)) {
        const chosen = numbersOf(seed, 3).map((number) => singleFilters[number % singleFilters.length])
        counts.push(
          await checkCommands(log, headers, Object.assign({}, ...chosen.slice(0, 2 + (seed % 2))) as CommandFilter),
        )
      }
      assert.ok(counts.some((count) => count > 1))
    },
  },
  {
    group,
    name: 'a page has 100 commands by default and 10,000 at most',
    run: async ({ log, events }) => {
      await Promise.all(oneTo(130).map(() => stored(events, commit())))
      const page = await log.list({})
      assert.deepEqual([page.items.length, page.items[0]?.commitNo, 'total' in page], [100, 130, false])
      const rest = await log.list({}, { cursor: page.cursor })
      assert.deepEqual([rest.items.length, 'cursor' in rest], [30, false])
      for (const limit of [0, 1.5, 10_001]) await assert.rejects(log.list({}, { limit }), RangeError)
    },
  },
  {
    group,
    name: 'who pages while others write meets every command of before once',
    run: async ({ log, events }) => {
      const headers = await storeCommands(events)
      let pages = 0
      const writing = async (filter: CommandFilter) =>
        everyPage(
          async (page) => {
            if ((pages += 1) < 9) await stored(events, commit({ tenant: 'left' }))
            return log.list(filter, page)
          },
          { limit: 5 },
        )
      const newest = await writing({ tenant: 'left' })
      const expected = plainCommands(headers, { tenant: 'left' })
      assert.deepEqual(newest.slice(-expected.length), expected)
      assert.ok(newest.length <= expected.length + 1)
      const oldest = await writing({ order: 'oldest' })
      assert.deepEqual(oldest.slice(0, headers.length), headers)
    },
  },
  {
    group,
    name: 'a list of one tenant shows nothing of another',
    run: async ({ log, events }) => {
      const context = JSON.stringify({ identity: 'hidden-text', correlationId: 'shared' })
      for (const i of oneTo(8)) {
        const ids = { commandId: `same-${i}`, streams: [stream('a')] }
        await stored(events, commit({ ...ids, tenant: 'theirs', context, answer: '"hidden-text"' }))
        await stored(events, commit({ ...ids, tenant: 'ours', context: '{"correlationId":"shared"}' }))
      }
      for (const filter of [{}, { correlationId: 'shared' }, { correlationId: 'same-2' }, { from: 0 }]) {
        const found = await everyPage((page) => log.list({ ...filter, tenant: 'ours' }, page), { limit: 3 })
        assert.ok(found.length > 0 && !JSON.stringify(found).includes('hidden-text'))
        assert.equal(await log.total({ ...filter, tenant: 'ours' }), found.length)
      }
      assert.equal(await log.total({ tenant: 'ours', sender: 'hidden-text' }), 0)
      assert.equal((await log.get('ours', 'same-1'))?.answer, undefined)
    },
  },
  {
    group,
    name: 'an id that no command can have is refused, and so is a cursor of another list',
    run: async ({ log, events }) => {
      await storeCommands(events)
      for (const bad of badKeys) {
        await refused('invalid_key', [
          log.get('left', bad),
          log.list({ commandType: bad }),
          log.list({ correlationId: bad }),
          log.total({ sender: bad }),
          ...(bad === '' ? [] : [log.get(bad, 'a'), log.list({ tenant: bad })]),
        ])
      }
      const { cursor } = await events.list({}, { limit: 1 })
      await refused('invalid_cursor', [log.list({}, { cursor }), log.list({}, { cursor: 'x' })])
      await assert.rejects(log.list({ from: 0.5 }), RangeError)
    },
  },
  {
    group,
    name: 'a cursor is good for its own question only, and shows no number',
    run: async ({ log, events }) => {
      await storeCommands(events)
      const filter = { tenant: 'left', order: 'newest' } as const
      const { cursor = '' } = await log.list(filter, { limit: 1 })
      assert.match(cursor, /^[\w-]{22}$/)
      assert.ok((await log.list({ tenant: 'left' }, { cursor })).items.length > 0)
      await refused('invalid_cursor', [
        log.list({ ...filter, tenant: 'right' }, { cursor }),
        log.list({ ...filter, order: 'oldest' }, { cursor }),
        log.list({ ...filter, from: 0 }, { cursor }),
        events.list(filter, { cursor }),
      ])
    },
  },
]
