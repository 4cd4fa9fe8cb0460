// What lasts: neither opening again nor anything that is done to the log of events takes or changes an entry.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import { audited, chainOf, checkLists, entry, linksOf, storeAll, tenant, withoutHash } from './given.ts'
import type { AuditLogCase } from './given.ts'

const group = 'lasting'

export const lastingCases: readonly AuditLogCase[] = [
  {
    group,
    needs: 'durable',
    name: 'chains are found when the log is opened again, and go on where they were',
    run: async ({ events, log, reopen }) => {
      const commits = oneTo(20).map((number) =>
        audited([entry(), entry()], { tenant: number % 2 === 0 ? tenant : '', streams: [stream(`s${number % 3}`)] }),
      )
      await storeAll(events, commits)
      const before = [await chainOf(log), await chainOf(log, '')]
      const opened = await reopen()
      assert.deepEqual([await chainOf(opened.log), await chainOf(opened.log, '')], before)
      const more = [audited([entry()]), audited([entry()], { tenant: '' })]
      await storeAll(opened.events, more)
      await checkLists(opened.log, linksOf([...commits, ...more]), {}, 9)
      assert.equal((await chainOf(opened.log)).length, 21)
    },
  },
  {
    group,
    name: 'a fork keeps the chains, and they go on',
    run: async ({ events, log }) => {
      const commits = oneTo(5).map(() => audited([entry()]))
      await storeAll(events, commits)
      await events.fork()
      const more = audited([entry()])
      await stored(events, more)
      assert.deepEqual((await chainOf(log)).map(withoutHash), linksOf([...commits, more]))
    },
  },
  {
    group,
    needs: 'rewriting',
    name: 'emptying the events keeps the chains as they are, more than once, and they go on',
    run: async ({ events, log }) => {
      const commits = oneTo(12).map((number) =>
        audited([entry(), entry()], { tenant: number % 3 === 0 ? 'other' : tenant, streams: [stream('a')] }),
      )
      for (const each of commits) {
        await stored(events, commit({ streams: [stream('b')] }))
        await stored(events, each)
      }
      const before = [await chainOf(log), await chainOf(log, 'other')]
      await events.reset()
      await events.reset()
      assert.deepEqual([await chainOf(log), await chainOf(log, 'other')], before)
      assert.equal((await log.info()).items, 24)
      assert.deepEqual((await events.parts(tenant, commits[0]?.commandId ?? ''))?.audit, commits[0]?.audit)
      const more = audited([entry()], { streams: [stream('a', 'noStream')] })
      await stored(events, more)
      const expected = linksOf([...commits, more])
      assert.deepEqual(
        (await chainOf(log)).map(withoutHash),
        expected.filter((link) => link.tenant === tenant),
      )
      await checkLists(log, expected, {}, 9)
    },
  },
  {
    group,
    needs: 'rewriting',
    name: 'whoever changes or deletes an event leaves the entry of it, in the tenant of the record',
    run: async ({ events, log }) => {
      const given = commit({ tenant: 'theirs', streams: [stream('a', 'any', ['1', '2'])] })
      await stored(events, given)
      const key = { tenant: 'theirs', commandId: given.commandId, index: 0 }
      const records = [
        audited([entry({ action: 'StoreEvent.Update' })]),
        audited([entry({ action: 'StoreEvent.Delete' })]),
      ]
      const [update, deletion] = records as [(typeof records)[0], (typeof records)[0]]
      assert.equal((await events.rewrite({ ...key, data: '"new"', record: update }))?.verdict, 'stored')
      assert.equal((await events.rewrite({ ...key, data: undefined, record: deletion }))?.verdict, 'stored')
      // Of what changed nothing there is no entry.
      const again = audited([entry()])
      assert.equal(await events.rewrite({ ...key, data: '1', record: again }), undefined)
      assert.equal((await events.rewrite({ ...key, index: 1, data: '1', record: update }))?.verdict, 'duplicate')
      assert.deepEqual((await chainOf(log)).map(withoutHash), linksOf(records))
      assert.deepEqual(await log.read({ tenant: 'theirs', after: 0 }), [])
    },
  },
  {
    group,
    name: 'forgetting records and keys of commands takes no entry',
    run: async ({ events, log }) => {
      const idempotency = { sender: 'alice', key: 'key', fingerprint: 'print' }
      const given = audited([entry()], { idempotency })
      const expected = await storeAll(events, [given])
      await events.pruneKeys({ before: given.recordedAt + 1 })
      assert.deepEqual((await chainOf(log)).map(withoutHash), expected)
    },
  },
]
