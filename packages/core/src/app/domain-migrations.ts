// The tables that domains have of their own: beside the store's, in a place and with a ledger of their own, so that neither knows the
// other's migrations. They are brought up to date before anything of the app runs.
import type { MigrationModule } from '../migrations/migration.ts'
import { migrationSteps } from '../migrations/migration-steps.ts'
import { runMigrations } from '../migrations/run-migrations.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import type { DomainParts } from './domain-parts.ts'

type Migrating = Pick<DomainParts, 'name' | 'dependsOn' | 'migrations'>

/** `OrderItems` is the module `order-items`. */
function moduleName(domain: string): string {
  return domain
    .replaceAll('.', '-')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
}

/** A module per domain, also of those without tables: what depends on a domain through one of them runs after it too. */
function domainModules(domains: readonly Migrating[]): readonly MigrationModule[] {
  if (domains.every(({ migrations }) => migrations.length === 0)) return []
  return domains.map(({ name, dependsOn, migrations }) => ({
    name: moduleName(name),
    dependsOn: dependsOn.map(moduleName),
    migrations,
  }))
}

/** Throws a plain error for migrations that make no sense. */
export function checkMigrations(domains: readonly Migrating[]): void {
  migrationSteps(domainModules(domains))
}

/**
 * Brings the tables of the domains up to date. A store that refuses changes has them as they are. Errors: those of `runMigrations`; a plain one
 * for a store without tables.
 */
export async function migrateDomains(
  domains: readonly Migrating[],
  { domainTables, readOnly }: Pick<OpenBackend, 'domainTables' | 'readOnly'>,
  runtime: BackendRuntime,
  signal: AbortSignal | undefined,
): Promise<void> {
  const modules = domainModules(domains)
  if (modules.length === 0 || readOnly === true) return
  if (domainTables === undefined) {
    const name = domains.find(({ migrations }) => migrations.length > 0)?.name
    throw new Error(
      `The domain ${name} has migrations, but the store of the app has no place for tables of domains. Start it on sqlite(), or on postgres() with a schema of at most 55 characters.`,
    )
  }
  await runMigrations(domainTables, modules, runtime, { signal })
}
