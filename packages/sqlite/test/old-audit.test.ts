// Entries of a log that was written before there was a chain are its beginning.
import assert from 'node:assert/strict'
import test from 'node:test'
import { chainHash, chainStart, runMigrations } from '@gesta/core/ports'
import { openForWriting } from '../src/database.ts'
import { sqliteMigrations } from '../src/index.ts'
import { storeModules } from '../src/migrations/index.ts'
import { auditEntry, commitOf, isStored, newStore } from './commits.ts'
import { runtime } from './place.ts'

const before = storeModules.map(({ migrations, ...module }) => ({
  ...module,
  migrations: module.name === 'log' ? migrations.slice(0, 2) : migrations,
}))
const identity = `INSERT INTO log (id, incarnation, secret, created_at) VALUES (1, 'first', 'aa', 1)`
/** The tenant, outcome, context and entries of each commit. */
const commits: readonly (readonly [string, string, string, readonly string[]])[] = [
  ['t', 'accepted', '{"identity":"i1","account":"a1"}', ['{"n":1}', '{"n":2}']],
  ['u', 'rejected', '{"account":"a1"}', ['{"n":3}']],
  ['t', 'accepted', '{}', []],
  ['t', 'denied', '{}', ['{ "n" : 4 }']],
  ['', 'failed', '{}', ['null']],
  ['t', 'timed_out', '{"identity":"i2"}', ['{"n":5}']],
  ['v', 'duplicate', JSON.stringify({ identity: 'x'.repeat(1_500) }), ['{"n":6}']],
]

test('entries of the version before begin the chain of their tenant, in commit order, and the table of before is gone', async () => {
  await using store = await newStore()
  await runMigrations(sqliteMigrations(store.path).target, before, runtime)
  const db = openForWriting(store.path, { durability: 'full' })
  db.exec(identity)
  for (const [at, [tenant, outcome, context, entries]] of commits.entries()) {
    const commitNo = at + 1
    db.prepare(
      'INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, context, recorded_at, position, event_count) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)',
    ).run(commitNo, tenant, `c${commitNo}`, 'Store.Rewrite', outcome, context, 100 + at)
    // The entries of one commit are given from the last to the first: their index says where they belong.
    for (const [idx, data] of [...entries.entries()].toReversed())
      db.prepare('INSERT INTO audit (commit_no, idx, action, data) VALUES (?, ?, ?, ?)').run(commitNo, idx, 'A.B', data)
  }
  db.close()

  await using backend = await store.open()
  const { audit, events } = backend
  assert.ok(isStored(await events.commit(commitOf('c8', 'a', { tenant: 't', audit: [auditEntry('A.C')] }))))
  const chain = await audit.read({ tenant: 't', after: 0 })
  assert.deepEqual(
    chain.map(({ sequence, commandId, index, recordedAt, action, actor, resource, outcome, data }) =>
      [sequence, commandId, index, recordedAt, action, actor, resource, outcome, data].join(' '),
    ),
    [
      '1 c1 0 100 A.B i1  succeeded {"n":1}',
      '2 c1 1 100 A.B i1  succeeded {"n":2}',
      '3 c4 0 103 A.B   denied { "n" : 4 }',
      '4 c6 0 105 A.B i2  failed {"n":5}',
      '5 c8 0 1700000000000000 A.C alice Order/a succeeded {}',
    ],
  )
  for (const [at, entry] of chain.entries())
    assert.equal(entry.hash, chainHash(entry, chain[at - 1]?.hash ?? chainStart))
  const heads = await audit.heads()
  assert.deepEqual(
    heads.map(({ tenant, sequence }) => [tenant, sequence]),
    [
      ['', 1],
      ['t', 5],
      ['u', 1],
      ['v', 1],
    ],
  )
  assert.deepEqual(
    (await audit.read({ tenant: 'v', after: 0 })).map(({ actor, outcome }) => [actor, outcome]),
    [['x'.repeat(1_024), 'succeeded']],
  )
  assert.deepEqual(
    (await audit.read({ tenant: 'u', after: 0 })).map(({ actor, outcome }) => [actor, outcome]),
    [['a1', 'rejected']],
  )
  assert.equal((await events.parts('t', 'c1'))?.audit.length, 2)
  const looked = openForWriting(store.path, { durability: 'full' })
  assert.equal(looked.prepare("SELECT name FROM sqlite_schema WHERE name = 'audit'").get(), undefined)
  looked.close()
})

test('a file without entries has empty chains after it was brought up to date', async () => {
  await using store = await newStore()
  await runMigrations(sqliteMigrations(store.path).target, before, runtime)
  await using backend = await store.open()
  assert.deepEqual([await backend.audit.heads(), await backend.audit.total()], [[], 0])
})
