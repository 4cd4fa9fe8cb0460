// Secrets and keyrings that the tests of sealing use.
import { createKeyring } from '../../../src/stores/key/keyring.ts'
import type { Keyring } from '../../../src/stores/key/keyring.ts'
import type { KeyStore } from '../../../src/stores/key/key-store.ts'
import { createMemoryKeyStore } from '../../../src/stores/key/memory-key-store.ts'
import { createWrapping } from '../../../src/stores/key/wrapping.ts'
import type { Wrapping } from '../../../src/stores/key/wrapping.ts'
import { runtime } from '../runtime.ts'

export const first = { id: 'k1', secret: 'the first secret of at least 32 bytes' }
export const second = { id: 'k2', secret: 'the second secret of at least 32 bytes' }

export interface GivenKeyring {
  readonly keys: KeyStore
  readonly keyring: Keyring
  readonly wrapping: Wrapping
}
export function newKeyring(
  keys: KeyStore = createMemoryKeyStore(),
  secrets = [first],
  cachedMax?: number,
): GivenKeyring {
  const wrapping = createWrapping(secrets)
  return { keys, wrapping, keyring: createKeyring({ keys, wrapping, ...runtime, cachedMax }) }
}
