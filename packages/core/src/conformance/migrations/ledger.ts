// The ledger, and what can be learned from it without changing anything.
import assert from 'node:assert/strict'
import { dryRunMigrations, migrationStatus } from '../../migrations/run-migrations.ts'
import { createTable, hold, insert, marks, moduleOf, refused, run, stepOf } from './given.ts'
import type { MigrationCase } from './given.ts'

const group = 'ledger'
const log = moduleOf('log', [[createTable('journal')], [insert('journal', 'a'), insert('journal', 'b')]])
const groups = moduleOf('groups', [[createTable('groups')]], ['log'])

export const ledgerCases: readonly MigrationCase[] = [
  {
    group,
    name: 'is empty when nothing was applied, and reading it makes none',
    run: async (place) => {
      assert.deepEqual(await place.newTarget().ledger(), [])
      assert.deepEqual(await place.tables(), [])
    },
  },
  {
    group,
    name: 'says module, number, name, checksum and time of each migration, in the order in which they were applied',
    run: async (place) => {
      const beforeUs = place.runtime.clock.nowUs()
      const applied = await run(place, [groups, log])
      const afterUs = place.runtime.clock.nowUs()
      const rows = await place.newTarget().ledger()
      assert.deepEqual(rows, applied)
      assert.deepEqual(marks(rows), ['log 1', 'log 2', 'groups 1'])
      assert.deepEqual(
        rows.map(({ name }) => name),
        ['step-1', 'step-2', 'step-1'],
      )
      for (const { checksum, appliedAt } of rows) {
        assert.match(checksum, /^[0-9a-f]{64}$/)
        assert.ok(appliedAt >= beforeUs && appliedAt <= afterUs, String(appliedAt))
      }
      assert.equal(new Set(rows.map(({ checksum }) => checksum)).size, 3)
    },
  },
  {
    group,
    name: 'takes no migration twice: who tries leaves nothing',
    run: async (place) => {
      await run(place, [log])
      {
        await using session = await hold(place.newTarget())
        await refused(session.apply(stepOf('log', 2, [createTable('twice')]), 1), 'migration_failed')
        assert.deepEqual(marks(await session.ledger()), ['log 1', 'log 2'])
      }
      assert.ok(!(await place.tables()).includes('twice'))
    },
  },
  {
    group,
    name: 'a dry run says what would run, in order and with its SQL, and changes nothing',
    run: async (place) => {
      const planned = await dryRunMigrations(place.newTarget(), [groups, log])
      assert.deepEqual(marks(planned), ['log 1', 'log 2', 'groups 1'])
      assert.deepEqual(planned[1]?.statements, [insert('journal', 'a'), insert('journal', 'b')])
      assert.deepEqual(await place.tables(), [])

      await run(place, [log])
      const tables = await place.tables()
      assert.deepEqual(marks(await dryRunMigrations(place.newTarget(), [groups, log])), ['groups 1'])
      assert.deepEqual(await place.tables(), tables)
      assert.deepEqual(marks(await place.newTarget().ledger()), ['log 1', 'log 2'])
      assert.deepEqual(await place.texts('SELECT entry FROM journal ORDER BY entry'), ['a', 'b'])
    },
  },
  {
    group,
    name: 'the status tells applied with their times, pending, unknown and drifted apart, and changes nothing',
    run: async (place) => {
      const applied = await run(place, [log, moduleOf('gone', [[createTable('gone')]])])
      const tables = await place.tables()
      const here = moduleOf('log', [[createTable('journal')], [insert('journal', 'other')], [insert('journal', 'c')]])
      const status = await migrationStatus(place.newTarget(), [groups, here])
      assert.deepEqual(status.applied, applied.slice(1, 2))
      assert.deepEqual(marks(status.pending), ['log 3', 'groups 1'])
      assert.deepEqual(status.unknown, applied.slice(0, 1))
      assert.deepEqual(
        status.drifted.map(({ module, number, why }) => ({ module, number, why })),
        [{ module: 'log', number: 2, why: 'changed' }],
      )
      assert.deepEqual(await place.tables(), tables)
    },
  },
  {
    group,
    name: 'a dry run and the status do not wait for who migrates',
    run: async (place) => {
      await run(place, [log])
      await using _ = await hold(place.newTarget())
      assert.deepEqual(marks(await dryRunMigrations(place.newTarget(), [groups, log])), ['groups 1'])
      assert.deepEqual(marks((await migrationStatus(place.newTarget(), [log])).applied), ['log 1', 'log 2'])
    },
  },
]
