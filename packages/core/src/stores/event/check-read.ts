// What every event store refuses to look up: a key that nothing is stored under. What is merely missing is absent.
import { checkKey } from '../../codec/key-text.ts'
import { checkTenant } from '../check-text.ts'
import type { IdempotencyScope, ReadTails, TenantStream } from './event-store.ts'

/** Errors: `invalid_key`. */
export function checkCommandKey(tenant: string, commandId: string): void {
  checkTenant(tenant)
  checkKey(commandId, 'command id')
}

/** Errors: `invalid_key`. */
export function checkStreamKey({ tenant, aggregateType, aggregateId }: TenantStream): void {
  checkTenant(tenant)
  checkKey(aggregateType, 'aggregate type')
  checkKey(aggregateId, 'aggregate id')
}

const tailStreamsMax = 1_000
const tailLimitMax = 1_000
const tailEventsMax = 20_000

/** Errors: `invalid_key`; a `RangeError` for too many streams or events, and for a version that is none. */
export function checkTails({ streams, limit, before }: ReadTails): void {
  if (streams.length > tailStreamsMax)
    throw new RangeError(`Expected at most ${tailStreamsMax} streams, received ${streams.length}. Ask in parts.`)
  if (!Number.isInteger(limit) || limit < 1 || limit > tailLimitMax)
    throw new RangeError(`Expected limit to be a whole number from 1 to ${tailLimitMax}, received ${limit}.`)
  if (streams.length * limit > tailEventsMax)
    throw new RangeError(
      `Expected at most ${tailEventsMax} events, received ${streams.length} streams with ${limit} each. Ask in parts.`,
    )
  if (before !== undefined && !(Number.isSafeInteger(before) && before >= 1))
    throw new RangeError(`Expected before to be a version, from 1, received ${before}.`)
  streams.forEach(checkStreamKey)
}

/** Errors: `invalid_key`. A caller without an identity is an empty sender. */
export function checkIdempotencyScope({ tenant, sender, commandType, key }: IdempotencyScope): void {
  checkTenant(tenant)
  if (sender !== '') checkKey(sender, 'sender')
  checkKey(commandType, 'command type')
  checkKey(key, 'idempotency key')
}
