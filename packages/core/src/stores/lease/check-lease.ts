// What every lease store refuses before it looks at a name.
import { checkKey } from '../../codec/key-text.ts'
import { checkWhole } from '../check-text.ts'
import { leaseDurationMsMax } from './lease-store.ts'
import type { HeldLease } from './lease-store.ts'

/** Errors: `invalid_key`; a `RangeError` for a token that is no whole number. */
export function checkHeldLease({ name, owner, fencingToken }: HeldLease): void {
  checkKey(name, 'lease name')
  checkKey(owner, 'lease owner')
  checkWhole(fencingToken, 'fencing token', 1)
}

/** Throws a `RangeError` for one out of bounds. */
export function checkLeaseDuration(durationMs: number): void {
  checkWhole(durationMs, 'duration', 1, leaseDurationMsMax)
}
