// Lists of the audit log take the shortest way, and find the same on every way.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { AuditFilter, AuditOutcome, StoredAuditEntry } from '@gesta/core/ports'
import { createAuditReader } from '../src/audit-reader.ts'
import type { AuditReader } from '../src/audit-reader.ts'
import { auditAt, auditCells } from '../src/audit-rows.ts'
import { openForReading, prepareRows } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { unflattenRows } from '../src/row-cells.ts'
import { auditEntry, commitOf, isStored, newStore, oneTo } from './commits.ts'

const asked = { seal: undefined as never, after: undefined, offset: 0, limit: 10_000, withTotal: true }

/** The plans of what is asked meanwhile: the last one is that of the list, and before it its counts. */
function plansOf(db: Database, run: () => void): readonly string[] {
  const prepare = db.prepare.bind(db)
  const texts: string[] = []
  db.prepare = (sql) => {
    texts.push(sql)
    return prepare(sql)
  }
  run()
  db.prepare = prepare
  return texts.map((sql) => {
    const plan = prepareRows(db, `EXPLAIN QUERY PLAN ${sql}`).all() as unknown as readonly (readonly unknown[])[]
    return plan.map((row) => String(row[3])).join('\n')
  })
}
const entriesOf = (reader: AuditReader, filter: AuditFilter): readonly StoredAuditEntry[] =>
  unflattenRows(reader.list(filter, asked).cells, auditCells, auditAt)

test('each filter alone has an index, in which its page lies in order', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  using db = openForReading(store.path)
  const after = ['t', 7] as const
  for (const order of ['newest', 'oldest'] as const)
    for (const tenant of ['t', undefined])
      for (const [filter, index] of [
        [{}, 'audit_log_chain'],
        [{ outcome: 'denied' }, 'audit_log_chain'],
        [{ resource: 'r' }, 'audit_log_resource'],
        [{ actor: 'a' }, 'audit_log_actor'],
        [{ action: 'a' }, 'audit_log_action'],
      ] as const) {
        const given = { ...filter, tenant, order }
        const reader = createAuditReader(db)
        const plan = plansOf(db, () => void reader.list(given, { ...asked, after, withTotal: false })).at(-1) ?? ''
        assert.match(plan, new RegExp(`^(SEARCH|SCAN) audit_log USING INDEX ${index}\\b`))
        assert.doesNotMatch(plan, /TEMP B-TREE/)
        if (index !== 'audit_log_chain' || tenant !== undefined) assert.match(plan, /^SEARCH/)
      }
})

test('a short time is searched by time, in one tenant and in all; a long one is met in the order of the chain', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  for (const i of oneTo(20))
    await backend.events.commit(commitOf(`c${i}`, 'a', { recordedAt: i, audit: [auditEntry('A.B')] }))
  using db = openForReading(store.path)
  const planOf = (fewMax: number, filter: AuditFilter): string =>
    plansOf(db, () => void createAuditReader(db, fewMax).list(filter, { ...asked, withTotal: false })).at(-1) ?? ''
  for (const tenant of ['t', undefined]) {
    assert.match(
      planOf(5, { tenant, from: 3, to: 6 }),
      /SEARCH audit_log USING INDEX audit_log_time \(tenant=\? AND recorded_at>\?/,
    )
    assert.match(planOf(5, { tenant, from: 3, to: 9 }), /^(SEARCH|SCAN) audit_log USING INDEX audit_log_chain/)
    // Of an action that everything has, and a short time, the time is the shorter way.
    assert.match(planOf(5, { tenant, action: 'A.B', from: 3, to: 6 }), /INDEX audit_log_time/)
    assert.match(planOf(5, { tenant, action: 'A.B', from: 3 }), /INDEX audit_log_action/)
    assert.match(planOf(5, { tenant, action: 'none', from: 3, to: 6 }), /INDEX audit_log_action/)
  }
})

test('every filter finds the same on whatever way, and counts it', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const outcomes: readonly AuditOutcome[] = ['succeeded', 'denied', 'failed']
  for (const i of oneTo(60)) {
    const fields = { actor: `u${i % 4}`, resource: `r${i % 5}`, outcome: outcomes[i % 3] as AuditOutcome }
    const audit = [auditEntry(`A.${i % 3}`, fields), auditEntry('B.C', fields)]
    assert.ok(
      isStored(
        await backend.events.commit(
          commitOf(`c${i}`, 'a', { tenant: `t${i % 2}`, recordedAt: 1_000 - (i % 7), audit }),
        ),
      ),
    )
  }
  using db = openForReading(store.path)
  const readers = [0, 3, 12, 10_000].map((fewMax) => createAuditReader(db, fewMax))
  const all = entriesOf(readers[0] as AuditReader, { order: 'oldest' })
  assert.equal(all.length, 120)
  const choices = {
    tenant: [undefined, 't1'],
    action: [undefined, 'A.1', 'none'],
    actor: [undefined, 'u1'],
    resource: [undefined, 'r1'],
    outcome: [undefined, 'denied'],
    from: [undefined, 996],
    to: [undefined, 998],
    order: ['newest', 'oldest'],
  } as const
  let filters: readonly AuditFilter[] = [{}]
  for (const [name, values] of Object.entries(choices))
    filters = filters.flatMap((filter) => values.map((value) => ({ ...filter, [name]: value })))
  for (const filter of filters) {
    const { tenant, action, actor, resource, outcome, from = 0, to = 2_000, order } = filter
    const expected = all.filter(
      (entry) =>
        (tenant ?? entry.tenant) === entry.tenant &&
        (action ?? entry.action) === entry.action &&
        (actor ?? entry.actor) === entry.actor &&
        (resource ?? entry.resource) === entry.resource &&
        (outcome ?? entry.outcome) === entry.outcome &&
        entry.recordedAt >= from &&
        entry.recordedAt < to,
    )
    const inOrder = order === 'oldest' ? expected : expected.toReversed()
    for (const reader of readers) {
      assert.deepEqual(entriesOf(reader, filter), inOrder)
      assert.equal(reader.total(filter), expected.length)
    }
  }
})
