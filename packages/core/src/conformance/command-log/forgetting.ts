// What is taken out of records, and which records are forgotten; nothing else changes.
import assert from 'node:assert/strict'
import type { PurgeRequest } from '../../stores/command-log/command-log.ts'
import type { CommandRecord } from '../../stores/command-log/command-record.ts'
import { badKeys, refused } from '../refused.ts'
import {
  checkLists,
  command,
  endings,
  fullRecord,
  oneTo,
  plainList,
  redacted,
  startUs,
  tenant,
  variedRecords,
} from './given.ts'
import type { CommandLogCase, GivenCommandLog } from './given.ts'

const group = 'forgetting'

/** Purges, and insists that what is left is what the plain filter leaves. */
async function checkPurge(
  { log }: GivenCommandLog,
  kept: readonly CommandRecord[],
  request: PurgeRequest,
): Promise<readonly CommandRecord[]> {
  const { before, tenant: of, statuses = endings } = request
  const gone = new Set(plainList(kept, { tenant: of, statuses, to: before }))
  assert.equal(await log.purge(request), gone.size)
  const left = kept.filter((record) => !gone.has(record))
  await checkLists(log, left, {}, 20)
  for (const each of gone) assert.equal(await log.get(each.tenant, each.commandId), undefined)
  return left
}

export const forgettingCases: readonly CommandLogCase[] = [
  {
    group,
    name: 'redacting takes payload, metadata and words, leaves the rest, and says so',
    run: async ({ log, record }) => {
      const kept = await record(endings.map((status) => fullRecord(`full-${status}`, status)))
      const [first, ...rest] = kept as readonly [CommandRecord, ...CommandRecord[]]
      assert.equal(await log.redact(tenant, first.commandId), true)
      assert.deepEqual(await log.get(tenant, first.commandId), redacted(first))
      const now = [redacted(first), ...rest]
      await checkLists(log, now, {})
      assert.equal(await checkLists(log, now, { correlationId: 'chain' }), endings.length)
    },
  },
  {
    group,
    name: 'redacting twice is harmless, and what does not exist is told',
    run: async ({ log, record }) => {
      const [kept, plain] = await record([fullRecord('once', 'accepted'), command({ payload: undefined })])
      assert.ok(kept && plain)
      for (const _ of oneTo(2)) assert.equal(await log.redact(tenant, 'once'), true)
      assert.deepEqual(await log.get(tenant, 'once'), redacted(kept))
      assert.equal(await log.redact(tenant, plain.commandId), true)
      assert.deepEqual(await log.get(tenant, plain.commandId), redacted(plain))
      for (const [of, id] of [
        [tenant, 'missing'],
        ['other', 'once'],
      ] as const)
        assert.equal(await log.redact(of, id), false)
      await refused('invalid_key', [...badKeys.map((bad) => log.redact(tenant, bad)), log.redact('a\0', 'once')])
    },
  },
  {
    group,
    name: 'redacting one tenant leaves a command of the same id of another',
    run: async ({ log, record }) => {
      const [, theirs] = await record([
        command({ commandId: 'same', tenant: 'ours' }),
        command({ commandId: 'same', tenant: 'theirs' }),
      ])
      await log.redact('ours', 'same')
      assert.deepEqual(await log.get('theirs', 'same'), theirs)
      await log.purge({ before: startUs * 2, tenant: 'ours' })
      assert.deepEqual(await log.list({}), { items: [theirs] })
    },
  },
  {
    group,
    needs: 'durable',
    name: 'what was redacted or purged stays so when the log is opened again',
    run: async ({ log, record, reopen }) => {
      const kept = await record(oneTo(4).map((number) => command({ commandId: `c-${number}`, tenant: `t-${number}` })))
      await log.redact('t-1', 'c-1')
      await log.purge({ before: startUs * 2, tenant: 't-2' })
      const now = kept
        .filter((each) => each.tenant !== 't-2')
        .map((each) => (each.tenant === 't-1' ? redacted(each) : each))
      await checkLists(await reopen(), now, {})
    },
  },
  {
    group,
    name: 'a purge forgets what is older than a time',
    run: async (given) => {
      const kept = await given.record(variedRecords())
      const left = await checkPurge(given, kept, { before: startUs + 20_000 })
      assert.equal(left.length, 23)
      assert.deepEqual(await checkPurge(given, left, { before: startUs + 20_000 }), left)
      assert.equal((await given.log.info()).items, 23)
      await checkPurge(given, left, { before: startUs * 2 })
      assert.deepEqual(await given.log.list({}, { withTotal: true }), { items: [], total: 0 })
    },
  },
  {
    group,
    name: 'a purge forgets commands of some statuses or of one tenant only',
    run: async (given) => {
      let left = await given.record(variedRecords())
      left = await checkPurge(given, left, { before: startUs + 30_000, statuses: ['denied', 'failed'] })
      left = await checkPurge(given, left, { before: startUs * 2, tenant: 'left', statuses: ['accepted'] })
      left = await checkPurge(given, left, { before: startUs * 2, tenant: '' })
      await checkPurge(given, left, { before: startUs * 2, statuses: [] })
    },
  },
  {
    group,
    name: 'a purge forgets as many as it may, the next one goes on',
    run: async ({ log, record }) => {
      await record(oneTo(12).map(() => command()))
      const counts = []
      for (const _ of oneTo(4)) counts.push(await log.purge({ before: startUs * 2, limit: 5 }))
      assert.deepEqual(counts, [5, 5, 2, 0])
      assert.equal(await log.total(), 0)
    },
  },
  {
    group,
    name: 'what was purged cannot be redacted, and who was paging reads on',
    run: async ({ log, record }) => {
      const kept = await record(oneTo(9).map((number) => command({ recordedAt: startUs + number })))
      const page = await log.list({ order: 'oldest' }, { limit: 3 })
      await log.purge({ before: startUs + 5 })
      assert.equal(await log.redact(tenant, kept[0]?.commandId ?? ''), false)
      assert.deepEqual((await log.list({ order: 'oldest' }, { cursor: page.cursor })).items, kept.slice(4))
    },
  },
  {
    group,
    name: 'a purge that makes no sense is refused',
    run: async ({ log }) => {
      for (const request of [{ before: 0.5 }, { before: -1 }, { before: 1, limit: 0 }, { before: 1, limit: 10_001 }])
        await assert.rejects(log.purge(request), RangeError)
      await refused('invalid_key', [log.purge({ before: 1, tenant: 'a\0' })])
    },
  },
]
