// Why something was not done, in words that people can act on: one sentence, and the field that it is about.
import { isGestaError } from '@gesta/core/host'
import type { Violation } from '@gesta/core'

export interface Failure {
  readonly code: string
  /** The field that it is about; absent: the whole form. */
  readonly field?: string | undefined
  readonly text: string
  readonly status: number
  /** Whole seconds after which to try again. */
  readonly retryAfterSeconds?: number | undefined
}

/** A business no. Codes whose words are not listed here have those of their contract. */
export function rejectionFailure(code: string, reason: string, details: unknown): Failure {
  const { lengthMin } = (details ?? {}) as { readonly lengthMin?: unknown }
  const text = typeof lengthMin === 'number' ? `Type at least ${lengthMin} characters.` : (words[code] ?? reason)
  return { code, field: fieldOf[code], text, status: 422 }
}

/** What was thrown, where people can do something about it; else `undefined`, and it is the server's affair. */
export function thrownFailure(error: unknown): Failure | undefined {
  if (isGestaError(error, 'rate_limited')) return tooOften(error.facts['retryAfterMs'])
  if (isGestaError(error, 'invalid_input')) return invalid(error.facts['violations'] as readonly Violation[])
  if (isGestaError(error, 'permission_denied')) return { code: error.code, text: notAllowed, status: 403 }
  return undefined
}

function tooOften(waitMs: unknown): Failure {
  const seconds = typeof waitMs === 'number' && waitMs > 0 ? Math.ceil(waitMs / 1000) : 1
  return {
    code: 'rate_limited',
    text: `That was tried too often. Try again in ${duration(seconds)}.`,
    status: 429,
    retryAfterSeconds: seconds,
  }
}

function duration(seconds: number): string {
  if (seconds < 90) return seconds === 1 ? 'one second' : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}

function invalid(violations: readonly Violation[]): Failure {
  const [first] = violations[0]?.path.split('.', 1) ?? []
  const field = first !== undefined && Object.hasOwn(fields, first) ? first : undefined
  const text = field === undefined ? 'Something in this form cannot be read. Check what you typed.' : fields[field]
  return { code: 'invalid_input', field, text: text ?? '', status: 422 }
}

const notAllowed = 'You may not do this. Sign in as somebody who may, or ask an administrator.'

/** What a field wants, by the name that the contracts give it. */
const fields: { readonly [field: string]: string } = {
  email: 'Type an address like name@example.com.',
  password: 'Type a password of the length that is asked for.',
  newPassword: 'Type a password of the length that is asked for.',
  code: 'Type the whole code, as you were given it.',
  name: 'Type a name that is not too long.',
}

const fieldOf: { readonly [code: string]: string } = {
  invalid_credentials: 'password',
  invalid_code: 'code',
  password_too_short: 'password',
  password_too_long: 'password',
  password_common: 'password',
  password_needed: 'password',
}
const words: { readonly [code: string]: string } = {
  invalid_credentials: 'The address or the password is wrong. Check both, and try again.',
  password_common: 'Others try this password first. Choose one that nobody guesses, such as several words.',
  password_needed: 'Several people registered with this address. Type the password that you registered with.',
  account_exists: 'This address has an account already. Sign in, and accept the invitation with it.',
}
