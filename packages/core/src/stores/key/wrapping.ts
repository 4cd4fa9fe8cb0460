// Wrapping: data keys are stored sealed by keys that are derived from the operator's secrets, so that the key store alone opens nothing.
import { createSecretKey, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkOptions } from '../../schema/options.ts'
import { keyBytes, open, seal } from './aead.ts'
import type { KeyScope, WrappedKey } from './key-store.ts'

export interface EncryptionSecret {
  /** Names the secret in the key store: 1 to 64 letters, digits, dots, dashes and underscores. Never used again for another secret. */
  readonly id: string
  /** At least 32 bytes as UTF-8, best random ones as base64 or hexadecimal text. */
  readonly secret: string
}
export interface Wrapping {
  /** The secret that seals. */
  readonly first: string
  /** All secrets, the first one included. */
  readonly ids: readonly string[]
  wrap(scope: KeyScope, keyId: string, key: Uint8Array, nonce: Uint8Array): Pick<WrappedKey, 'wrappedBy' | 'wrapped'>
  /** The key's bytes. Errors: `key_unreadable`. */
  unwrap(key: WrappedKey): Buffer
}

const idPattern = /^[\w.-]{1,64}$/
const secretBytesMin = 32

/** Wrapping by these secrets: the first one seals, all of them open. Errors: plain ones, at set-up; none tells a secret. */
export function createWrapping(secrets: readonly EncryptionSecret[]): Wrapping {
  const keys = new Map<string, KeyObject>()
  if (!Array.isArray(secrets)) throw new Error('Expected encryption.secrets to be a list of { id, secret }.')
  for (const given of secrets) {
    checkSecret(given)
    if (keys.has(given.id))
      throw new Error(`The encryption secret "${given.id}" is given twice. Give each secret an id of its own.`)
    keys.set(given.id, createSecretKey(Buffer.from(hkdfSync('sha256', given.secret, '', 'gesta wrapping', keyBytes))))
  }
  const [first] = keys
  if (first === undefined)
    throw new Error('Expected encryption.secrets to hold at least one secret: [{ id, secret }]. The first one seals.')
  const [firstId, sealing] = first

  return {
    first: firstId,
    ids: [...keys.keys()],
    wrap: (scope, keyId, key, nonce) => ({
      wrappedBy: firstId,
      wrapped: seal(sealing, placeOf(scope, keyId), key, nonce).toString('base64'),
    }),
    unwrap: (stored) => {
      const key = keys.get(stored.wrappedBy)
      if (key === undefined)
        throw unreadable(
          stored,
          `it is sealed by the secret "${stored.wrappedBy}", which encryption.secrets does not have`,
        )
      try {
        return open(key, placeOf(stored, stored.keyId), Buffer.from(stored.wrapped, 'base64'))
      } catch (cause) {
        throw unreadable(
          stored,
          `the secret "${stored.wrappedBy}" is not the one that sealed it, or it was changed`,
          cause,
        )
      }
    },
  }
}

function checkSecret(given: EncryptionSecret): void {
  checkOptions(given, ['id', 'secret'], 'A secret of encryption.secrets')
  const { id, secret } = given
  if (typeof id !== 'string' || !idPattern.test(id))
    throw new Error(
      'Expected the id of an encryption secret to be 1 to 64 letters, digits, dots, dashes or underscores.',
    )
  const bytes = typeof secret === 'string' ? Buffer.byteLength(secret) : 0
  if (bytes < secretBytesMin) {
    throw new Error(
      `Expected the encryption secret "${id}" to be text of at least ${secretBytesMin} bytes, received ${bytes}. Make one with: openssl rand -base64 32`,
    )
  }
}

function placeOf({ tenant, subject }: KeyScope, keyId: string): readonly ['key', ...string[]] {
  return ['key', tenant, subject, keyId]
}

function unreadable({ tenant, subject, keyId, wrappedBy }: WrappedKey, why: string, cause?: unknown): GestaError {
  const message = `Cannot open the key ${keyId} of the key store: ${why}. Start with the secrets that the store was written with.`
  return new GestaError('key_unreadable', message, { cause, facts: { tenant, subject, keyId, secretId: wrappedBy } })
}
