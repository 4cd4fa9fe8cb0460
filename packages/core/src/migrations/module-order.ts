// The order of modules: each after those that it depends on, and the same whatever order they were given in.
import { checkModules } from './check-modules.ts'
import { dependencyOrder } from './dependency-order.ts'
import type { MigrationModule } from './migration.ts'

/** The modules in the order in which they run; of those that could be next, the first by name. Throws a plain error that names the circle, or what else is wrong. */
export function orderModules(modules: readonly MigrationModule[]): readonly MigrationModule[] {
  checkModules(modules)
  return dependencyOrder(modules.toSorted(byName), circleError)
}

function byName(one: MigrationModule, other: MigrationModule): number {
  return one.name < other.name ? -1 : 1
}

function circleError(path: string): Error {
  return new Error(
    `Migration modules depend on each other in a circle: ${path}. Move what they share into a module of its own.`,
  )
}
