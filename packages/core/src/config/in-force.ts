// What is in force, and what a candidate would make of it: hot keys change, keys marked restart keep their value and wait.
import { isDeepStrictEqual } from 'node:util'
import type { ConfigChange } from './config.ts'
import { treeOf } from './keys.ts'
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
    if (old === undefined || !same(old.value, found.value)) {
      const waits = old !== undefined && reload === 'restart'
      ;(waits ? pending : changed).push(path)
      values.set(path, waits ? old : found)
      // The value stays the very one that readers have: they may compare by identity.
    } else values.set(path, { value: old.value, origin: found.origin })
  }
  const tree =
    before !== undefined && changed.length === 0 ? before.tree : treeOf(keys, ({ path }) => values.get(path)?.value)
  return { next: { values, tree, pending }, change: { changed, pending } }
}

function same(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(revealed(one), revealed(other))
}
