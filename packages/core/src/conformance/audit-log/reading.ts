// Reading: a chain from its start, and the heads of all chains, page by page and within bounds.
import assert from 'node:assert/strict'
import { oneTo, stored } from '../event-store/given.ts'
import { refused } from '../refused.ts'
import { audited, chainOf, entry, everyHead, storeAll, tenant, withoutHash } from './given.ts'
import type { AuditLogCase } from './given.ts'

const group = 'reading'

export const readingCases: readonly AuditLogCase[] = [
  {
    group,
    name: 'a chain is read in pages of any size, from after any sequence',
    run: async ({ log, events }) => {
      const expected = await storeAll(
        events,
        oneTo(30).map((number) => audited(oneTo(1 + (number % 3)).map(() => entry()))),
      )
      for (const limit of [1, 7, 60, 10_000])
        assert.deepEqual((await chainOf(log, tenant, limit)).map(withoutHash), expected)
      for (const after of [0, 1, 29, 59, 60, 61, 1_000])
        assert.deepEqual(
          (await log.read({ tenant, after, limit: 3 })).map(withoutHash),
          expected.slice(after, after + 3),
        )
      assert.equal((await log.read({ tenant, after: 0 })).length, 60)
    },
  },
  {
    group,
    name: 'large entries are read to the end, and only an empty page is the end',
    run: async ({ log, events }) => {
      const large = entry({ data: JSON.stringify('é'.repeat(300_000)) })
      const expected = await storeAll(
        events,
        oneTo(40).map(() => audited([large])),
      )
      const chain = await chainOf(log)
      assert.deepEqual(
        chain.map(({ sequence, data }) => [sequence, data === large.data]),
        expected.map(({ sequence }) => [sequence, true]),
      )
    },
  },
  {
    group,
    name: 'who reads while others write sees a chain that only grows',
    run: async ({ log, events }) => {
      const writing = Promise.all(oneTo(120).map(() => stored(events, audited([entry(), entry()]))))
      let before: readonly string[] = []
      for (const _ of oneTo(20)) {
        const hashes: string[] = []
        for (;;) {
          const page = await log.read({ tenant, after: hashes.length, limit: 50 })
          if (page.length === 0) break
          for (const { sequence, hash } of page) assert.equal(sequence, hashes.push(hash))
        }
        assert.deepEqual(hashes.slice(0, before.length), before)
        before = hashes
      }
      await writing
      assert.equal((await chainOf(log)).length, 240)
    },
  },
  {
    group,
    name: 'heads of many tenants are read in pages, after a tenant',
    run: async ({ log, events }) => {
      const tenants = oneTo(25).map((number) => `t${String(number).padStart(2, '0')}`)
      await storeAll(
        events,
        ['', ...tenants].map((of) => audited([entry()], { tenant: of })),
      )
      const all = await everyHead(log)
      assert.deepEqual(
        all.map((head) => head.tenant),
        ['', ...tenants],
      )
      for (const limit of [1, 4, 26, 10_000]) assert.deepEqual(await everyHead(log, limit), all)
      assert.deepEqual(await log.heads({ after: '', limit: 2 }), all.slice(1, 3))
      assert.deepEqual(await log.heads({ after: 't09x', limit: 1 }), [all[10]])
      assert.deepEqual(await log.heads({ after: 't25' }), [])
    },
  },
  {
    group,
    name: 'bounds that are not kept are refused',
    run: async ({ log }) => {
      for (const limit of [0, -1, 0.5, 10_001, Number.NaN]) {
        await assert.rejects(log.read({ tenant, after: 0, limit }), RangeError)
        await assert.rejects(log.heads({ limit }), RangeError)
      }
      for (const after of [-1, 0.5, Number.NaN]) await assert.rejects(log.read({ tenant, after }), RangeError)
      for (const bad of ['a\0', '\ud800', 'x'.repeat(513)])
        await refused('invalid_key', [log.read({ tenant: bad, after: 0 }), log.heads({ after: bad })])
    },
  },
  {
    group,
    name: 'a closed log answers nothing',
    run: async ({ log, close }) => {
      await close()
      const calls = [log.info(), log.list({}), log.total(), log.read({ tenant, after: 0 }), log.heads()]
      await refused('store_closed', calls)
    },
  },
]
