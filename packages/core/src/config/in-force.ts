// What is in force, and what a candidate would make of it: hot keys change, keys marked restart keep their value and wait.
import { isDeepStrictEqual } from 'node:util'
import type { ConfigChange } from './config.ts'
import { isTree, treeOf } from './keys.ts'
import type { ConfigKey } from './keys.ts'
import { revealed } from './secret.ts'
import type { ValidValue } from './validate.ts'

/** Never changed: a reader who has it sees one configuration, whatever comes. */
export interface InForce {
  readonly values: ReadonlyMap<string, ValidValue>
  /** The same as the program reads it, frozen. */
  readonly tree: object
  /** Keys that wait for a restart. */
  readonly pending: readonly string[]
}

/** `before`: absent when the process begins, and then everything is taken. */
export function nextInForce(
  keys: readonly ConfigKey[],
  before: InForce | undefined,
  candidate: ReadonlyMap<string, ValidValue>,
): { readonly next: InForce; readonly change: ConfigChange } {
  const values = new Map<string, ValidValue>()
  const changed: string[] = []
  const pending: string[] = []
  for (const { path, reload } of keys) {
    const old = before?.values.get(path)
    const found = candidate.get(path)
    if (found === undefined) throw new Error(`The candidate has no value of ${path}.`)
    if (old === undefined || !isSame(old, found)) {
      const waits = old !== undefined && reload === 'restart'
      ;(waits ? pending : changed).push(path)
      values.set(path, waits ? old : found)
      // The value stays the very one that readers have: they may compare by identity.
    } else values.set(path, { ...found, value: old.value })
  }
  const tree =
    before !== undefined && changed.length === 0 ? before.tree : treeOf(keys, ({ path }) => values.get(path)?.value)
  return { next: { values, tree, pending }, change: { changed, pending } }
}

/**
 * What was given is data, and its schema makes the same of the same. Another text may stand for the same value, as `"5"` of a flag for 5;
 * that is told of data alone: in what a schema makes of a text, such as a time span, a comparison may see nothing.
 */
function isSame(one: ValidValue, other: ValidValue): boolean {
  return isSameData(one.given, other.given) || isSameData(one.value, other.value)
}

function isSameData(one: unknown, other: unknown): boolean {
  const [before, after] = [revealed(one), revealed(other)]
  return Object.is(before, after) || (isData(before) && isData(after) && isDeepStrictEqual(before, after))
}

function isData(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isData)
  if (isTree(value)) return Object.values(value).every(isData)
  return (typeof value !== 'object' && typeof value !== 'function') || value === null
}
