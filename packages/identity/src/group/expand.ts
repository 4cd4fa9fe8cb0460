// What names of permissions in a group stand for: `Domain.*` and `*` become names, and what they imply comes with them.
import type { PermissionEntry } from '@gesta/core'
import { closest } from '@gesta/core/host'

/** Names of permissions of the app, each once. A name that it does not know stands for nothing. */
export function expand(entries: readonly PermissionEntry[], names: Iterable<string>): ReadonlySet<string> {
  const asked = new Set(names)
  const found = new Set<string>()
  for (const entry of entries) {
    const { name, domain, kind, implies } = entry
    if (!asked.has(name) && !asked.has(`${domain}.*`) && !(asked.has('*') && kind !== 'store')) continue
    found.add(name)
    for (const other of implies) found.add(other)
  }
  return found
}

/** The first name that stands for nothing, and the one that is nearest to it. */
export function unknownOf(
  entries: readonly PermissionEntry[],
  names: readonly string[],
): { readonly permission: string; readonly nearest?: string } | undefined {
  const known = new Set(entries.flatMap(({ name, domain }) => [name, `${domain}.*`])).add('*')
  const permission = names.find((name) => !known.has(name))
  if (permission === undefined) return undefined
  const nearest = closest(permission, [...known])
  return nearest === undefined ? { permission } : { permission, nearest }
}
