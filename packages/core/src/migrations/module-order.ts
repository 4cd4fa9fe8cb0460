// The order of modules: each after those that it depends on, and the same whatever order they were given in.
import { checkModules } from './check-modules.ts'
import type { MigrationModule } from './migration.ts'

/** The modules in the order in which they run; of those that could be next, the first by name. Throws a plain error that names the circle, or what else is wrong. */
export function orderModules(modules: readonly MigrationModule[]): readonly MigrationModule[] {
  checkModules(modules)
  const waiting = new Map(modules.toSorted(byName).map((module) => [module.name, module]))
  const ordered: MigrationModule[] = []
  while (waiting.size > 0) {
    const next = [...waiting.values()].find(({ dependsOn = [] }) => !dependsOn.some((name) => waiting.has(name)))
    if (next === undefined) throw circleError(waiting)
    ordered.push(next)
    waiting.delete(next.name)
  }
  return ordered
}

function byName(one: MigrationModule, other: MigrationModule): number {
  return one.name < other.name ? -1 : 1
}

/** Each of these waits for another one of them, so whoever follows the dependencies comes back to where he was. */
function circleError(waiting: ReadonlyMap<string, MigrationModule>): Error {
  const path: string[] = []
  let at = waiting.keys().next().value
  while (at !== undefined && !path.includes(at)) {
    path.push(at)
    at = waiting.get(at)?.dependsOn?.find((name) => waiting.has(name))
  }
  const circle = [...path.slice(path.indexOf(at ?? '')), at].join(' → ')
  return new Error(
    `Migration modules depend on each other in a circle: ${circle}. Move what they share into a module of its own.`,
  )
}
