// New values of administrators: what is wrong with them is found before anything is stored.
import { isDeepStrictEqual } from 'node:util'
import type { ConfigSetData, NamedValues, SetConfigInput } from './config-contracts.ts'
import { administrator } from './config-source.ts'
import type { ConfigKey } from './keys.ts'
import { readLeavingAside } from './left-aside.ts'
import type { Manager } from './managers.ts'
import { nearest } from './merge.ts'
import type { ConfigProblem } from './problems.ts'
import { isReference } from './reference.ts'

const source = administrator

/** What would be set, and which keys differ from before. */
export function changedValues(
  before: NamedValues,
  { values = {}, remove = [] }: SetConfigInput,
): { readonly values: NamedValues; readonly changed: readonly string[] } {
  const next = new Map(Object.entries(before))
  for (const [path, value] of Object.entries(values)) next.set(path, value)
  for (const path of remove) next.delete(path)
  return { values: Object.fromEntries(next), changed: changedPaths(before, Object.fromEntries(next)) }
}

export function changedPaths(before: NamedValues, after: NamedValues): readonly string[] {
  const paths = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...paths].filter((path) => !isDeepStrictEqual(before[path], after[path])).toSorted()
}

/**
 * Keys that there are not, and secrets that are no references. `named`: what the caller wrote, before it is put together; `undefined`: to be
 * removed, which is right for any key that is stored, also one that only another version of the program has.
 */
export function problemsOfNames(
  keys: readonly ConfigKey[],
  named: readonly (readonly [string, unknown])[],
  stored: NamedValues = {},
): ConfigProblem[] {
  return named.flatMap(([path, value]): ConfigProblem[] => {
    const key = keys.find((known) => known.path === path)
    if (key === undefined) {
      if (value === undefined && Object.hasOwn(stored, path)) return []
      const near = nearest(path, keys)
      const hint = near === undefined ? 'Name a key of the definition.' : `Did you mean "${near}"?`
      return [{ problem: 'unknown_key', key: path, source, hint }]
    }
    if (!key.secret || value === undefined || isReference(value)) return []
    const expected = 'a reference such as secret:vault:kv/shop#url, because what is set here is kept for ever'
    return [{ problem: 'invalid_value', key: path, source, expected }]
  })
}

/** As people are shown it: a key may have become secret after its value was stored. */
export function shownData(keys: readonly ConfigKey[], data: ConfigSetData): ConfigSetData {
  const secrets = new Set(keys.filter(({ secret }) => secret).map(({ path }) => path))
  const shown = ([path, value]: [string, unknown]): [string, unknown] =>
    secrets.has(path) && !isReference(value) ? [path, '(secret)'] : [path, value]
  return { ...data, values: Object.fromEntries(Object.entries(data.values).map(shown)) }
}

/**
 * What the process that was asked makes of all of it together; empty when it would take it. What was wrong before with keys that are not
 * `named` is no fault of who changes others. Errors: `config_unreadable`.
 */
export async function problemsOfValues(
  manager: Manager,
  values: NamedValues,
  named: readonly string[],
): Promise<readonly ConfigProblem[]> {
  const { candidate } = await readLeavingAside(manager.try, values, (path) => !named.includes(path))
  if (candidate.ok) return []
  const { problems } = candidate.error.facts
  // Nobody could say what is wrong: what was not checked is not kept for all processes.
  if (problems === undefined) throw candidate.error
  // What is wrong with a source just now is no fault of these values.
  if (candidate.step === 'parse') return []
  return (problems as readonly ConfigProblem[]).filter((one) => one.source === undefined || one.source === source)
}
