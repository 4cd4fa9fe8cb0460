// Migrations that fail or are cut short: whole ones stay, of the others nothing does, and the next run goes on.
import assert from 'node:assert/strict'
import { createTable, endless, hold, insert, marks, moduleOf, refused, run, stepOf } from './given.ts'
import type { MigrationCase, MigrationPlace } from './given.ts'
import { untilLedgerHas } from './waiting.ts'

const group = 'failures'
const journal = 'SELECT entry FROM journal ORDER BY entry'
const good = [createTable('journal'), insert('journal', 'first')]
const bad = [createTable('half'), insert('journal', 'half'), insert('nowhere', 'a'), createTable('never')]
const mended = [createTable('half'), insert('journal', 'whole')]

/** Each makes a table with a row, so that half of one could be seen. */
const many = Array.from({ length: 24 }, (_, index) => [createTable(`t${index + 1}`), insert(`t${index + 1}`, 'row')])

async function assertWhole(place: MigrationPlace): Promise<number> {
  const ledger = await place.newTarget().ledger()
  assert.deepEqual(
    marks(ledger),
    many.slice(0, ledger.length).map((_, index) => `many ${index + 1}`),
  )
  const tables = (await place.tables()).filter((name) => /^t\d+$/.test(name))
  assert.deepEqual(new Set(tables), new Set(ledger.map(({ number }) => `t${number}`)))
  for (const table of tables) assert.deepEqual(await place.texts(`SELECT entry FROM ${table}`), ['row'], table)
  assert.ok(!(await place.tables()).includes('cut'))
  return ledger.length
}

export const failureCases: readonly MigrationCase[] = [
  {
    group,
    name: 'a migration that fails leaves nothing, and those before it stay',
    run: async (place) => {
      await refused(run(place, [moduleOf('log', [good, bad, [createTable('later')]])]), 'migration_failed')
      assert.deepEqual(marks(await place.newTarget().ledger()), ['log 1'])
      const tables = await place.tables()
      for (const table of ['half', 'never', 'later']) assert.ok(!tables.includes(table), table)
      assert.deepEqual(await place.texts(journal), ['first'])
    },
  },
  {
    group,
    name: 'when the first one of all fails the database is as empty as before',
    run: async (place) => {
      await refused(run(place, [moduleOf('log', [[createTable('journal'), ...bad]])]), 'migration_failed')
      assert.deepEqual(await place.tables(), [])
      assert.deepEqual(await place.newTarget().ledger(), [])
    },
  },
  {
    group,
    name: 'the error names module, number, name and statement, and keeps what the database said',
    run: async (place) => {
      const error = await refused(run(place, [moduleOf('log', [good, bad])]), 'migration_failed')
      const { module, number, name, statement } = error.facts
      assert.deepEqual([module, number, name, statement], ['log', 2, 'step-2', 3])
      assert.match(error.message, /log 2 "step-2".*statement 3 of 4.*nowhere/)
      assert.ok(error.cause instanceof Error && error.cause.message.includes('nowhere'))
    },
  },
  {
    group,
    name: 'a migration that failed is mended and runs, because it was never applied',
    run: async (place) => {
      await refused(run(place, [moduleOf('log', [good, bad])]), 'migration_failed')
      assert.deepEqual(marks(await run(place, [moduleOf('log', [good, mended])])), ['log 2'])
      assert.deepEqual(await place.texts(journal), ['first', 'whole'])
    },
  },
  {
    group,
    name: 'a session goes on after a migration that failed',
    run: async (place) => {
      await using session = await hold(place.newTarget())
      await session.apply(stepOf('log', 1, good), 1)
      await refused(session.apply(stepOf('log', 2, bad), 2), 'migration_failed')
      await session.apply(stepOf('log', 2, mended), 3)
      assert.deepEqual(
        (await session.ledger()).map(({ appliedAt }) => appliedAt),
        [1, 3],
      )
    },
  },
  {
    group,
    name: 'a lock that was held by who failed is free',
    run: async (place) => {
      await refused(run(place, [moduleOf('log', [bad])]), 'migration_failed')
      await using _ = await hold(place.newTarget())
    },
  },
  {
    group,
    needs: 'processes',
    name: 'a process that is killed leaves whole migrations, and the next run does the rest',
    run: async (place) => {
      const cut = [createTable('cut'), endless('cut')]
      let applied = 0
      // Killed at several places: between two migrations, within one of them, and within the endless one.
      for (const rows of [1, 9, many.length]) {
        const process = place.migrateElsewhere([moduleOf('many', many), moduleOf('never', [cut], ['many'])])
        try {
          await untilLedgerHas(place, rows, process)
        } finally {
          await process.kill()
        }
        const left = await assertWhole(place)
        assert.ok(left >= Math.max(rows, applied))
        applied = left
      }
      assert.deepEqual(
        marks(
          await run(place, [
            moduleOf('many', many),
            moduleOf('never', [mended], ['many', 'log']),
            moduleOf('log', [good]),
          ]),
        ),
        ['log 1', 'never 1'],
      )
    },
  },
]
