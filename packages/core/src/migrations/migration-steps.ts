// All migrations of some modules as one list of steps: what an empty database would run.
import { checksumOf } from './checksum.ts'
import type { MigrationModule, MigrationStep } from './migration.ts'
import { orderModules } from './module-order.ts'

/**
 * The migrations of the modules in the order in which they run: each module after those that it depends on, in it by number. The order
 * does not depend on that of `modules`. Throws a plain error for a circle, and for modules that make no sense otherwise.
 */
export function migrationSteps(modules: readonly MigrationModule[]): readonly MigrationStep[] {
  return orderModules(modules).flatMap(({ name: module, migrations }) =>
    migrations.map(({ number, name, statements }) => ({
      module,
      number,
      name,
      statements,
      checksum: checksumOf({ statements }),
    })),
  )
}
