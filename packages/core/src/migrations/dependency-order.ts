// The order of things that depend on each other by name: each after those that it depends on.

export interface Depending {
  readonly name: string
  readonly dependsOn?: readonly string[] | undefined
}

/**
 * The items in their order; of those that could be next, the first of the list. What is not in the list keeps nobody waiting.
 * @param circle the error for items that wait for each other; `path` names them, as in `A → B → A`.
 */
export function dependencyOrder<Item extends Depending>(
  items: readonly Item[],
  circle: (path: string) => Error,
): readonly Item[] {
  const waiting = new Map(items.map((item) => [item.name, item]))
  const ordered: Item[] = []
  while (waiting.size > 0) {
    const next = [...waiting.values()].find(({ dependsOn = [] }) => !dependsOn.some((name) => waiting.has(name)))
    if (next === undefined) throw circle(circleIn(waiting))
    ordered.push(next)
    waiting.delete(next.name)
  }
  return ordered
}

/** Each of these waits for another one of them, so whoever follows the dependencies comes back to where he was. */
function circleIn(waiting: ReadonlyMap<string, Depending>): string {
  const path: string[] = []
  let at = waiting.keys().next().value
  while (at !== undefined && !path.includes(at)) {
    path.push(at)
    at = waiting.get(at)?.dependsOn?.find((name) => waiting.has(name))
  }
  return [...path.slice(path.indexOf(at ?? '')), at].join(' → ')
}
