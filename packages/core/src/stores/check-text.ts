// What stores refuse beyond keys: texts and numbers that a backend could not keep exactly.
import { checkKey } from '../codec/key-text.ts'
import { GestaError } from '../errors/gesta-error.ts'

/** A tenant is a key, or the empty text for an app without tenants. Errors: `invalid_key`. */
export function checkTenant(tenant: string): void {
  if (tenant !== '') checkKey(tenant, 'tenant')
}

/** JSON text has NUL and lone surrogates as escapes only; as characters they would be lost on the way to the disk. Errors: `invalid_output`. */
export function checkJsonText(text: string, what: string): void {
  if (typeof text === 'string' && text !== '' && text.isWellFormed() && !text.includes('\0')) return
  throw new GestaError(
    'invalid_output',
    `Expected the ${what} to be JSON text, received another text, or a lone surrogate or NUL that is not escaped. Make it with JSON.stringify.`,
    { facts: { what } },
  )
}

/** Throws a `RangeError` for what is no whole number from `min` to `max`, both inclusive. */
export function checkWhole(number: number, what: string, min: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(number) && number >= min && number <= max) return
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  throw new RangeError(`Expected the ${what} to be a whole number ${range}, received ${number}.`)
}
