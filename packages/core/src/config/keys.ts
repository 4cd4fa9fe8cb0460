// The keys of a configuration as the runtime reads them: a list, and the same as a tree of groups.
import type { Schema } from '../schema/schema.ts'

export interface ConfigKey {
  /** Names joined by dots, such as `limits.ordersMax`. */
  readonly path: string
  /** The same as a list. */
  readonly parts: readonly string[]
  readonly schema: Schema<unknown, unknown>
  readonly description: string
  readonly secret: boolean
  readonly reload: 'hot' | 'restart'
  /** Its default; `undefined`: it has none. */
  readonly fallback: { readonly value: unknown } | undefined
}

/** A group of keys and groups, by name. */
export type ConfigGroup = ReadonlyMap<string, ConfigKey | ConfigGroup>

export function groupOf(keys: readonly ConfigKey[]): ConfigGroup {
  const root = new Map<string, ConfigKey | ConfigGroup>()
  for (const key of keys) {
    let group = root
    for (const name of key.parts.slice(0, -1)) {
      const below = (group.get(name) as Map<string, ConfigKey | ConfigGroup> | undefined) ?? new Map()
      group.set(name, below)
      group = below
    }
    group.set(key.parts.at(-1) ?? key.path, key)
  }
  return root
}

/** Values by path as a tree, in the order of the keys. */
export function treeOf(keys: readonly ConfigKey[], valueOf: (key: ConfigKey) => unknown): object {
  const treeOfGroup = (group: ConfigGroup): object =>
    Object.freeze(
      Object.fromEntries(
        [...group].map(([name, node]) => [name, node instanceof Map ? treeOfGroup(node) : valueOf(node as ConfigKey)]),
      ),
    )
  return treeOfGroup(groupOf(keys))
}

/** How a key is called in an environment: `LIMITS__ORDERS_MAX` for `limits.ordersMax`. */
export function environmentName(key: Pick<ConfigKey, 'parts'>): string {
  return key.parts.map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).join('__')
}

/** An object whose fields can be looked at one by one. */
export function isTree(value: unknown): value is { readonly [name: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
