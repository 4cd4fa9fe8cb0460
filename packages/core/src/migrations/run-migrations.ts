// The runner: what is pending, in order, each in its own transaction, under a lock that only one process has.
import { isGestaError } from '../errors/gesta-error.ts'
import type { Ids } from '../ids/ids.ts'
import { checkOptions } from '../schema/options.ts'
import type { Clock } from '../time/clock.ts'
import { waitForLock } from './lock.ts'
import type { AppliedMigration, MigrationModule, MigrationStep } from './migration.ts'
import { migrationFailed } from './migration-failed.ts'
import type { MigrationSession, MigrationTarget } from './migration-target.ts'
import { migrationSteps } from './migration-steps.ts'
import { planMigrations } from './plan.ts'
import { compareWithLedger } from './status.ts'
import type { MigrationStatus } from './status.ts'

/** What the composition root lends to the runner. */
export interface MigrationRuntime {
  readonly clock: Clock
  readonly ids: Pick<Ids, 'random'>
}

export interface RunMigrationsOptions {
  /** Milliseconds to wait for another process that migrates, at least 0; default 30,000. `Infinity` waits as long as it takes. */
  readonly lockTimeoutMs?: number | undefined
  /** Ends the wait for the lock, and the run between two migrations. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Brings a database up to date and returns what it applied, in order: nothing when it was up to date, which costs one look at the ledger
 * and no lock. `modules` are all that the database has or will have, in any order. A migration that fails leaves those before it.
 * Errors: `schema_drift`, `store_newer`, `migration_failed`, `migration_lock_timeout`, and those of the database; the reason of `signal`;
 * a plain error for modules or options that make no sense. Reference: docs/reference/migrations.md.
 */
export async function runMigrations(
  target: MigrationTarget,
  modules: readonly MigrationModule[],
  { clock, ids }: MigrationRuntime,
  options: RunMigrationsOptions = {},
): Promise<readonly AppliedMigration[]> {
  checkOptions(options, ['lockTimeoutMs', 'signal'], 'runMigrations()')
  const { lockTimeoutMs = 30_000, signal } = options
  if (!(lockTimeoutMs >= 0))
    throw new RangeError(`Expected lockTimeoutMs to be milliseconds, at least 0, received ${lockTimeoutMs}.`)

  const steps = migrationSteps(modules)
  if (planMigrations(steps, await target.ledger(), target.database).length === 0) return []
  await using session = await waitForLock(target, { clock, ids, lockTimeoutMs, signal })
  const applied: AppliedMigration[] = []
  // Planned again, because another process may have migrated while this one waited.
  for (const step of planMigrations(steps, await session.ledger(), target.database)) {
    signal?.throwIfAborted()
    applied.push(await apply(session, step, clock.nowUs()))
  }
  return applied
}

/** What `runMigrations` would run now, in order, with its SQL. Changes nothing and takes no lock. Errors: as `runMigrations` before it runs anything. */
export async function dryRunMigrations(
  target: MigrationTarget,
  modules: readonly MigrationModule[],
): Promise<readonly MigrationStep[]> {
  const steps = migrationSteps(modules)
  return planMigrations(steps, await target.ledger(), target.database)
}

/** What is applied, pending, unknown here, and drifted. Changes nothing, takes no lock and refuses nothing. */
export async function migrationStatus(
  target: MigrationTarget,
  modules: readonly MigrationModule[],
): Promise<MigrationStatus> {
  const steps = migrationSteps(modules)
  return compareWithLedger(steps, await target.ledger())
}

async function apply(session: MigrationSession, step: MigrationStep, appliedAt: number): Promise<AppliedMigration> {
  try {
    await session.apply(step, appliedAt)
  } catch (error) {
    throw isGestaError(error) ? error : migrationFailed(step, undefined, error)
  }
  const { module, number, name, checksum } = step
  return { module, number, name, checksum, appliedAt }
}
