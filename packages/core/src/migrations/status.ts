// What a database has, compared with what this version knows.
import type { AppliedMigration, MigrationStep } from './migration.ts'

/** A migration that does not fit the ledger. */
export interface DriftedMigration {
  readonly module: string
  readonly number: number
  /** As this version names it. */
  readonly name: string
  /**
   * `renamed`: it was applied under the name `appliedAs`. `changed`: its text was another one when it was applied.
   * `skipped`: it was never applied, but a later one of its module was.
   */
  readonly why: 'renamed' | 'changed' | 'skipped'
  readonly appliedAs: string | undefined
}

/** Every migration of ledger and modules stands in one of the four lists. */
export interface MigrationStatus {
  /** In the order of modules and numbers. */
  readonly applied: readonly AppliedMigration[]
  /** In the order in which they would run. */
  readonly pending: readonly MigrationStep[]
  /** In the ledger and unknown here: of a newer version, or of a module that was not given. In the order of the ledger. */
  readonly unknown: readonly AppliedMigration[]
  readonly drifted: readonly DriftedMigration[]
}

/** `steps` are those of `migrationSteps`. Refuses nothing; `planMigrations` does. */
export function compareWithLedger(
  steps: readonly MigrationStep[],
  ledger: readonly AppliedMigration[],
): MigrationStatus {
  const unknown = new Map(ledger.map((row) => [keyOf(row), row]))
  const lastNumbers = new Map<string, number>()
  for (const { module, number } of ledger) lastNumbers.set(module, Math.max(number, lastNumbers.get(module) ?? 0))
  const applied: AppliedMigration[] = []
  const pending: MigrationStep[] = []
  const drifted: DriftedMigration[] = []
  for (const step of steps) {
    const { module, number, name, checksum } = step
    const row = unknown.get(keyOf(step))
    unknown.delete(keyOf(step))
    if (row === undefined) {
      if (number > (lastNumbers.get(module) ?? 0)) pending.push(step)
      else drifted.push({ module, number, name, why: 'skipped', appliedAs: undefined })
    } else if (row.name === name && row.checksum === checksum) applied.push(row)
    else drifted.push({ module, number, name, why: row.name === name ? 'changed' : 'renamed', appliedAs: row.name })
  }
  return { applied, pending, unknown: [...unknown.values()], drifted }
}

function keyOf({ module, number }: { readonly module: string; readonly number: number }): string {
  return `${module} ${number}`
}
