// What every read-model store refuses before anything is written: keys, rows and parked events that cannot be kept exactly.
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkClaim, checkParkedEvent } from './check-parked.ts'
import type { Flush } from './read-model-store.ts'

/** Throws when a flush cannot be written as it is. Errors: `invalid_key`, `invalid_output`; a `RangeError` for numbers that are none. */
export function checkFlush({ writes, park = [], fencingToken }: Flush): void {
  for (const { tenant, key, value } of writes) {
    if (tenant !== '') checkKey(tenant, 'tenant')
    checkKey(key, 'row key')
    if (value !== undefined && (!value.isWellFormed() || value.includes('\0'))) {
      throw new GestaError(
        'invalid_output',
        `Expected the row of key ${key} to be JSON text, received a lone surrogate or NUL that is not escaped. Make it with JSON.stringify.`,
      )
    }
  }
  for (const event of park) checkParkedEvent(event)
  if (fencingToken !== undefined) checkClaim(fencingToken)
}
