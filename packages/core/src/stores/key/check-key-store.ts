// What every key store refuses before it looks at a scope. No error tells a sealed key.
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { wrappedLengthMax } from './key-store.ts'
import type { KeyFilter, KeyScope, ShredEntry, WrappedKey } from './key-store.ts'

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** The empty subject is the tenant itself. Errors: `invalid_key`. */
export function checkScope({ tenant, subject }: KeyScope): void {
  checkTenant(tenant)
  if (subject !== '') checkKey(subject, 'subject')
}

/** Errors: `invalid_key`; a `RangeError` for the time. */
export function checkWrappedKey(key: WrappedKey): void {
  checkScope(key)
  checkKey(key.keyId, 'key id')
  checkKey(key.wrappedBy, 'name of the wrapping key')
  checkWhole(key.createdAt, 'time', 0)
  if (key.wrapped.length > wrappedLengthMax || !base64.test(key.wrapped)) {
    throw new GestaError(
      'invalid_key',
      `Expected a sealed key as base64 text of 1 to ${wrappedLengthMax} characters, received another text. Seal the key, then encode it.`,
      { facts: { what: 'sealed key' } },
    )
  }
}

/** Errors: `invalid_key`. */
export function checkKeyFilter({ tenant, wrappedBy }: KeyFilter): void {
  if (tenant !== undefined) checkTenant(tenant)
  if (wrappedBy !== undefined) checkKey(wrappedBy, 'name of the wrapping key')
}

/** Errors: `invalid_key`; a `RangeError` for the time. */
export function checkShredding(scope: KeyScope, reason: string, shreddedAt: number): void {
  checkScope(scope)
  checkKey(reason, 'reason')
  checkWhole(shreddedAt, 'time', 0)
}

/** The entries to apply, in their order. Errors: `invalid_key`; a `RangeError` for numbers that are not whole. */
export function checkLedger(entries: readonly ShredEntry[]): readonly ShredEntry[] {
  for (const entry of entries) {
    checkShredding(entry, entry.reason, entry.shreddedAt)
    if (entry.keyId !== undefined) checkKey(entry.keyId, 'key id')
    checkWhole(entry.number, 'number', 1)
  }
  return entries.toSorted((a, b) => a.number - b.number)
}
