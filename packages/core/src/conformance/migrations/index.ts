// The conformance suite of migrations: what the runner promises on a database, as cases that every adapter runs.
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { contenderCases } from './contenders.ts'
import { failureCases } from './failures.ts'
import type { MigrationCapability, MigrationPlace } from './given.ts'
import { ledgerCases } from './ledger.ts'
import { orderCases } from './order.ts'
import { refusalCases } from './refusals.ts'

export type { Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { MigratingProcess, MigrationCapability, MigrationCase, MigrationPlace } from './given.ts'

/** Every behaviour of migrations, for runners of one's own. */
export const migrationSuite: Suite<MigrationPlace, MigrationCapability> = {
  name: 'migrations',
  capabilities: ['holder', 'processes'],
  cases: [...orderCases, ...ledgerCases, ...refusalCases, ...contenderCases, ...failureCases],
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty database for each case. Reference: docs/reference/migrations.md. */
export function runMigrationSuite(
  test: TestFunction,
  newPlace: () => Promise<MigrationPlace>,
  capabilities: Capabilities<MigrationCapability>,
): void {
  runSuite(test, migrationSuite, capabilities, async (run) => {
    const place = await newPlace()
    try {
      await run(place)
    } finally {
      await place.remove()
    }
  })
}
