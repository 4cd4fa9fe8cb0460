// Signed checkpoints: heads of chains at one moment, which nobody without the key can make, and nobody at all can change.
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { canonical } from '../codec/canonical.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { AuditHead } from '../stores/audit/audit-log.ts'
import type { AuditCheckpoint } from './app-audit.ts'

/** Errors: a plain one that shows nothing of the text. */
export function readSigningKey(pem: string): KeyObject {
  const key = keyOf(() => createPrivateKey(pem))
  if (isEd25519(key)) return key
  throw new Error(notThis(key, 'audit.signingKey', 'private key in PEM (PKCS #8)'))
}
/** Errors: `invalid_input`, which shows nothing of the text. */
export function readPublicKey(pem: string): KeyObject {
  const key = keyOf(() => createPublicKey(pem))
  if (isEd25519(key)) return key
  const reason = notThis(key, 'publicKey', 'public key in PEM (SPKI)')
  throw new GestaError('invalid_input', reason, { facts: { violations: [{ path: 'publicKey', reason }] } })
}
export function publicKeyOf(signingKey: KeyObject): KeyObject {
  return createPublicKey(signingKey)
}

/** SHA-256 of the public key (SPKI, DER), the first 16 bytes in hexadecimal. */
function keyIdOf(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 32)
}

export function signCheckpoint(heads: readonly AuditHead[], takenAt: string, key: KeyObject): AuditCheckpoint {
  const rest = { version: 1 as const, takenAt, heads, keyId: keyIdOf(publicKeyOf(key)) }
  return { ...rest, signature: sign(null, Buffer.from(canonical(rest)), key).toString('base64url') }
}

/** Why a checkpoint is none; absent when it is one. It comes from outside, so nothing of it is taken for granted. */
export function faultOf(checkpoint: AuditCheckpoint, publicKey: KeyObject): string | undefined {
  if (!isCheckpoint(checkpoint)) return 'it is no checkpoint of this version'
  const { signature, ...rest } = checkpoint
  if (checkpoint.keyId !== keyIdOf(publicKey))
    return `it was signed with the key ${checkpoint.keyId}, which is another one`
  const bytes = Buffer.from(signature, 'base64url')
  // Text that is no base64url, or has more than the signature, is not what was exported.
  if (bytes.toString('base64url') !== signature) return 'its signature is no base64url'
  return verify(null, Buffer.from(canonical(rest)), publicKey, bytes)
    ? undefined
    : 'its signature is not that of its content'
}

function isCheckpoint(value: unknown): value is AuditCheckpoint {
  if (typeof value !== 'object' || value === null) return false
  const { version, takenAt, heads, signature, keyId } = value as Partial<AuditCheckpoint>
  return (
    version === 1 &&
    [takenAt, signature, keyId].every((text) => typeof text === 'string') &&
    Array.isArray(heads) &&
    heads.every(isHead)
  )
}
function isHead(value: unknown): value is AuditHead {
  if (typeof value !== 'object' || value === null) return false
  const { tenant, sequence, hash } = value as Partial<AuditHead>
  return (
    typeof tenant === 'string' && Number.isSafeInteger(sequence) && Number(sequence) >= 1 && typeof hash === 'string'
  )
}

function keyOf(read: () => KeyObject): KeyObject | undefined {
  try {
    return read()
  } catch {
    // What the library says may repeat what it was given.
    return undefined
  }
}
function isEd25519(key: KeyObject | undefined): key is KeyObject {
  return key?.asymmetricKeyType === 'ed25519'
}
function notThis(key: KeyObject | undefined, name: string, what: string): string {
  const received = key === undefined ? 'something else' : `one for ${key.asymmetricKeyType}`
  return `Expected ${name} to be an Ed25519 ${what}, received ${received}. Make one with: openssl genpkey -algorithm ed25519`
}
