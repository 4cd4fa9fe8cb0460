// The one error class. Callers tell errors apart by `code` (also across packages and processes), never by instanceof.
import type { ErrorCode } from './codes.ts'

/** Facts about a failure: ids, names and limits, never payloads or secrets. */
export type ErrorFacts = { readonly [fact: string]: unknown }

/**
 * A failure that a caller can act on. `message` says what was expected, what was received, where, and what to do next.
 * Reference: docs/reference/errors.md.
 */
export class GestaError extends Error {
  override readonly name: string = 'GestaError'
  readonly code: ErrorCode
  readonly facts: ErrorFacts

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly facts?: ErrorFacts; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.facts = options.facts ?? {}
  }
}

/** Whether `error`, or anything in its chain of causes, is a gesta error (with this code, when one is given). */
export function isGestaError(error: unknown, code?: ErrorCode): error is GestaError {
  const found = findGestaError(error, code)
  return found !== undefined
}

/** The first gesta error in the chain of causes (with this code, when one is given). */
export function findGestaError(error: unknown, code?: ErrorCode): GestaError | undefined {
  const seen = new Set<unknown>()
  for (let current = error; current instanceof Error && !seen.has(current); current = current.cause) {
    seen.add(current)
    if (current instanceof GestaError && (code === undefined || current.code === code)) return current
  }
  return undefined
}
