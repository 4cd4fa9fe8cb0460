// What is wrong with a configuration, all of it at once, each with where it came from.
import { GestaError } from '../errors/gesta-error.ts'
import type { ErrorCode } from '../errors/codes.ts'

export interface ConfigProblem {
  readonly problem: 'unknown_key' | 'invalid_value' | 'missing_value' | 'unreadable_source' | 'unresolved_secret'
  /** The key, or the name that is none; absent when a whole source is concerned. */
  readonly key?: string | undefined
  readonly source?: string | undefined
  /** Such as `shop.yaml:12`. */
  readonly where?: string | undefined
  readonly expected?: string | undefined
  /** Never of a secret, and never of a key that is not known: it may be a secret whose name is misspelt. */
  readonly received?: string | undefined
  /** What to do next. */
  readonly hint?: string | undefined
}

const shownMax = 60

/** A value as problems show it. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = jsonOf(value)
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text
}

/** As JSON; what has none by its kind. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value
  } catch {
    return typeof value
  }
}

/** One problem as a line. */
export function configProblemText({ key, source, where, expected, received, hint, problem }: ConfigProblem): string {
  const place = where ?? source
  const subject = [key, place && (key === undefined ? place : `(${place})`)].filter(Boolean).join(' ')
  const says =
    problem === 'unknown_key'
      ? 'is no key of this configuration.'
      : problem === 'missing_value'
        ? 'has no value and no default.'
        : [`expected ${expected ?? 'something else'}`, received && `received ${received}`].filter(Boolean).join(', ') +
          '.'
  const colon = problem === 'unknown_key' || problem === 'missing_value' ? ' ' : ': '
  return `${subject}${colon}${says}${hint === undefined ? '' : ` ${hint}`}`
}

/** One error for all of them. */
export function configError(code: ErrorCode, problems: readonly ConfigProblem[], next: string): GestaError {
  const lines = problems.map((problem) => `\n  - ${configProblemText(problem)}`).join('')
  const many = problems.length === 1 ? 'there is a problem' : `there are ${problems.length} problems`
  return new GestaError(code, `Expected a configuration that fits its definition, but ${many}. ${next}${lines}`, {
    facts: { problems },
  })
}
