// Payloads that are sealed as a whole, under the key of their tenant: texts, which show that they are sealed, and bytes, which do not.
import { GestaError } from '../../errors/gesta-error.ts'
import { open, seal } from './aead.ts'
import type { SealPlace } from './aead.ts'
import type { DataKey, Keyring } from './keyring.ts'
import { isSealed, openWhole, readSealed, sealWhole } from './sealed-text.ts'

/** Which payload: its tenant, the place that it is bound to, and how errors name it. */
export interface PayloadName {
  readonly tenant: string
  readonly place: SealPlace
  readonly what: string
}

/** The sealed text: at once with the key at hand, else a promise. Errors: `payload_unreadable` for a tenant whose key was destroyed; `store_*`. */
export function sealText(keyring: Keyring, name: PayloadName, plain: string): string | Promise<string> {
  return withKey(keyring, name, (key) => sealWhole(key, name.place, plain, keyring.nonce()))
}

/** The text that was sealed; one that is not sealed comes back as it is. Errors: `payload_unreadable`, `store_*`. */
export function openText(keyring: Keyring, name: PayloadName, text: string): string | Promise<string> {
  if (!isSealed(text)) return text
  return opening(keyring, name, (key) => {
    const sealed = readSealed(text)
    if (sealed.sealed !== 'whole') throw new Error('It is not sealed as a whole.')
    return openWhole(sealed, key, name.place)
  })
}

/** The sealed bytes, `sealBytesAdded` more. Errors: as for texts. */
export async function sealBytes(keyring: Keyring, name: PayloadName, plain: Uint8Array): Promise<Buffer> {
  return withKey(keyring, name, (key) => seal(key.key, name.place, plain, keyring.nonce()))
}

/** The bytes that were sealed. Errors: as for texts. */
export async function openBytes(keyring: Keyring, name: PayloadName, sealed: Uint8Array): Promise<Buffer> {
  return opening(keyring, name, (key) => open(key.key, name.place, sealed))
}

function withKey<T>(keyring: Keyring, name: PayloadName, use: (key: DataKey) => T): T | Promise<T> {
  const scope = { tenant: name.tenant, subject: '' }
  const useFound = (key: DataKey | 'shredded'): T => {
    if (key !== 'shredded') return use(key)
    const message = `Expected ${name.what} to be sealed under the key of its tenant, but that key was destroyed. Nothing can be stored for the tenant any more.`
    throw new GestaError('payload_unreadable', message, { facts: { tenant: name.tenant } })
  }
  const key = keyring.atHand(scope)
  return key === undefined ? keyring.findOrMake(scope).then(useFound) : useFound(key)
}

function opening<T>(keyring: Keyring, name: PayloadName, use: (key: DataKey) => T): T | Promise<T> {
  const scope = { tenant: name.tenant, subject: '' }
  const useFound = (key: DataKey | 'shredded' | undefined): T => {
    try {
      if (key === undefined) throw new Error('The key of its tenant is missing.')
      if (key === 'shredded') throw new Error('The key of its tenant was destroyed.')
      return use(key)
    } catch (cause) {
      const message = `Cannot open ${name.what}: ${(cause as Error).message} Check that encryption.secrets, key store and store belong together and are whole.`
      throw new GestaError('payload_unreadable', message, { cause, facts: { tenant: name.tenant } })
    }
  }
  const key = keyring.atHand(scope)
  return key === undefined ? keyring.find(scope).then(useFound) : useFound(key)
}
