// Lists of commands: every filter, alone and together with others, in pages that are bound to their question.
import assert from 'node:assert/strict'
import type { CommandFilter } from '../../stores/command-log/command-log.ts'
import { numbersOf } from '../random-numbers.ts'
import { badKeys, refused } from '../refused.ts'
import { checkLists, command, everyRecord, oneTo, plainList, singleFilters, startUs, variedRecords } from './given.ts'
import type { CommandLogCase } from './given.ts'

const group = 'listing'
export const listingCases: readonly CommandLogCase[] = [
  {
    group,
    name: 'every command is listed once, the newest first, with every field',
    run: async ({ log, record }) => {
      assert.deepEqual(await log.list({}), { items: [] })
      assert.equal(await log.total(), 0)
      const kept = await record(variedRecords())
      const all = { items: kept.toReversed(), total: kept.length }
      assert.deepEqual(await log.list({}, { limit: 100, withTotal: true }), all)
      assert.equal(await checkLists(log, kept, {}, 7), kept.length)
    },
  },
  {
    group,
    name: 'every filter alone finds what it names, no more and no less',
    run: async ({ log, record }) => {
      const kept = await record(variedRecords())
      for (const filter of singleFilters) {
        const found = await checkLists(log, kept, filter)
        assert.ok(found > 0 && found < kept.length, `${JSON.stringify(filter)} found ${found}.`)
      }
      for (const filter of [
        { tenant: 'other' },
        { statuses: [] },
        { statuses: ['started'] },
        { commandType: 'Order' },
        { correlationId: 'other' },
        { tenant: 'left', correlationId: 'command-a7' },
        { sender: 'account' },
        { from: startUs * 2 },
        { to: 0 },
      ] as const)
        assert.equal(await checkLists(log, kept, filter), 0, `${JSON.stringify(filter)} found something.`)
    },
  },
  {
    group,
    name: 'filters together find what each of them finds',
    run: async ({ log, record }) => {
      const kept = await record(variedRecords())
      const counts = []
      for (const seed of oneTo(30)) {
        const chosen = numbersOf(seed, 3).map((number) => singleFilters[number % singleFilters.length])
        const filter = Object.assign({}, ...chosen.slice(0, 2 + (seed % 2))) as CommandFilter
        counts.push(await checkLists(log, kept, filter, 10))
      }
      assert.ok(counts.some((count) => count > 1))
    },
  },
  {
    group,
    name: 'a time range has its start and not its end',
    run: async ({ log, record }) => {
      const kept = await record([3, 1, 2, 2].map((offset) => command({ recordedAt: startUs + offset })))
      assert.equal(await checkLists(log, kept, { from: startUs + 2, to: startUs + 3 }), 2)
      assert.equal(await checkLists(log, kept, { from: startUs + 1, to: startUs + 1 }), 0)
      assert.equal(await checkLists(log, kept, { from: startUs + 2 }), 3)
    },
  },
  {
    group,
    name: 'a page has 100 commands by default and 10,000 at most',
    run: async ({ log, record }) => {
      const kept = await record(oneTo(130).map(() => command()))
      const page = await log.list({})
      assert.deepEqual(page.items, kept.toReversed().slice(0, 100))
      assert.equal('total' in page, false)
      const rest = await log.list({}, { cursor: page.cursor })
      assert.deepEqual([rest.items.length, 'cursor' in rest], [30, false])
      assert.equal((await log.list({}, { limit: 10_000 })).items.length, 130)
      for (const limit of [0, 1.5, 10_001]) await assert.rejects(log.list({}, { limit }), RangeError)
    },
  },
  {
    group,
    name: 'a page can begin after a number of commands, and has the total when it was asked for',
    run: async ({ log, record }) => {
      const kept = await record(oneTo(5).map(() => command()))
      const page = await log.list({ order: 'oldest' }, { offset: 3, limit: 1, withTotal: true })
      assert.deepEqual([page.items, page.total], [kept.slice(3, 4), 5])
      const last = await log.list({ order: 'oldest' }, { cursor: page.cursor, withTotal: true })
      assert.deepEqual(last, { items: kept.slice(4), total: 5 })
      assert.deepEqual(await log.list({}, { offset: 5 }), { items: [] })
      for (const offset of [-1, 0.5]) await assert.rejects(log.list({}, { offset }), RangeError)
      await assert.rejects(log.list({ order: 'oldest' }, { offset: 1, cursor: page.cursor }), RangeError)
    },
  },
  {
    group,
    name: 'a list of one tenant shows nothing of another',
    run: async ({ log, record }) => {
      const ids = oneTo(8).map((number) => `same-${number}`)
      const theirs = { tenant: 'theirs', context: '{"identity":"hidden-text","correlationId":"shared"}' }
      const ours = { tenant: 'ours', context: '{"correlationId":"shared"}' }
      await record(
        ids.flatMap((commandId) => [
          command({ commandId, ...theirs, payload: '"hidden-text"', metadata: { note: 'hidden-text' } }),
          command({ commandId, ...ours }),
        ]),
      )
      for (const filter of [{}, { correlationId: 'shared' }, { correlationId: 'same-2' }, { from: 0 }]) {
        const found = await everyRecord(log, { ...filter, tenant: 'ours' }, { limit: 3 })
        assert.ok(found.length > 0 && !JSON.stringify(found).includes('hidden-text'))
        assert.equal(await log.total({ ...filter, tenant: 'ours' }), found.length)
      }
      assert.equal(await log.total({ tenant: 'ours', sender: 'hidden-text' }), 0)
      assert.equal((await log.get('ours', 'same-1'))?.payload, '{"item":"a"}')
      assert.equal((await log.get('theirs', 'same-1'))?.payload, '"hidden-text"')
    },
  },
  {
    group,
    name: 'a question that no command can answer is refused',
    run: async ({ log, record }) => {
      await record(variedRecords())
      for (const bad of badKeys)
        await refused('invalid_key', [
          log.list({ commandType: bad }),
          log.list({ correlationId: bad }),
          log.total({ sender: bad }),
          ...(bad === '' ? [] : [log.list({ tenant: bad })]),
        ])
      for (const filter of [{ from: 0.5 }, { to: -1 }, { afterCommitNo: -1 }])
        await assert.rejects(log.list(filter), RangeError)
    },
  },
  {
    group,
    name: 'a cursor is good for its own question only',
    run: async ({ log, record }) => {
      const kept = await record(variedRecords())
      const filter = { tenant: 'left', order: 'newest' } as const
      const { cursor } = await log.list(filter, { limit: 1 })
      const rest = await log.list({ tenant: 'left' }, { cursor })
      assert.deepEqual(rest.items, plainList(kept, filter).slice(1))
      await refused('invalid_cursor', [
        log.list({ ...filter, tenant: 'right' }, { cursor }),
        log.list({ ...filter, order: 'oldest' }, { cursor }),
        log.list({ ...filter, from: 0 }, { cursor }),
        log.list({ ...filter, statuses: ['accepted'] }, { cursor }),
        log.list(filter, { cursor: 'x' }),
      ])
    },
  },
]
