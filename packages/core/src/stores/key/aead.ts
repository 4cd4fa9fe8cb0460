// Sealing of bytes: AES-256-GCM under a key, bound to the place where they belong. What was moved elsewhere, or changed, does not open.
import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** Where sealed bytes belong: what they are, then the names that tell them apart. Authenticated, not stored. */
export type SealPlace = readonly [
  kind: 'key' | 'credential' | 'field' | 'event' | 'answer' | 'payload' | 'cache' | 'object' | 'hash' | 'snapshot',
  ...names: string[],
]

export const keyBytes = 32
/** A nonce is used once per key. At 96 random bits a key may seal four thousand million texts. */
export const nonceBytes = 12
const tagBytes = 16
/** Bytes that sealing adds. */
export const sealBytesAdded: number = nonceBytes + tagBytes

const algorithm = 'aes-256-gcm'

/** Nonce, ciphertext and tag in one. `nonce`: 12 fresh random bytes. */
export function seal(key: KeyObject, place: SealPlace, plain: string | Uint8Array, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(bindingOf(place))
  const sealed = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()])
}

/** The bytes that were sealed. Throws when key, place or any byte is another one. */
export function open(key: KeyObject, place: SealPlace, sealed: Uint8Array): Buffer {
  if (sealed.length < sealBytesAdded) throw new Error('The sealed text is too short.')
  const end = sealed.length - tagBytes
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
  decipher.setAAD(bindingOf(place)).setAuthTag(sealed.subarray(end))
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()])
}

/** JSON keeps the names apart, whatever characters they have: no two places have one text. */
function bindingOf(place: SealPlace): Buffer {
  return Buffer.from(JSON.stringify(place))
}
