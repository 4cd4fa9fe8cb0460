// Text that becomes part of a key: ids, tenants, names. Every backend must be able to store and compare it.
import { GestaError } from '../errors/gesta-error.ts'

/** Characters (UTF-16 units) that a key may have. */
export const keyLengthMax = 512

/** Whether a value can be a key. */
export function isKey(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= keyLengthMax &&
    !value.includes('\0') &&
    value.isWellFormed()
  )
}

/** Refuses an empty key, one that is too long, and NUL or lone surrogates, which not every backend can store. Errors: `invalid_key`. */
export function checkKey(text: string, what: string): void {
  if (typeof text !== 'string') throw refuse(what, 'text', text === undefined ? 'nothing' : typeof text)
  if (text.length === 0) throw refuse(what, 'text of at least one character', 'an empty one')
  if (text.length > keyLengthMax) throw refuse(what, `at most ${keyLengthMax} characters`, `${text.length}`)
  if (text.includes('\0')) throw refuse(what, 'text without NUL', 'a NUL character')
  if (!text.isWellFormed()) throw refuse(what, 'well-formed Unicode', 'a lone surrogate')
}

function refuse(what: string, expected: string, received: string): GestaError {
  return new GestaError('invalid_key', `Expected ${what} to be ${expected}, received ${received}. Choose another id.`, {
    facts: { what },
  })
}
