// Lists: which entries a question finds, in which order, page by page, while others write.
import assert from 'node:assert/strict'
import { auditOutcomes } from '../../stores/audit/audit-entry.ts'
import type { AuditFilter, AuditLog } from '../../stores/audit/audit-log.ts'
import type { Commit } from '../../stores/commit.ts'
import { oneTo, stored } from '../event-store/given.ts'
import { refused } from '../refused.ts'
import { audited, checkLists, entry, everyEntry, plainList, startUs, storeAll, withoutHash } from './given.ts'
import type { AuditLogCase } from './given.ts'

const group = 'listing'

/** Commits of three tenants with entries of every kind, 84 of them. */
function variedCommits(): readonly Commit[] {
  return oneTo(42).map((number) =>
    audited(
      oneTo(1 + (number % 3)).map((index) =>
        entry({
          action: number % 4 === 0 ? 'Order.Place' : 'Order.Cancel',
          actor: ['', 'user-1', 'user-2'][number % 3] as string,
          resource: index === 1 ? `Order/${number % 5}` : '',
          outcome: auditOutcomes[(number + index) % 4] as (typeof auditOutcomes)[number],
        }),
      ),
      {
        tenant: ['left', '', 'right'][Math.floor(number / 4) % 3] as string,
        // Times do not follow the order of commits.
        recordedAt: startUs + (number % 2 === 0 ? number : 100 - number) * 1_000,
      },
    ),
  )
}
const singleFilters: readonly AuditFilter[] = [
  { tenant: 'left' },
  { tenant: '' },
  { action: 'Order.Place' },
  { actor: 'user-1' },
  { actor: '' },
  { resource: 'Order/3' },
  { resource: '' },
  { outcome: 'denied' },
  { outcome: 'succeeded' },
  { from: startUs + 40_000 },
  { to: startUs + 40_000 },
]

export const listingCases: readonly AuditLogCase[] = [
  {
    group,
    name: 'every filter, alone and with every other, finds what a plain filter finds, in both orders',
    run: async ({ log, events }) => {
      const entries = await storeAll(events, variedCommits())
      assert.equal(await checkLists(log, entries, {}, 7), entries.length)
      for (const filter of singleFilters) {
        const count = await checkLists(log, entries, filter)
        assert.ok(count > 0 && count < entries.length, `${JSON.stringify(filter)} finds some and leaves some`)
      }
      for (const one of singleFilters)
        for (const other of singleFilters) {
          const filter = { ...one, ...other, order: 'oldest' } as const
          assert.deepEqual((await log.list(filter)).items.map(withoutHash), plainList(entries, filter))
        }
      assert.equal(await checkLists(log, entries, { tenant: 'nobody' }), 0)
    },
  },
  {
    group,
    name: 'an end of a time range is not in it, its beginning is',
    run: async ({ log, events }) => {
      const entries = await storeAll(
        events,
        oneTo(5).map((number) => audited([entry()], { recordedAt: startUs + number })),
      )
      assert.equal(await checkLists(log, entries, { from: startUs + 2, to: startUs + 4 }), 2)
      assert.equal(await checkLists(log, entries, { from: startUs + 2, to: startUs + 2 }), 0)
    },
  },
  {
    group,
    name: 'without a limit a page has 100 entries, and a count only when it is asked for',
    run: async ({ log, events }) => {
      const entries = await storeAll(events, [audited(oneTo(101).map(() => entry()))])
      const { items, total } = await log.list({ order: 'oldest' })
      assert.deepEqual([items.length, total], [100, undefined])
      assert.equal((await everyEntry(log)).length, entries.length)
    },
  },
  {
    group,
    name: 'who pages while others write meets every entry of before once',
    run: async ({ log, events }) => {
      const entries = await storeAll(events, variedCommits())
      let written = 0
      const busy: Pick<AuditLog, 'list'> = {
        list: async (filter, page) => {
          if ((written += 1) <= 9)
            for (const tenant of ['left', '', 'right']) await stored(events, audited([entry()], { tenant }))
          return log.list(filter, page)
        },
      }
      for (const order of ['oldest', 'newest'] as const)
        for (const tenant of ['left', undefined]) {
          written = 0
          const found = await everyEntry(busy, { order, tenant }, { limit: 5 })
          const known = new Set(found.map((each) => `${each.sequence} ${each.tenant}`))
          assert.equal(known.size, found.length, 'none twice')
          const before = new Set(entries.map(({ commandId }) => commandId))
          const kept = found.filter(({ commandId }) => before.has(commandId)).map(withoutHash)
          assert.deepEqual(kept, plainList(entries, { order, tenant }))
        }
    },
  },
  {
    group,
    name: 'a cursor is good for its own question only, and for its own log',
    run: async ({ log, events }) => {
      const entries = await storeAll(events, variedCommits())
      const filter = { tenant: 'left', order: 'newest' } as const
      const { cursor = '' } = await log.list(filter, { limit: 1 })
      assert.match(cursor, /^[\w-]+$/)
      const rest = await log.list({ tenant: 'left' }, { cursor })
      assert.deepEqual(rest.items.map(withoutHash), plainList(entries, filter).slice(1))
      await refused('invalid_cursor', [
        log.list({ ...filter, tenant: 'right' }, { cursor }),
        log.list({ ...filter, order: 'oldest' }, { cursor }),
        log.list({ ...filter, actor: 'user-1' }, { cursor }),
        log.list({ ...filter, from: 0 }, { cursor }),
        log.list(filter, { cursor: 'x' }),
        events.list({ order: 'newest' }, { cursor }),
      ])
      const { cursor: ofEvents } = await log.list({}, { limit: 1 })
      await events.fork()
      await refused('invalid_cursor', [log.list({}, { cursor: ofEvents })])
    },
  },
  {
    group,
    name: 'a question that no entry can answer, and bounds that are not kept, are refused',
    run: async ({ log }) => {
      for (const bad of ['a\0', '\ud800', 'x'.repeat(1_025)])
        await refused('invalid_key', [
          log.list({ tenant: bad }),
          log.list({ action: bad }),
          log.list({ actor: bad }),
          log.total({ resource: bad }),
        ])
      const bounds = [{ from: 0.5 }, { from: -1 }, { to: Number.NaN }, { outcome: 'allowed' as never }]
      for (const filter of bounds) {
        await assert.rejects(log.list(filter), RangeError)
        await assert.rejects(log.total(filter), RangeError)
      }
      for (const limit of [0, -1, 0.5, 10_001]) await assert.rejects(log.list({}, { limit }), RangeError)
      await assert.rejects(log.list({}, { offset: -1 }), RangeError)
    },
  },
]
