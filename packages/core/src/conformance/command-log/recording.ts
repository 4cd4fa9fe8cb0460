// A log of its own: what it is told, in which order, how often, and what it refuses.
import assert from 'node:assert/strict'
import { recordLimits } from '../../stores/command-log/command-record.ts'
import type { CommandRecord } from '../../stores/command-log/command-record.ts'
import { badKeys, refused } from '../refused.ts'
import { checkLists, command, endings, everyRecord, fullRecord, oneTo, startUs, tenant } from './given.ts'
import type { CommandLogStoreCase } from './given.ts'

const group = 'recording'
const started = (commandId: string, fields: Partial<CommandRecord> = {}): CommandRecord =>
  command({ commandId, status: 'started', durationUs: undefined, ...fields })

export const recordingCases: readonly CommandLogStoreCase[] = [
  {
    group,
    name: 'a command that has begun is kept, and any outcome takes its place, not the last one',
    run: async ({ log }) => {
      await log.record([
        ...endings.map((status) => started(`was-${status}`)),
        started('endless'),
        command({ commandId: 'last' }),
      ])
      assert.equal(await log.total({ statuses: ['started'] }), endings.length + 1)
      const outcomes = endings.map((status) => fullRecord(`was-${status}`, status))
      await log.record(outcomes.toReversed())
      const found = await everyRecord(log, { order: 'oldest' })
      assert.deepEqual(found.slice(0, endings.length), outcomes)
      assert.deepEqual(
        found.slice(endings.length).map(({ commandId, status }) => [commandId, status]),
        [
          ['endless', 'started'],
          ['last', 'accepted'],
        ],
      )
      await checkLists(log, found, {})
      for (const status of endings)
        assert.equal(await checkLists(log, found, { statuses: [status] }), status === 'accepted' ? 2 : 1)
      assert.equal(await checkLists(log, found, { correlationId: 'chain' }), endings.length)
      assert.equal((await log.info()).items, found.length)
    },
  },
  {
    group,
    name: 'a correlation, a type, a sender and a time that come with the outcome are found, those of before are not',
    run: async ({ log }) => {
      const context = (name: string) => JSON.stringify({ identity: `user-${name}`, correlationId: `chain-${name}` })
      await log.record([started('a', { commandType: 'Old', context: context('old'), recordedAt: startUs })])
      const now = command({ commandId: 'a', commandType: 'New', context: context('new'), recordedAt: startUs + 10 })
      await log.record([now])
      for (const filter of [
        { commandType: 'New' },
        { sender: 'user-new' },
        { correlationId: 'chain-new' },
        { from: startUs + 10 },
      ])
        assert.equal(await checkLists(log, [now], filter), 1)
      for (const filter of [
        { commandType: 'Old' },
        { sender: 'user-old' },
        { correlationId: 'chain-old' },
        { to: startUs + 10 },
      ])
        assert.equal(await checkLists(log, [now], filter), 0)
    },
  },
  {
    group,
    name: 'the first outcome stays; a repetition, another outcome and a late begin change nothing',
    run: async ({ log }) => {
      const [first, other] = [fullRecord('same', 'accepted'), fullRecord('same', 'failed')]
      await log.record([started('same'), first, other, started('same')])
      for (const late of [first, other, started('same'), command({ commandId: 'same' })]) await log.record([late])
      assert.deepEqual(await log.list({}), { items: [first] })
      await log.record([started('begun', { payload: '1' })])
      await log.record([started('begun', { payload: '2' })])
      assert.equal((await log.get(tenant, 'begun'))?.payload, '1')
      assert.equal(await log.total(), 2)
    },
  },
  {
    group,
    name: 'what was redacted is not brought back by telling it again',
    run: async ({ log }) => {
      const record = fullRecord('secret', 'rejected')
      await log.record([record])
      await log.redact(tenant, 'secret')
      await log.record([record])
      assert.equal((await log.get(tenant, 'secret'))?.payload, undefined)
    },
  },
  {
    group,
    name: 'the order is that of recording, whatever ids and times say',
    run: async ({ log }) => {
      const given = ['b', 'c', 'a', 'e', 'd'].map((commandId, at) => command({ commandId, recordedAt: startUs - at }))
      for (const each of given) await log.record([each])
      assert.deepEqual(await everyRecord(log, { order: 'oldest' }, { limit: 2 }), given)
      assert.deepEqual(await everyRecord(log, {}, { limit: 2 }), given.toReversed())
    },
  },
  {
    group,
    name: 'an empty batch adds nothing, and 2,000 records are one batch',
    run: async ({ log }) => {
      await log.record([])
      assert.equal(await log.total(), 0)
      const given = oneTo(2_000).map((number) => command({ payload: `{"number":${number}}` }))
      await log.record(given)
      assert.equal(await log.total(), 2_000)
      assert.deepEqual(await everyRecord(log, { order: 'oldest' }, { limit: 1_000 }), given)
    },
  },
  {
    group,
    name: 'ids and positions of events are kept as they were told, a commit number is not',
    run: async ({ log }) => {
      const events = [
        { id: 'any', position: 7 },
        { id: 'other', position: undefined },
      ]
      const given = command({ commandId: 'copied', events, messages: ['m'], commitNo: 3 })
      await log.record([given])
      assert.deepEqual(await log.get(tenant, 'copied'), { ...given, commitNo: undefined })
      assert.deepEqual(await log.list({ afterCommitNo: 0 }), { items: [] })
    },
  },
  {
    group,
    name: 'a purge leaves commands that have not ended, unless it names them',
    run: async ({ log }) => {
      await log.record([started('a'), command(), started('b', { tenant: 'other' })])
      assert.equal(await log.purge({ before: startUs * 2 }), 1)
      assert.equal(await log.total({ statuses: ['started'] }), 2)
      assert.equal(await log.purge({ before: startUs * 2, tenant, statuses: ['started'] }), 1)
      assert.deepEqual(
        (await log.list({})).items.map(({ commandId }) => commandId),
        ['b'],
      )
    },
  },
  {
    group,
    name: 'of many that record one command at once, one is first, and all see the same',
    run: async ({ log }) => {
      const rivals = oneTo(20).map((number) =>
        command({
          commandId: 'contended',
          status: endings[number % endings.length] ?? 'accepted',
          payload: `${number}`,
        }),
      )
      await log.record([started('contended')])
      await Promise.all(rivals.map((rival) => log.record([rival])))
      const found = await log.get(tenant, 'contended')
      assert.ok(rivals.some(({ payload, status }) => payload === found?.payload && status === found?.status))
      assert.deepEqual(await log.list({}, { withTotal: true }), { items: [found], total: 1 })
      for (const status of endings)
        assert.equal(await log.total({ statuses: [status] }), status === found?.status ? 1 : 0)
    },
  },
  {
    group,
    needs: 'shared',
    name: 'two processes that record the same commands leave one record of each, and both find it',
    run: async ({ log, another }) => {
      const other = await another()
      const given = (name: string) =>
        oneTo(40).map((number) => command({ commandId: `shared-${number}`, payload: JSON.stringify(name) }))
      await Promise.all([
        ...given('one').map((record) => log.record([record])),
        ...given('other').map((record) => other.record([record])),
      ])
      const found = await everyRecord(log, { order: 'oldest' })
      assert.equal(found.length, 40)
      assert.equal(new Set(found.map(({ commandId }) => commandId)).size, 40)
      await checkLists(other, found, {}, 20)
    },
  },
  {
    group,
    name: 'a record over a limit is refused, and one at the limit is not',
    run: async ({ log }) => {
      const { payloadBytes, metadataKeys, metadataLength, errorLength } = recordLimits
      const names = (count: number) => Object.fromEntries(oneTo(count).map((number) => [`name-${number}`, '']))
      for (const fields of [
        { payload: JSON.stringify('x'.repeat(payloadBytes - 1)) },
        { payload: JSON.stringify('é'.repeat(payloadBytes / 2)) },
        { metadata: names(metadataKeys + 1) },
        { metadata: { a: 'x'.repeat(metadataLength + 1) } },
        { metadata: { ['x'.repeat(metadataLength + 1)]: '' } },
        { error: { code: 'a', message: 'x'.repeat(errorLength + 1) } },
        { recordedAt: 0.5 },
        { durationUs: -1 },
        { retries: Number.NaN },
      ])
        await assert.rejects(log.record([command(fields)]), RangeError)
      const many = Array.from({ length: 10_001 }, () => command())
      await assert.rejects(log.record(many), RangeError)
      assert.equal(await log.total(), 0)
      await log.record([command({ metadata: names(metadataKeys) })])
    },
  },
  {
    group,
    name: 'a record that no command can have is refused',
    run: async ({ log }) => {
      for (const bad of badKeys)
        await refused('invalid_key', [
          ...(bad === '' ? [] : [log.record([command({ tenant: bad })])]),
          log.record([command({ commandId: bad })]),
          log.record([command({ commandType: bad })]),
          log.record([command({ idempotencyKey: bad })]),
          log.record([command({ duplicateOf: bad })]),
        ])
      await refused('invalid_output', [
        log.record([command({ context: '[]' })]),
        log.record([command({ context: 'no JSON' })]),
        log.record([command({ payload: '' })]),
        log.record([command({ payload: '"\ud800"' })]),
        log.record([command({ payload: '"\0"' })]),
      ])
      assert.equal(await log.total(), 0)
    },
  },
  {
    group,
    name: 'a closed log takes no record',
    run: async ({ log, close }) => {
      await close()
      await refused('store_closed', [log.record([command()]), log.record([])])
    },
  },
]
