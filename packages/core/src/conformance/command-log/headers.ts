// A log of headers: what it has in common with the event store whose commits it shows.
import assert from 'node:assert/strict'
import { auditEntry, commit, stored, stream } from '../event-store/given.ts'
import { refused } from '../refused.ts'
import { checkLists, command, oneTo, startUs, tenant, variedRecords } from './given.ts'
import type { HeaderCase } from './given.ts'

const group = 'headers'
export const headerCases: readonly HeaderCase[] = [
  {
    group,
    name: 'a record tells its commit, and where its events lie',
    run: async ({ log, events, record }) => {
      await stored(events, commit({ streams: [stream('a')] }))
      const ids = ['two.0', 'two.1']
      const [kept] = await record([
        command({ commandId: 'two', events: ids.map((id) => ({ id, position: undefined })) }),
      ])
      assert.equal(kept?.commitNo, 2)
      const found = await log.get(tenant, 'two')
      assert.deepEqual(found?.events, [
        { id: 'two.0', position: 2 },
        { id: 'two.1', position: 3 },
      ])
      assert.equal((await events.get({ tenant, commandId: 'two', index: 1 }))?.position, 3)
    },
  },
  {
    group,
    name: 'a repetition adds nothing, and a refused commit leaves nothing',
    run: async ({ log, events }) => {
      const given = commit()
      await stored(events, given)
      assert.equal((await events.commit(given)).verdict, 'duplicate')
      const reads = [{ aggregateType: 'Order', aggregateId: 'a', version: 3 }]
      assert.equal((await events.commit(commit({ reads }))).verdict, 'conflict')
      assert.equal(await log.total(), 1)
    },
  },
  {
    group,
    name: 'a commit without a detail is shown with what its header has, and redacting it changes nothing',
    run: async ({ log, events, record }) => {
      const given = commit({ outcome: 'rejected', context: '{"identity":"a"}', streams: [stream('a')] })
      const { commitNo, position } = await stored(events, given)
      const expected = command({
        commandId: given.commandId,
        commandType: given.header.commandType,
        status: 'rejected',
        recordedAt: given.recordedAt,
        durationUs: undefined,
        context: given.context,
        payload: undefined,
        events: [{ id: `${given.commandId}.0`, position }],
        commitNo,
      })
      const kept = await record([command()])
      await checkLists(log, [expected, ...kept], {})
      assert.equal(await log.redact(tenant, given.commandId), true)
      assert.deepEqual(await log.get(tenant, given.commandId), expected)
    },
  },
  {
    group,
    name: 'a purged command is still known to the event store: it is no new one, and its events stay',
    run: async ({ log, events, record }) => {
      const given = commit({ streams: [stream('a')], answer: '"answer"' })
      await stored(events, given)
      const [kept] = await record([command({ recordedAt: startUs * 2 })])
      assert.equal(await log.purge({ before: startUs * 2 }), 1)
      assert.deepEqual(await log.list({}), { items: [kept] })
      assert.equal((await events.header(tenant, given.commandId))?.answer, '"answer"')
      const again = await events.commit(given)
      assert.equal(again.verdict === 'duplicate' && again.header.answer, '"answer"')
      assert.equal((await events.readAll({ after: 0 })).length, 1)
      assert.equal((await log.info()).items, 1)
    },
  },
  {
    group,
    name: 'a list can begin after a commit, together with any filter',
    run: async ({ log, record }) => {
      const kept = await record(variedRecords())
      for (const afterCommitNo of [0, 1, 20, 41, 42, 100])
        for (const filter of [
          {},
          { tenant: 'left' },
          { correlationId: 'command-a5' },
          { statuses: ['denied'] },
        ] as const) {
          const expected = kept.filter(({ commitNo = 0 }) => commitNo > afterCommitNo)
          const found = await log.list({ ...filter, afterCommitNo, order: 'oldest' }, { limit: 100, withTotal: true })
          const { items } = await log.list({ ...filter, order: 'oldest' })
          assert.deepEqual(
            found.items,
            items.filter(({ commandId }) => expected.some((each) => each.commandId === commandId)),
          )
          assert.equal(found.total, found.items.length)
          assert.equal(await log.total({ ...filter, afterCommitNo }), found.items.length)
        }
    },
  },
  {
    group,
    name: 'a cursor shows no number, and one of events is refused',
    run: async ({ log, events, record }) => {
      await record(variedRecords())
      const { cursor = '' } = await log.list({ order: 'oldest' }, { limit: 1 })
      assert.match(cursor, /^[\w-]{22}$/)
      const { cursor: ofEvents } = await events.list({ order: 'oldest' }, { limit: 1 })
      await refused('invalid_cursor', [
        events.list({ order: 'oldest' }, { cursor }),
        log.list({ order: 'oldest' }, { cursor: ofEvents }),
      ])
    },
  },
  {
    group,
    needs: 'rewriting',
    name: 'emptying the event store empties the log, except for commands with audit entries',
    run: async ({ log, events }) => {
      const context = '{"correlationId":"c"}'
      await stored(events, commit({ context }))
      await stored(events, commit({ commandId: 'kept', context, audit: [auditEntry('a', '1')] }))
      await events.reset()
      const { items } = await log.list({ correlationId: 'c' })
      assert.deepEqual(
        items.map(({ commandId, commitNo }) => [commandId, commitNo]),
        [['kept', 1]],
      )
      assert.equal((await log.info()).items, 1)
      assert.equal(await log.total(), 1)
    },
  },
  {
    group,
    name: 'keys of repetition can be forgotten without their records',
    run: async ({ log, events }) => {
      const idempotency = { sender: 'user', key: 'key', fingerprint: 'print' }
      await stored(events, commit({ idempotency, recordedAt: startUs }))
      const scope = { tenant, sender: 'user', commandType: 'Order.Change', key: 'key' }
      assert.notEqual(await events.headerByKey(scope), undefined)
      assert.deepEqual(
        [await events.pruneKeys({ before: startUs }), await events.pruneKeys({ before: startUs + 1 })],
        [0, 1],
      )
      assert.equal(await events.headerByKey(scope), undefined)
      await stored(events, commit({ idempotency }))
      assert.equal(await log.total(), 2)
      for (const limit of oneTo(1)) assert.equal(await events.pruneKeys({ before: startUs * 2, limit }), 1)
    },
  },
]
