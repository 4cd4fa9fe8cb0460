// Validation: every key against its schema. Secrets that are references are left for later.
import { deepFreeze } from '../codec/json.ts'
import type { Issue } from '../schema/schema.ts'
import { answerOf } from './answer-of.ts'
import { administrator } from './config-source.ts'
import type { ConfigOrigin, SecretProvider } from './config-source.ts'
import { isTree } from './keys.ts'
import type { ConfigKey } from './keys.ts'
import type { Merged, MergedValue } from './merge.ts'
import { shownValue } from './problems.ts'
import type { ConfigProblem } from './problems.ts'
import { isReference, isSettable } from './reference.ts'
import { Secret } from './secret.ts'

export interface ValidValue {
  readonly value: unknown
  /** What its schema made it of; a secret is wrapped here too. */
  readonly given: unknown
  readonly origin: ConfigOrigin
}
export interface Validated {
  readonly values: ReadonlyMap<string, ValidValue>
  /** Secrets that are still to be asked for. */
  readonly references: readonly (MergedValue & { readonly value: string })[]
  readonly problems: readonly ConfigProblem[]
}

export function validate(keys: readonly ConfigKey[], merged: Merged, providers: readonly SecretProvider[]): Validated {
  const values = new Map<string, ValidValue>()
  const references: (MergedValue & { readonly value: string })[] = []
  const problems: ConfigProblem[] = [...merged.problems]
  for (const key of keys) {
    const found = merged.values.get(key.path) ?? { key, value: undefined, origin: { source: 'default' } }
    const { value, origin } = found
    if (key.secret && isReference(value)) {
      if (origin.source !== administrator || isSettable(value, providers)) references.push({ ...found, value })
      else problems.push({ problem: 'invalid_value', key: key.path, ...origin, ...notSettable })
    } else {
      const checked = checkReferences(found) ?? checkValue(found)
      if ('problem' in checked) problems.push(checked.problem)
      else values.set(key.path, { value: checked.value, given: wrapped(key, value), origin })
    }
  }
  return { values, references, problems }
}

export function wrapped({ secret }: ConfigKey, value: unknown): unknown {
  return secret ? new Secret(value) : value
}

const notSettable = {
  expected: 'a reference that administrators may set',
  received: 'another one',
  hint: 'Name it in the option settable of its store of secrets, or write it into a source.',
}

/** A reference that nobody would resolve: it would reach the program as a text. */
function checkReferences({ key, value, origin }: MergedValue): { readonly problem: ConfigProblem } | undefined {
  if (!holdsReference(value)) return undefined
  const about = { problem: 'invalid_value', key: key.path, ...origin, received: 'a reference to a secret' } as const
  if (key.secret) {
    const expected = 'the reference alone, and nothing around it'
    return { problem: { ...about, expected, hint: 'Keep all of the value in the store of secrets, as JSON.' } }
  }
  const expected = 'a value, because the key is not marked secret'
  return { problem: { ...about, expected, hint: 'Mark the key secret: true in the definition, or write the value.' } }
}

/** The value as its schema makes it, secrets wrapped; or what is wrong with it. */
export function checkValue({
  key,
  value,
  origin,
}: MergedValue): { readonly value: unknown } | { readonly problem: ConfigProblem } {
  const about = { key: key.path, ...origin }
  const answer = answerOf(key, value)
  if ('value' in answer) {
    const valid = answer.value
    return { value: wrapped(key, isTree(valid) || Array.isArray(valid) ? deepFreeze(valid) : valid) }
  }
  if (value === undefined) {
    const hint = `Give it a value in one of the sources.`
    return { problem: { problem: 'missing_value', key: key.path, hint } }
  }
  // The words of a schema may repeat the value.
  const expected = key.secret ? 'a secret that fits its schema' : answer.issues.map(issueText).join('; ')
  const received = key.secret ? 'one that does not' : shownValue(value)
  return { problem: { problem: 'invalid_value', ...about, expected, received } }
}

/** In an object or a list too. */
function holdsReference(value: unknown): boolean {
  if (isReference(value)) return true
  if (Array.isArray(value)) return value.some(holdsReference)
  return isTree(value) && Object.values(value).some(holdsReference)
}

/** As it completes "expected ...": many schemas say that themselves, such as "Too small: expected number to be >=1". */
function issueText({ message, path = [] }: Issue): string {
  const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  const [, expected = `a value that its schema takes (${message.replace(/\.$/, '')})`] =
    /(?:^|: )expected (.+?)(?:, received .*|\.)?$/.exec(message) ?? []
  return where === '' ? expected : `${where}: ${expected}`
}
