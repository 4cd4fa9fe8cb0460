// Merging: of every key the strongest value, and where it came from. Objects are merged field by field, lists are replaced whole.
import { closest } from '../schema/options.ts'
import type { ConfigOrigin, ReadLayer } from './config-source.ts'
import { isTree } from './keys.ts'
import type { ConfigGroup, ConfigKey } from './keys.ts'
import { shownValue } from './problems.ts'
import type { ConfigProblem } from './problems.ts'
import { textValue } from './text-value.ts'

export interface MergedValue {
  readonly key: ConfigKey
  readonly value: unknown
  /** Of the strongest source that says something about the key. */
  readonly origin: ConfigOrigin
}
export interface Merged {
  /** By path; keys that nobody says anything about are absent. */
  readonly values: ReadonlyMap<string, MergedValue>
  readonly problems: readonly ConfigProblem[]
}

/** `layers`: from the weakest to the strongest. */
export function mergeLayers(keys: readonly ConfigKey[], group: ConfigGroup, layers: readonly ReadLayer[]): Merged {
  const values = new Map<string, MergedValue>()
  for (const key of keys)
    if (key.fallback !== undefined)
      values.set(key.path, { key, value: key.fallback.value, origin: { source: 'default' } })
  const problems: ConfigProblem[] = []
  for (const layer of layers) {
    const { source, unknown = [] } = layer
    for (const { name, near, where } of unknown)
      problems.push({ problem: 'unknown_key', key: name, source, where, hint: hintOf(near) })
    mergeGroup(layer, group, layer.values, [])
  }
  return { values, problems }

  function mergeGroup(layer: ReadLayer, known: ConfigGroup, given: unknown, above: readonly string[]): void {
    const { source } = layer
    // A group that is written without anything below it is null in YAML.
    if (given === undefined || given === null) return
    if (!isTree(given)) {
      const expected = above.length === 0 ? 'groups and keys' : `a group with ${[...known.keys()].join(', ')}`
      const key = above.length === 0 ? undefined : above.join('.')
      const received = typeOf(given)
      return void problems.push({
        problem: 'invalid_value',
        key,
        source,
        where: layer.where?.(above),
        expected,
        received,
      })
    }
    for (const [name, value] of Object.entries(given)) {
      const parts = [...above, name]
      const node = known.get(name)
      if (node === undefined) addUnknown(layer, parts)
      else if (node instanceof Map) mergeGroup(layer, node, value, parts)
      else if (value !== undefined) mergeValue(layer, node as ConfigKey, value)
    }
  }
  function addUnknown(layer: ReadLayer, parts: readonly string[]): void {
    // Editors are told by it which JSON Schema the file follows.
    if (parts.length === 1 && parts[0] === '$schema') return
    const key = parts.join('.')
    const hint = hintOf(nearest(key, keys))
    problems.push({ problem: 'unknown_key', key, source: layer.source, where: layer.where?.(parts), hint })
  }
  function mergeValue(layer: ReadLayer, key: ConfigKey, given: unknown): void {
    const value = layer.isText === true && typeof given === 'string' ? textValue(key, given) : given
    const below = values.get(key.path)
    const origin = originOf(layer, key.parts)
    values.set(key.path, { key, value: below === undefined ? value : mergeValues(below.value, value), origin })
  }
}

/** What stands above takes the place of what stands below; two objects are merged field by field. */
export function mergeValues(below: unknown, above: unknown): unknown {
  if (!isTree(below) || !isTree(above)) return above
  const merged = new Map(Object.entries(below))
  for (const [name, value] of Object.entries(above)) merged.set(name, mergeValues(merged.get(name), value))
  return Object.fromEntries(merged)
}

/** The key that was probably meant: one that is written nearly so, or one of the same name in another group. */
export function nearest(name: string, keys: readonly ConfigKey[]): string | undefined {
  const paths = keys.map(({ path }) => path)
  const last = name.split('.').at(-1)
  return closest(name, paths) ?? keys.find(({ parts }) => parts.at(-1) === last)?.path
}

function originOf({ source, where }: ReadLayer, parts: readonly string[]): ConfigOrigin {
  const place = where?.(parts)
  return place === undefined ? { source } : { source, where: place }
}
function hintOf(near: string | undefined): string {
  return near === undefined ? 'Remove it, or add it to the definition.' : `Did you mean "${near}"?`
}
/** Of what stands where a group belongs: it may hold a secret, so its kind alone. */
function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : value === null ? shownValue(value) : typeof value
}
