// What every event store refuses to look up: a key that nothing is stored under. What is merely missing is absent.
import { checkKey } from '../../codec/key-text.ts'
import { checkTenant } from '../check-text.ts'
import type { IdempotencyScope, TenantStream } from './event-store.ts'

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

/** Errors: `invalid_key`. A caller without an identity is an empty sender. */
export function checkIdempotencyScope({ tenant, sender, commandType, key }: IdempotencyScope): void {
  checkTenant(tenant)
  if (sender !== '') checkKey(sender, 'sender')
  checkKey(commandType, 'command type')
  checkKey(key, 'idempotency key')
}
