// How commands are found: a correlation by its index and the key of commands, whatever else is there and in whichever order.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import type { CommandFilter } from '@gesta/core/ports'
import { openForReading, prepareRows } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { sqliteCommandLog } from '../src/index.ts'
import { createLogLists } from '../src/log-lists.ts'
import { createOldCommits } from '../src/old-commits.ts'
import { recordFile } from '../src/record-file.ts'
import { newStore } from './commits.ts'
import { newFolder, runtime } from './place.ts'

/** The plans of the statements that are prepared meanwhile. */
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
const asked = { seal: undefined as never, after: [7] as const, offset: 0, limit: 10, withTotal: true }
const both = ['newest', 'oldest'] as const

test('commands of a correlation are searched and never scanned, beside an event store', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  using db = openForReading(store.path)
  for (const order of both)
    for (const tenant of ['t', undefined]) {
      const filter: CommandFilter = { tenant, correlationId: 'c', order }
      const plans = plansOf(db, () => createLogLists(db).commands(filter, asked))
      // The page, and its total.
      assert.equal(plans.length, 2)
      for (const plan of plans) {
        assert.match(plan, /SEARCH c USING INTEGER PRIMARY KEY/)
        assert.match(plan, /SEARCH commits USING (COVERING )?INDEX commits_by_correlation \(correlation_id=\?\)/)
        assert.match(
          plan,
          /SEARCH commits USING COVERING INDEX sqlite_autoindex_commits_1 \(tenant=\? AND command_id=\?\)/,
        )
        assert.doesNotMatch(plan, /SCAN (c|commits)\b/)
      }
    }
})

test('old commits are met in their order, and all records are counted by indexes', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  using db = openForReading(store.path)
  const old = createOldCommits(db)
  const [keys = ''] = plansOf(db, () => old.keys(1, 1))
  assert.match(keys, /SCAN i USING COVERING INDEX idempotency_by_commit\nSEARCH c USING INTEGER PRIMARY KEY/)
  const records =
    plansOf(db, () => old.records({ before: 1, tenant: 't', statuses: ['denied'], limit: 1 })).at(-1) ?? ''
  assert.match(records, /SEARCH c USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)/)
  assert.doesNotMatch(`${keys}${records}`, /TEMP B-TREE/)
  for (const filter of [{}, { tenant: 't' }]) {
    const [plan = ''] = plansOf(db, () => createLogLists(db).totalCommands(filter))
    assert.match(plan, /USING COVERING INDEX commits_purged/)
    assert.doesNotMatch(plan, /SCAN c$/m)
  }
})

test('a log of its own finds a correlation, a type and a time by their indexes', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'log.db')
  await (await sqliteCommandLog(path).open(runtime))[Symbol.asyncDispose]()
  using db = openForReading(path)
  const planOf = (filter: CommandFilter): string =>
    plansOf(db, () => recordFile.operations(db).list(filter, { ...asked, withTotal: false })).at(-1) ?? ''
  for (const order of both) {
    for (const tenant of ['t', undefined]) {
      const plan = planOf({ tenant, correlationId: 'c', order })
      assert.match(plan, /SEARCH command_log USING INTEGER PRIMARY KEY/)
      assert.match(plan, /INDEX command_log_by_correlation \(correlation_id=\?\)/)
      assert.match(plan, /INDEX sqlite_autoindex_command_log_1 \(tenant=\? AND command_id=\?\)/)
      assert.doesNotMatch(plan, /SCAN command_log/)
    }
    const ofType = planOf({ commandType: 'Order.Change', order })
    assert.match(ofType, /SEARCH command_log USING INDEX command_log_by_type \(command_type=\? AND rowid[<>]\?\)/)
    assert.doesNotMatch(ofType, /TEMP B-TREE/)
    assert.match(planOf({ from: 1, to: 2, order }), /INDEX command_log_by_time/)
  }
})
