// What the cases of this suite are written with: an empty database that several processes can reach, and modules made from their SQL.
import assert from 'node:assert/strict'
import type { ErrorCode } from '../../errors/codes.ts'
import { findGestaError } from '../../errors/gesta-error.ts'
import type { GestaError } from '../../errors/gesta-error.ts'
import type { AppliedMigration, MigrationModule, MigrationStep } from '../../migrations/migration.ts'
import type { MigrationSession, MigrationTarget } from '../../migrations/migration-target.ts'
import { runMigrations } from '../../migrations/run-migrations.ts'
import type { MigrationRuntime, RunMigrationsOptions } from '../../migrations/run-migrations.ts'
import type { Case } from '../suite.ts'

/**
 * `holder`: who has the lock is told to who waits for it. `processes`: another process can migrate the place, and be killed.
 */
export type MigrationCapability = 'holder' | 'processes'

/** A process that runs `runMigrations` on the place. */
export interface MigratingProcess {
  /** Settles when it ended by itself, which no case wants: with what it printed. */
  readonly ended: Promise<string>
  /** Ends it at once, as a power cut would, and waits until the database has noticed: its transaction is taken back, its lock is free. */
  kill(): Promise<void>
}

/** An empty database. */
export interface MigrationPlace {
  /** Real time and randomness, which core has none of. */
  readonly runtime: MigrationRuntime
  /** The database as one more process sees it. */
  newTarget(): MigrationTarget
  /** Names of all tables, the ledger's included, sorted. Makes nothing that is not there. */
  tables(): Promise<readonly string[]>
  /** Texts of the only column that `select` names, in its order. */
  texts(select: string): Promise<readonly string[]>
  /** Needed for `processes`. The modules are plain data and can be sent as JSON. */
  migrateElsewhere(modules: readonly MigrationModule[]): MigratingProcess
  /** Removes the database; called when nothing uses it any more. */
  remove(): Promise<void>
}
export type MigrationCase = Case<MigrationPlace, MigrationCapability>

/** A module whose migrations are numbered from 1 and named `step-1`, `step-2`, ...; each is given as its statements. */
export function moduleOf(
  name: string,
  migrations: readonly (readonly string[])[],
  dependsOn: readonly string[] = [],
): MigrationModule {
  return {
    name,
    dependsOn,
    migrations: migrations.map((statements, index) => ({ number: index + 1, name: `step-${index + 1}`, statements })),
  }
}

/** SQL that every database of the project takes. */
export function createTable(name: string): string {
  return `CREATE TABLE ${name} (entry TEXT NOT NULL)`
}
export function insert(table: string, entry: string): string {
  return `INSERT INTO ${table} (entry) VALUES ('${entry}')`
}
/** Runs for minutes, unless it is ended. */
export function endless(table: string): string {
  return `INSERT INTO ${table} (entry) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT 'end' FROM n WHERE i < 0`
}

export function run(
  place: MigrationPlace,
  modules: readonly MigrationModule[],
  options: RunMigrationsOptions = {},
): Promise<readonly AppliedMigration[]> {
  return runMigrations(place.newTarget(), modules, place.runtime, options)
}
/** `log 1`, `log 2`, ...: what a case expects of a list. */
export function marks(list: readonly Pick<AppliedMigration, 'module' | 'number'>[]): readonly string[] {
  return list.map(({ module, number }) => `${module} ${number}`)
}

export async function refused(work: Promise<unknown>, code: ErrorCode): Promise<GestaError> {
  let found: GestaError | undefined
  await assert.rejects(work, (error) => {
    found = findGestaError(error)
    assert.equal(found?.code, code, String(error))
    return true
  })
  return found as GestaError
}

/** The lock, which must be free. */
export async function hold(target: MigrationTarget): Promise<MigrationSession> {
  const { session } = await target.tryLock()
  assert.ok(session, 'Expected the lock to be free.')
  return session
}
/** A step as the runner would hand it to a session. */
export function stepOf(module: string, number: number, statements: readonly string[]): MigrationStep {
  return { module, number, name: `step-${number}`, statements, checksum: 'a'.repeat(64) }
}
