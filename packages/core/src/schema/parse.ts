// Validation through a Standard Schema: the parsed value, or one error that lists every path and reason.
import { GestaError } from '../errors/gesta-error.ts'
import type { Issue, Schema, Validation } from './schema.ts'

/** One violation: a path such as `lines.0.quantity` (empty for the value itself) and the reason. */
export interface Violation {
  readonly path: string
  readonly reason: string
}

/**
 * The value as the schema parses it: at once, or a promise when the schema is asynchronous. No schema accepts the value as it is.
 * Errors: `code` (`invalid_input` or `invalid_output`) with `facts.violations`.
 */
export function parse<Out>(
  schema: Schema<unknown, Out> | undefined,
  value: unknown,
  code: 'invalid_input' | 'invalid_output',
  what: string,
): Out | Promise<Out> {
  if (schema === undefined) return value as Out
  const validation = schema['~standard'].validate(value)
  return validation instanceof Promise
    ? validation.then((settled) => outcome(settled, code, what))
    : outcome(validation, code, what)
}

function outcome<Out>(validation: Validation<Out>, code: 'invalid_input' | 'invalid_output', what: string): Out {
  if (validation.issues === undefined) return validation.value
  const violations = validation.issues.map(violation)
  const listed = violations.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`)).join('; ')
  throw new GestaError(code, `Expected ${what} to fit its schema, but: ${listed}.`, { facts: { violations } })
}

function violation(issue: Issue): Violation {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return { path, reason: issue.message }
}
