// What every credential store refuses before it looks at a key. No error tells a sealed credential.
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { sealedLengthMax } from './credential-store.ts'
import type { CredentialFilter, CredentialKey, StoredCredential } from './credential-store.ts'

const base64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Errors: `invalid_key`. */
export function checkCredentialKey({ tenant, kind, id }: CredentialKey): void {
  checkTenant(tenant)
  checkKey(kind, 'kind of the credential')
  checkKey(id, 'id of the credential')
}

/** Errors: `invalid_key`; a `RangeError` for times and versions. */
export function checkNewCredential(credential: Omit<StoredCredential, 'version'>, expected: number): void {
  checkCredentialKey(credential)
  checkKey(credential.subject, 'subject of the credential')
  checkKey(credential.sealedBy, 'name of the secret')
  checkWhole(expected, 'expected version', 0)
  checkWhole(credential.writtenAt, 'time', 0)
  if (credential.expiresAt !== undefined) checkWhole(credential.expiresAt, 'time of expiry', 0)
  if (credential.sealed.length > sealedLengthMax || !base64.test(credential.sealed)) {
    throw new GestaError(
      'invalid_key',
      `Expected a sealed credential as base64 text of 1 to ${sealedLengthMax} characters, received another text. Seal it, then encode it.`,
      { facts: { what: 'sealed credential' } },
    )
  }
}

/** Errors: `invalid_key`. */
export function checkCredentialFilter({ tenant, kind, subject, sealedBy }: CredentialFilter): void {
  if (tenant !== undefined) checkTenant(tenant)
  if (kind !== undefined) checkKey(kind, 'kind of the credential')
  if (subject !== undefined) checkKey(subject, 'subject of the credential')
  if (sealedBy !== undefined) checkKey(sealedBy, 'name of the secret')
}
