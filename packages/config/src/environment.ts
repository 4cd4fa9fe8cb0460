// A configuration in the environment of the process.
import type { ConfigKey, ConfigLayer, ConfigSource } from '@gesta/core'
import { checkOptions, closest, environmentName } from '@gesta/core/host'

export interface EnvironmentOptions {
  /** Capital letters, digits and `_`: with `SHOP`, the key `limits.ordersMax` is `SHOP__LIMITS__ORDERS_MAX`. */
  readonly prefix: string
  /** Default: those of the process. */
  readonly variables?: { readonly [name: string]: string | undefined } | undefined
}

/**
 * Variables that begin with a prefix and two underscores; one of them that is no key is a problem. Read again with each reload, though a
 * process seldom changes its own. Errors: plain ones for options. Reference: docs/reference/configuration.md.
 */
export function environment(options: EnvironmentOptions): ConfigSource {
  checkOptions(options, ['prefix', 'variables'], 'environment()')
  const { prefix, variables = process.env } = options
  checkPrefix(prefix, 'environment()')
  const read = (keys: readonly ConfigKey[]): ConfigLayer => layerOf(keys, prefix, variables)
  return { name: 'environment', kind: 'environment', read: async (keys) => read(keys) }
}

export function checkPrefix(prefix: string, where: string): void {
  if (typeof prefix !== 'string' || !/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(prefix))
    throw new Error(`Expected prefix of ${where} to be like "SHOP" or "MY_SHOP", received "${prefix}".`)
}

/** `lineOf`: where a variable stands, when it stands in a file. */
export function layerOf(
  keys: readonly ConfigKey[],
  prefix: string,
  variables: { readonly [name: string]: string | undefined },
  placeOf: (name: string) => string = (name) => name,
): ConfigLayer {
  const names = new Map(keys.map((key) => [`${prefix}__${environmentName(key)}`, key]))
  const places = new Map<string, string>()
  const unknown: { readonly name: string; readonly near: string | undefined; readonly where: string }[] = []
  const found: (readonly [ConfigKey, unknown])[] = []
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || !name.startsWith(`${prefix}__`)) continue
    const key = names.get(name)
    if (key === undefined) unknown.push({ name, near: closest(name, [...names.keys()]), where: placeOf(name) })
    else {
      found.push([key, value])
      places.set(key.path, placeOf(name))
    }
  }
  return { values: treeOfTexts(found), isText: true, unknown, where: (parts) => places.get(parts.join('.')) }
}

/** Values of keys as the tree that a file would have. */
export function treeOfTexts(found: readonly (readonly [Pick<ConfigKey, 'parts'>, unknown])[]): object {
  // Without a prototype: a group may be named as something that every object has.
  const root = Object.create(null) as { [name: string]: unknown }
  for (const [{ parts }, value] of found) {
    let group = root
    for (const name of parts.slice(0, -1)) group = (group[name] ??= Object.create(null)) as typeof root
    group[parts.at(-1) ?? ''] = value
  }
  return root
}
