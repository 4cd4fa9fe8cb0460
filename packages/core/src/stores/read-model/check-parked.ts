// What every read-model store refuses about parked events and claims before it looks or writes: texts that not every backend can keep
// exactly, and numbers that are none. A key of `partitionBy` may be empty or long: it is kept and compared, and is no key of a row.
import { GestaError } from '../../errors/gesta-error.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { pageLimit } from '../page.ts'
import type { ParkedEvent, ParkedFilter, ParkedRequest } from './parked-event.ts'

/** Errors: `invalid_key`; a `RangeError` for a position, count or time that is no whole number. */
export function checkParkedEvent(event: ParkedEvent): void {
  const { position, tenant, key, eventId, type, rows, attempts, error, parkedAt, reason } = event
  checkWhole(position, 'position of the parked event', 1)
  checkTenant(tenant)
  for (const text of [key, eventId, type, ...rows, error, reason]) checkText(text)
  checkWhole(attempts, 'number of attempts', 0)
  checkWhole(parkedAt, 'time of parking', 0)
}

/** Errors: `invalid_key`; a `RangeError` for a position or limit out of bounds. */
export function checkParkedFilter({ tenant, key, after, limit }: ParkedFilter): void {
  if (tenant !== undefined) checkTenant(tenant)
  checkText(key)
  checkWhole(after ?? 0, 'position to list parked events after', 0)
  pageLimit(limit, 100)
}

/** Errors: `invalid_key`; a `RangeError` for a position that is no whole number. */
export function checkParkedRequest(request: ParkedRequest): void {
  if (request.ask === 'retry') {
    checkTenant(request.tenant)
    checkText(request.key)
  } else {
    checkWhole(request.position, 'position of the parked event', 1)
    checkText(request.reason)
  }
}

/** Throws a `RangeError` for a fencing token that is no whole number from 1. */
export function checkClaim(fencingToken: number): void {
  checkWhole(fencingToken, 'fencing token', 1)
}

function checkText(text: string | undefined): void {
  if (text === undefined || (text.isWellFormed() && !text.includes('\0'))) return
  throw new GestaError(
    'invalid_key',
    'Expected the texts of a parked event to be well-formed and without NUL, received other characters. Leave them out of keys, errors and reasons.',
  )
}
