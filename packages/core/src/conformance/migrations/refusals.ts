// Databases that do not fit the version that meets them: refused before anything is changed.
import assert from 'node:assert/strict'
import type { MigrationModule } from '../../migrations/migration.ts'
import { dryRunMigrations } from '../../migrations/run-migrations.ts'
import { createTable, hold, insert, moduleOf, refused, run, stepOf } from './given.ts'
import type { MigrationCase, MigrationPlace } from './given.ts'

const group = 'refusals'
const first = [createTable('journal')]
const second = [insert('journal', 'a')]
const log = moduleOf('log', [first, second])
/** Pending wherever it is given, and never to run in these cases. */
const other = moduleOf('other', [[createTable('other')]])

/** Both ways to start are refused alike, and leave tables and ledger. */
async function refusedUntouched(
  place: MigrationPlace,
  modules: readonly MigrationModule[],
  code: 'schema_drift' | 'store_newer',
  says: RegExp,
): Promise<void> {
  const before = [await place.tables(), await place.newTarget().ledger()]
  assert.match((await refused(run(place, modules), code)).message, says)
  assert.match((await refused(dryRunMigrations(place.newTarget(), modules), code)).message, says)
  assert.deepEqual([await place.tables(), await place.newTarget().ledger()], before)
}

export const refusalCases: readonly MigrationCase[] = [
  {
    group,
    name: 'a migration whose text was changed after it was applied',
    run: async (place) => {
      await run(place, [log])
      const changed = moduleOf('log', [first, [insert('journal', 'b')]])
      await refusedUntouched(place, [changed, other], 'schema_drift', /log 2 "step-2" has another text/)
    },
  },
  {
    group,
    name: 'a migration whose name was changed after it was applied',
    run: async (place) => {
      await run(place, [log])
      const [one, two] = log.migrations
      assert.ok(one && two)
      const renamed = { name: 'log', migrations: [one, { ...two, name: 'renamed' }] }
      await refusedUntouched(place, [renamed, other], 'schema_drift', /log 2 "renamed" was applied as "step-2"/)
    },
  },
  {
    group,
    name: 'a migration that was left out: a later one of its module was applied',
    run: async (place) => {
      {
        await using session = await hold(place.newTarget())
        await session.apply(stepOf('log', 2, first), 1)
      }
      await refusedUntouched(place, [log, other], 'schema_drift', /log 1 "step-1" was never applied/)
    },
  },
  {
    group,
    name: 'a newer schema: a module has more migrations than this version knows',
    run: async (place) => {
      await run(place, [log])
      await refusedUntouched(place, [moduleOf('log', [first]), other], 'store_newer', /log 2 "step-2"/)
    },
  },
  {
    group,
    name: 'a newer schema: it has a module that this version does not know',
    run: async (place) => {
      await run(place, [log, moduleOf('later', [[createTable('later')]])])
      await refusedUntouched(place, [log, other], 'store_newer', /later 1 "step-1"/)
    },
  },
]
