// Validation: every key against its schema. Secrets that are references are left for later.
import { deepFreeze } from '../codec/json.ts'
import type { Issue } from '../schema/schema.ts'
import type { ConfigOrigin } from './config-source.ts'
import { isTree } from './keys.ts'
import type { ConfigKey } from './keys.ts'
import type { Merged, MergedValue } from './merge.ts'
import { shownValue } from './problems.ts'
import type { ConfigProblem } from './problems.ts'
import { isReference } from './reference.ts'
import { Secret } from './secret.ts'

export interface ValidValue {
  readonly value: unknown
  readonly origin: ConfigOrigin
}
export interface Validated {
  readonly values: ReadonlyMap<string, ValidValue>
  /** Secrets that are still to be asked for. */
  readonly references: readonly (MergedValue & { readonly value: string })[]
  readonly problems: readonly ConfigProblem[]
}

export function validate(keys: readonly ConfigKey[], merged: Merged): Validated {
  const values = new Map<string, ValidValue>()
  const references: (MergedValue & { readonly value: string })[] = []
  const problems: ConfigProblem[] = [...merged.problems]
  for (const key of keys) {
    const found = merged.values.get(key.path) ?? { key, value: undefined, origin: { source: 'default' } }
    if (key.secret && isReference(found.value)) references.push({ ...found, value: found.value })
    else {
      const checked = checkValue(found)
      if ('problem' in checked) problems.push(checked.problem)
      else values.set(key.path, { value: checked.value, origin: found.origin })
    }
  }
  return { values, references, problems }
}

/** The value as its schema makes it, secrets wrapped; or what is wrong with it. */
export function checkValue({
  key,
  value,
  origin,
}: MergedValue): { readonly value: unknown } | { readonly problem: ConfigProblem } {
  const about = { key: key.path, ...origin }
  if (!key.secret && holdsReference(value)) {
    const expected = 'a value, because the key is not marked secret'
    const hint = 'Mark the key secret: true in the definition, or write the value.'
    return { problem: { problem: 'invalid_value', ...about, expected, received: 'a reference to a secret', hint } }
  }
  const validation = validationOf(key, value)
  if ('value' in validation) {
    const valid = validation.value
    if (key.secret) return { value: new Secret(valid) }
    return { value: isTree(valid) || Array.isArray(valid) ? deepFreeze(valid) : valid }
  }
  if (value === undefined) {
    const hint = `Give it a value in one of the sources.`
    return { problem: { problem: 'missing_value', key: key.path, hint } }
  }
  // The words of a schema may repeat the value.
  const expected = key.secret ? 'a secret that fits its schema' : validation.issues.map(issueText).join('; ')
  const received = key.secret ? 'one that does not' : shownValue(value)
  return { problem: { problem: 'invalid_value', ...about, expected, received } }
}

function validationOf(
  { schema }: ConfigKey,
  value: unknown,
): { readonly value: unknown } | { readonly issues: readonly Issue[] } {
  try {
    const validation = schema['~standard'].validate(value)
    if (validation instanceof Promise) {
      void validation.catch(() => undefined)
      return { issues: [{ message: 'a schema that answers at once' }] }
    }
    return validation.issues === undefined ? { value: validation.value } : { issues: validation.issues }
  } catch {
    return { issues: [{ message: 'a value that its schema can check' }] }
  }
}

/** In an object or a list too: it would reach the program as a text that nobody resolves. */
function holdsReference(value: unknown): boolean {
  if (isReference(value)) return true
  if (Array.isArray(value)) return value.some(holdsReference)
  return isTree(value) && Object.values(value).some(holdsReference)
}

function issueText({ message, path = [] }: Issue): string {
  const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const text = message.replace(/^Invalid input: expected /, '').replace(/\.$/, '')
  return where === '' ? text : `${where}: ${text}`
}
