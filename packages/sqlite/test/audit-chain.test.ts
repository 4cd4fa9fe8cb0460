// The chain under the writer: it goes on from what is stored, whatever was rolled back or lost meanwhile, and nothing in the file is changed.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { chainHash, chainStart } from '@gesta/core/ports'
import type { AuditLog, StoredAuditEntry } from '@gesta/core/ports'
import { createAppender } from '../src/append.ts'
import { openForWriting } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { createLogWriter } from '../src/log-writer.ts'
import { auditEntry, commitOf, isStored, newStore, oneTo, tenant, written } from './commits.ts'

/** The chain, in which every entry follows the one before. */
async function chainOf(audit: AuditLog, of: string = tenant): Promise<readonly StoredAuditEntry[]> {
  const chain = await audit.read({ tenant: of, after: 0 })
  let before = chainStart
  for (const [at, entry] of chain.entries()) {
    assert.equal(entry.sequence, at + 1)
    assert.equal(entry.hash, chainHash(entry, before), `entry ${at + 1}`)
    before = entry.hash
  }
  return chain
}
const audited = (commandId: string) => commitOf(commandId, 'a', { audit: [auditEntry('Order.Cancel')] })
const idsOf = (chain: readonly StoredAuditEntry[]) => chain.map(({ commandId }) => commandId)

test('what was rolled back is no link: the next entry follows what is stored', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const writer = createLogWriter(openForWriting(store.path, { durability: 'full' }))
  const bad = commitOf('c3', 'a', { audit: [auditEntry('Order.Cancel'), auditEntry('x', { data: 5n as never })] })
  assert.ok(writer.append(written(audited('c1')), false).every(isStored))
  assert.throws(() => writer.append(written(audited('c2'), bad), false), /bigint/)
  assert.ok(writer.append(written(audited('c4'), audited('c5')), false).every(isStored))
  writer.close()
  await using backend = await store.open()
  assert.deepEqual(idsOf(await chainOf(backend.audit)), ['c1', 'c4', 'c5'])
})

for (const when of ['before', 'after'] as const)
  test(`a COMMIT that failed ${when === 'after' ? 'behind' : 'before'} the disk leaves each entry once`, async () => {
    await using store = await newStore()
    await (await store.open())[Symbol.asyncDispose]()
    let opened = 0
    const appender = createAppender(() => {
      opened += 1
      const db = openForWriting(store.path, { durability: 'full' })
      return opened === 1 ? failingCommit(db, when) : db
    }, store.path)
    assert.ok(appender.append(written(audited('c1'), audited('c2')), false).every(isStored))
    assert.ok(appender.append(written(audited('c3')), false).every(isStored))
    appender.close()
    await using backend = await store.open()
    assert.deepEqual(idsOf(await chainOf(backend.audit)), ['c1', 'c2', 'c3'])
  })

test('more tenants than the writer remembers each have a chain', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const writer = createLogWriter(openForWriting(store.path, { durability: 'normal' }))
  const round = (at: number) =>
    oneTo(10_002).map((i) => ({ ...audited(`${at}`), tenant: `t${i}`, streams: [], idempotency: undefined }))
  assert.ok(writer.append(written(...round(1)), false).every(isStored))
  assert.ok(writer.append(written(...round(2)), false).every(isStored))
  writer.close()
  await using backend = await store.open()
  for (const i of [1, 2, 9_999, 10_000, 10_001, 10_002])
    assert.deepEqual(idsOf(await chainOf(backend.audit, `t${i}`)), ['1', '2'])
})

test('no statement of another program changes, removes or replaces an entry', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await backend.events.commit(audited('c1'))
  const before = await chainOf(backend.audit)
  using db = new DatabaseSync(store.path)
  const columns = 'tenant, sequence, command_id, idx, recorded_at, action, actor, resource, outcome, data, hash'
  const cells = (sequence: number, commandId: string) =>
    `'${tenant}', ${sequence}, '${commandId}', 0, 1, 'Order.Forged', '', '', 'succeeded', '{}', 'ff'`
  for (const sql of [
    "UPDATE audit_log SET data = '{}'",
    'UPDATE audit_log SET sequence = sequence',
    'DELETE FROM audit_log',
    'DELETE FROM audit_log WHERE sequence = 1',
    `INSERT OR REPLACE INTO audit_log (${columns}) VALUES (${cells(1, 'c9')})`,
    `INSERT OR REPLACE INTO audit_log (${columns}) VALUES (${cells(9, 'c1')})`,
    `INSERT OR REPLACE INTO audit_log (entry_no, ${columns}) VALUES (1, ${cells(9, 'c9')})`,
    `INSERT INTO audit_log (${columns}) VALUES (${cells(1, 'c9')}) ON CONFLICT DO UPDATE SET data = '{}'`,
    `PRAGMA recursive_triggers = ON; REPLACE INTO audit_log (${columns}) VALUES (${cells(1, 'c1')})`,
  ])
    assert.throws(() => db.exec(sql), /entries of the audit log are never changed/, sql)
  assert.deepEqual(await chainOf(backend.audit), before)
  await backend.events.commit(audited('c2'))
  assert.deepEqual(idsOf(await chainOf(backend.audit)), ['c1', 'c2'])
})

function failingCommit(db: Database, when: 'before' | 'after'): Database {
  const prepare = db.prepare.bind(db)
  db.prepare = (sql, options) => {
    const statement = prepare(sql, options)
    if (sql !== 'COMMIT') return statement
    const run = statement.run.bind(statement)
    statement.run = (...given: never[]) => {
      if (when === 'after') run(...given)
      throw Object.assign(new Error('disk I/O error'), { errcode: 10 })
    }
    return statement
  }
  return db
}
