// What could not be reached has refused nothing: it is tried again, and says nothing of the work itself.
import type { ErrorCode } from '../errors/codes.ts'
import { isGestaError } from '../errors/gesta-error.ts'

const awayCodes: readonly ErrorCode[] = [
  'store_unavailable',
  'store_locked',
  'store_full',
  'broker_unavailable',
  'outcome_unknown',
  'overloaded',
]

/** Whether somebody did not answer, or could take nothing more just then. */
export function isAway(cause: unknown): boolean {
  return awayCodes.some((code) => isGestaError(cause, code))
}
