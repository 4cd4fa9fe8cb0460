// The same command again, by its id or by the caller's key: one commit, found again.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream, tenant, wholeLog } from './given.ts'
import type { CommitFields, EventStoreCase } from './given.ts'

const group = 'repetitions'
const keyed = (
  fields: CommitFields = {},
  key = 'key-1',
  sender = 'alice',
  fingerprint = 'print-1',
): ReturnType<typeof commit> => commit({ ...fields, idempotency: { sender, key, fingerprint } })

export const repetitionCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'the same command id again is a duplicate that carries the stored header, and adds nothing',
    run: async ({ store }) => {
      const first = commit({
        streams: [stream('a')],
        answer: '{"total":3}',
        fingerprint: 'print',
        context: '{"identity":"alice"}',
      })
      const receipt = await stored(store, first)
      const again = await store.commit({ ...first, recordedAt: first.recordedAt + 5, context: '{"identity":"bob"}' })
      const { commandId, recordedAt, context, header } = first
      assert.deepEqual(again, {
        verdict: 'duplicate',
        by: 'command',
        fingerprint: 'print',
        header: {
          ...header,
          tenant,
          commandId,
          recordedAt,
          context,
          commitNo: receipt.commitNo,
          position: receipt.position,
          eventCount: 1,
        },
      })
      assert.equal(await store.head(), 1)
      assert.equal((await stored(store, commit())).commitNo, 2)
    },
  },
  {
    group,
    name: 'the command id is looked at before versions and conditions',
    run: async ({ store }) => {
      const first = commit({ streams: [stream('a', 'noStream')] })
      await stored(store, first)
      const again = await store.commit(first)
      assert.equal(again.verdict, 'duplicate')
    },
  },
  {
    group,
    name: 'of many commits with one command id, given at once, one is stored and the others find it',
    run: async ({ store }) => {
      const same = commit({ streams: [stream('a')] })
      const verdicts = await Promise.all(oneTo(20).map(() => store.commit(same)))
      assert.equal(verdicts.filter(({ verdict }) => verdict === 'stored').length, 1)
      for (const verdict of verdicts)
        if (verdict.verdict !== 'stored') assert.equal(verdict.verdict === 'duplicate' && verdict.header.commitNo, 1)
      assert.equal(await store.head(), 1)
    },
  },
  {
    group,
    name: 'the same key again is a duplicate that carries the stored header and the stored fingerprint',
    run: async ({ store }) => {
      const first = keyed({ streams: [stream('a')], answer: '7' })
      await stored(store, first)
      const again = await store.commit(keyed({ streams: [stream('a')] }, 'key-1', 'alice', 'print-2'))
      assert.ok(again.verdict === 'duplicate' && again.by === 'key')
      assert.equal(again.fingerprint, 'print-1')
      assert.deepEqual([again.header.commandId, again.header.answer, again.header.commitNo], [first.commandId, '7', 1])
      assert.equal(await store.head(), 1)
      assert.equal((await stored(store, commit())).commitNo, 2)
    },
  },
  {
    group,
    name: 'a key belongs to its sender and its command type',
    run: async ({ store }) => {
      await stored(store, keyed())
      await stored(store, keyed({}, 'key-1', 'bob'))
      await stored(store, keyed({}, 'key-1', ''))
      await stored(store, keyed({ commandType: 'Order.Other' }))
      await stored(store, keyed({}, 'key-2'))
      assert.equal((await store.commit(keyed({}, 'key-1', ''))).verdict, 'duplicate')
    },
  },
  {
    group,
    name: 'a conflict does not use up the key',
    run: async ({ store }) => {
      assert.equal((await store.commit(keyed({ streams: [stream('a', 'exists')] }))).verdict, 'conflict')
      await stored(store, keyed({ streams: [stream('a', 'noStream')] }))
    },
  },
  {
    group,
    name: 'of many commits with one key, given at once, one is stored and the others find it',
    run: async ({ store }) => {
      const verdicts = await Promise.all(oneTo(20).map((i) => store.commit(keyed({ streams: [stream(`s${i}`)] }))))
      assert.equal(verdicts.filter(({ verdict }) => verdict === 'stored').length, 1)
      assert.equal(verdicts.filter((verdict) => verdict.verdict === 'duplicate' && verdict.by === 'key').length, 19)
      assert.equal((await wholeLog(store)).length, 1)
    },
  },
  {
    group,
    name: 'a header is found by its key, with the fingerprint; an unknown one is absent',
    run: async ({ store }) => {
      const first = keyed({ answer: '7' })
      await stored(store, first)
      const scope = { tenant, sender: 'alice', commandType: 'Order.Change', key: 'key-1' }
      const found = await store.headerByKey(scope)
      assert.deepEqual(
        [found?.fingerprint, found?.header.commandId, found?.header.answer],
        ['print-1', first.commandId, '7'],
      )
      assert.equal(await store.headerByKey({ ...scope, key: 'key-2' }), undefined)
      assert.equal(await store.headerByKey({ ...scope, sender: 'bob' }), undefined)
      assert.equal(await store.headerByKey({ ...scope, commandType: 'Order.Other' }), undefined)
      assert.equal(await store.headerByKey({ ...scope, tenant: 'tenant-2' }), undefined)
    },
  },
  {
    group,
    name: 'an abandoned header refuses its late twin',
    run: async ({ store }) => {
      const late = commit({ streams: [stream('a')] })
      await stored(store, commit({ commandId: late.commandId, outcome: 'abandoned' }))
      const verdict = await store.commit(late)
      assert.ok(verdict.verdict === 'duplicate' && verdict.by === 'command')
      assert.equal(verdict.header.outcome, 'abandoned')
      assert.equal(await store.head(), 0)
    },
  },
  {
    group,
    name: 'a stored commit cannot be abandoned',
    run: async ({ store }) => {
      const first = commit({ streams: [stream('a')] })
      await stored(store, first)
      const verdict = await store.commit(commit({ commandId: first.commandId, outcome: 'abandoned' }))
      assert.ok(verdict.verdict === 'duplicate' && verdict.header.outcome === 'accepted')
      assert.equal((await store.header(tenant, first.commandId))?.outcome, 'accepted')
    },
  },
]
