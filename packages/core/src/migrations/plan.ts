// The plan: what has to run, or why nothing may. Pure, so that an adapter can also plan where it cannot wait.
import { GestaError } from '../errors/gesta-error.ts'
import { migrationText } from './migration.ts'
import type { AppliedMigration, MigrationStep } from './migration.ts'
import { compareWithLedger } from './status.ts'
import type { DriftedMigration } from './status.ts'

/**
 * Those of `steps` (made by `migrationSteps`) that `ledger` lacks, in their order; none when it is up to date. `database` is what errors
 * call it. Errors: `schema_drift`, `store_newer`. Reference: docs/reference/migrations.md.
 */
export function planMigrations(
  steps: readonly MigrationStep[],
  ledger: readonly AppliedMigration[],
  database: string,
): readonly MigrationStep[] {
  const { pending, unknown, drifted } = compareWithLedger(steps, ledger)
  const [firstDrifted] = drifted
  // First, because two lines of development that took the same number also look newer to each other.
  if (firstDrifted !== undefined) throw driftError(firstDrifted, database)
  if (unknown.length > 0) throw newerError(unknown, database)
  return pending
}

function driftError(drifted: DriftedMigration, database: string): GestaError {
  const { module, number, why, appliedAs } = drifted
  const text = migrationText(drifted)
  const [received, next] = {
    changed: [
      `${text} has another text than the one that was applied`,
      'Put its text back, and make the change in a new migration.',
    ],
    renamed: [
      `${text} was applied as "${appliedAs}"`,
      'Put its name and text back; what is new takes the next number.',
    ],
    skipped: [
      `${text} was never applied, and a later one of its module was`,
      'Give what is new the number after the last one.',
    ],
  }[why]
  return new GestaError(
    'schema_drift',
    `Expected the migrations that ${database} has to be those of this version, but ${received}. ${next}`,
    { facts: { database, module, number, why } },
  )
}

function newerError(unknown: readonly AppliedMigration[], database: string): GestaError {
  const texts = unknown.map(migrationText)
  const received = texts.length > 3 ? `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more` : texts.join(', ')
  return new GestaError(
    'store_newer',
    `Expected to know every migration that ${database} has, but this version does not know ${received}: a newer version applied it, or a module is missing here. Run that version, or pass the module.`,
    { facts: { database, unknown: texts } },
  )
}
