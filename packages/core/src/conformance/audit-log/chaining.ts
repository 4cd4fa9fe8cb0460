// Chains: an entry for every entry of every stored commit, one chain per tenant, each hash over what lies before.
import assert from 'node:assert/strict'
import { auditLimits, auditOutcomes } from '../../stores/audit/audit-entry.ts'
import { auditEntry, commit, oneTo, stored, stream } from '../event-store/given.ts'
import { refused } from '../refused.ts'
import {
  audited,
  chainOf,
  checkLists,
  entry,
  everyHead,
  linksOf,
  startUs,
  storeAll,
  tenant,
  withoutHash,
} from './given.ts'
import type { AuditLogCase } from './given.ts'

const group = 'chaining'

export const chainingCases: readonly AuditLogCase[] = [
  {
    group,
    name: 'a log without commits is empty',
    run: async ({ log, events }) => {
      await stored(events, commit({ streams: [stream('a')] }))
      assert.deepEqual(await log.list({}, { withTotal: true }), { items: [], total: 0 })
      assert.deepEqual([await log.total(), await log.read({ tenant, after: 0 }), await log.heads()], [0, [], []])
      const { store, items } = await log.info()
      assert.deepEqual([store, items], ['audit', 0])
    },
  },
  {
    group,
    name: 'entries of commits lie in their order, numbered from 1, with command, index and time',
    run: async ({ log, events }) => {
      const commits = [
        audited([entry()]),
        audited([], { streams: [stream('a')] }),
        audited([entry({ action: 'Order.Place', actor: '' }), entry({ outcome: 'failed' }), entry({ resource: '' })]),
        audited([entry({ outcome: 'denied' })], { streams: [stream('a'), stream('b')], commandId: 'last' }),
      ]
      const expected = await storeAll(events, commits)
      assert.deepEqual(
        expected.map(({ sequence, index }) => [sequence, index]),
        [
          [1, 0],
          [2, 0],
          [3, 1],
          [4, 2],
          [5, 0],
        ],
      )
      assert.deepEqual((await chainOf(log)).map(withoutHash), expected)
      assert.equal((await log.info()).items, 5)
    },
  },
  {
    group,
    name: 'a hash is that of the definition, and the first one follows the start',
    run: async ({ log, events }) => {
      const fixed = entry({ data: '{"reason":"späte 🔑"}' })
      const given = audited([fixed, fixed], { commandId: 'fixed', recordedAt: startUs })
      await stored(events, given)
      const [first, second] = await chainOf(log)
      assert.equal(first?.hash, '7795ce8ee31af120bc049027f8b88ae6e18419149e8cc9b382cbbd2b5bcda120')
      assert.equal(second?.hash, '09b9c46dbd06a613e26975cff1cd72d9a58eb8baf0e0e07fedf1a84b46f66e16')
    },
  },
  {
    group,
    name: 'a chain has no gaps when many commit at once, and follows the order of commits',
    run: async ({ log, events }) => {
      const commits = oneTo(200).map((number) =>
        audited(
          oneTo(number % 4).map(() => entry()),
          { streams: number % 3 === 0 ? [stream(`s${number % 7}`)] : [], tenant: number % 2 === 0 ? tenant : 'other' },
        ),
      )
      const receipts = await Promise.all(
        commits.map(async (each) => ({ each, commitNo: (await stored(events, each)).commitNo })),
      )
      const inOrder = receipts.toSorted((a, b) => a.commitNo - b.commitNo).map(({ each }) => each)
      const expected = linksOf(inOrder)
      for (const name of [tenant, 'other'])
        assert.deepEqual(
          (await chainOf(log, name, 70)).map(withoutHash),
          expected.filter((link) => link.tenant === name),
        )
    },
  },
  {
    group,
    name: 'each tenant has its own chain, the empty one too, and heads are in order of code points',
    run: async ({ log, events }) => {
      const tenants = ['', "%_* it's", 'A', 'a', 'a.b', 'ab', 'b', '\uff5e', '𝒶']
      const rounds = [tenants.toReversed(), tenants].map((round, at) =>
        round.map((of) => audited([entry({ data: JSON.stringify(of) })], { tenant: of, commandId: `same-${at}` })),
      )
      const expected = await storeAll(events, rounds.flat())
      assert.deepEqual(
        (await everyHead(log)).map((head) => [head.tenant, head.sequence]),
        tenants.map((of) => [of, 2]),
      )
      for (const name of tenants)
        assert.deepEqual(
          (await chainOf(log, name, 1)).map(withoutHash),
          expected.filter((link) => link.tenant === name),
        )
      assert.deepEqual(await log.read({ tenant: 'nobody', after: 0 }), [])
    },
  },
  {
    group,
    name: 'a commit that is not stored leaves no entry: a duplicate, a conflict, one under a taken key, one that is refused',
    run: async ({ log, events }) => {
      const idempotency = { sender: 'alice', key: 'key', fingerprint: 'print' }
      const first = audited([entry()], { idempotency, streams: [stream('a')] })
      const expected = await storeAll(events, [first])
      const [again, conflict, taken, elsewhere] = [
        await events.commit({ ...first, audit: [entry()] }),
        await events.commit(audited([entry()], { streams: [stream('b'), stream('a', 'noStream')] })),
        await events.commit(audited([entry()], { idempotency })),
        await events.commit(audited([entry()], { reads: [{ ...stream('a'), tenant: 'other', version: 1 }] })),
      ]
      assert.deepEqual(
        [again, conflict, taken, elsewhere].map(({ verdict }) => verdict),
        ['duplicate', 'conflict', 'duplicate', 'conflict'],
      )
      await refused('invalid_output', [events.commit(audited([entry(), entry({ data: '"\0"' })]))])
      assert.deepEqual((await chainOf(log)).map(withoutHash), expected)
    },
  },
  {
    group,
    name: 'bad commits among good ones of a group change nothing for the good ones',
    run: async ({ log, events }) => {
      await stored(events, audited([], { commandId: 'taken' }))
      const runs = oneTo(90).map((number) => {
        if (number % 3 === 0) return audited([entry()], { commandId: 'taken' })
        if (number % 3 === 1) return audited([entry()], { streams: [stream('a', 7)] })
        return audited([entry(), entry()])
      })
      const verdicts = await Promise.all(runs.map((each) => events.commit(each)))
      assert.equal(verdicts.filter(({ verdict }) => verdict === 'stored').length, 30)
      const chain = await chainOf(log)
      const good = runs.filter((_, at) => verdicts[at]?.verdict === 'stored').map(({ commandId }) => commandId)
      assert.equal(chain.length, 60)
      assert.deepEqual(new Set(chain.map(({ commandId }) => commandId)), new Set(good))
    },
  },
  {
    group,
    name: 'texts come back exactly: any script, escapes, key order, white space, empty actor and resource',
    run: async ({ log, events }) => {
      const data = [
        '{"b":1,"a":2,"a":3}',
        '{ "space" : [ -0, 1.0, 1e2 ] }\n',
        '{"escapes":"\\u0000\\ud800\\/\\u00e9\\"\\n"}',
        '{"script":"鍵🔑 é e\u0301 \u2028\ufeff"}',
        JSON.stringify({ after: 'x'.repeat(auditLimits.stateBytes) }),
      ]
      const names = ['', ' a ', "it's", '"\\', '鍵🔑', 'A\nb\t\u007f', '\u200b', 'x'.repeat(auditLimits.textLength)]
      const entries = [
        ...data.map((text) => entry({ data: text })),
        ...names.map((name) => entry({ actor: name })),
        ...names.map((name) => entry({ resource: name })),
        ...auditOutcomes.map((outcome) => entry({ outcome })),
      ]
      const expected = await storeAll(events, [audited(entries), audited(entries, { commandId: "鍵🔑 it's" })])
      assert.deepEqual((await chainOf(log)).map(withoutHash), expected)
      for (const filter of names.flatMap((name) => [{ actor: name }, { resource: name }]))
        assert.equal(await checkLists(log, expected, filter), 2)
    },
  },
  {
    group,
    name: 'an entry that cannot be kept exactly is refused, and nothing of its commit is stored',
    run: async ({ log, events }) => {
      const long = 'x'.repeat(auditLimits.textLength + 1)
      for (const bad of ['a\0', '\ud800', '\udc00b', long])
        await refused(
          'invalid_key',
          (['action', 'actor', 'resource'] as const).map((field) =>
            events.commit(audited([entry(), entry({ [field]: bad })], { streams: [stream('a')] })),
          ),
        )
      await refused('invalid_key', [events.commit(audited([entry({ action: '' })]))])
      await refused('invalid_output', [events.commit(audited([entry({ data: '"\ud800"' })]))])
      await refused('payload_too_large', [events.commit(audited([entry({ data: `"${'x'.repeat(1024 * 1024)}"` })]))])
      await assert.rejects(events.commit(audited([entry({ outcome: 'allowed' as never })])), RangeError)
      assert.deepEqual([await log.total(), await events.head()], [0, 0])
    },
  },
  {
    group,
    name: 'the parts of a command still tell its entries',
    run: async ({ events }) => {
      const given = audited([auditEntry('Order.Cancel', '{"b":1,"a":2}'), entry({ actor: '', resource: '' })])
      await stored(events, given)
      assert.deepEqual((await events.parts(tenant, given.commandId))?.audit, given.audit)
      await stored(events, commit({ tenant, commandId: 'plain' }))
      assert.deepEqual((await events.parts(tenant, 'plain'))?.audit, [])
    },
  },
]
