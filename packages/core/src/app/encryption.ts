// Encryption of an app: what start() is told about it, and the parts that it puts together.
import { checkOptions } from '../schema/options.ts'
import type { BackendRuntime, OpenBackend } from '../stores/backend.ts'
import { encryptedBackend } from '../stores/encrypted-backend.ts'
import { createSealing } from '../stores/event/sealing.ts'
import type { Sealing } from '../stores/event/sealing.ts'
import { createCredentials } from '../stores/credential/credentials.ts'
import type { Credentials } from '../stores/credential/credentials.ts'
import { createKeyring } from '../stores/key/keyring.ts'
import { checkSecrets, rotateSecrets } from '../stores/key/secrets-in-use.ts'
import { createWrapping } from '../stores/key/wrapping.ts'
import type { EncryptionSecret, Wrapping } from '../stores/key/wrapping.ts'
import type { Catalogue } from './catalogue.ts'
import { rotateBoth } from './rotation.ts'
import type { Rotation } from './rotation.ts'

export interface EncryptionOptions {
  /** The first one seals, all of them open. At least one. */
  readonly secrets: readonly EncryptionSecret[]
  /**
   * `personal` (default): fields that contracts mark as personal are sealed. `all`: also the whole data of every event, the answer of
   * every command, snapshots, objects and cached values, under a key per tenant.
   */
  readonly payloads?: 'personal' | 'all' | undefined
}
/** Encryption as a started app has it. */
export interface Encryption {
  /** The backend, with what is sealed in it opened. */
  readonly backend: OpenBackend
  readonly sealing: Sealing
  readonly credentials: Credentials
  readonly rotate: () => Promise<Rotation>
}

/** What the app was told, checked. Errors: plain ones, also when the app has personal fields and was told nothing. */
export function wrappingOf(
  name: string,
  catalogue: Catalogue,
  options: EncryptionOptions | undefined,
): Wrapping | undefined {
  if (options === undefined) {
    const found = [...catalogue.events.values()].find(({ personal }) => personal !== undefined)
    if (found === undefined) return undefined
    throw new Error(
      `The app ${name} has events with personal fields (${found.type}: ${found.personal?.fields.join(', ')}), but start() was given no encryption. Give it { encryption: { secrets: [{ id, secret }] } }.`,
    )
  }
  checkOptions(options, ['secrets', 'payloads'], `encryption of the app ${name}`)
  const { payloads } = options
  if (payloads !== undefined && payloads !== 'personal' && payloads !== 'all')
    throw new Error(`Expected encryption.payloads to be "personal" or "all", received "${String(payloads)}".`)
  return createWrapping(options.secrets)
}

/** Keyring and sealing over the key store of a backend. Errors: `key_unreadable` when a secret is not the one of the store; `store_*`. */
export async function openEncryption(
  backend: OpenBackend,
  wrapping: Wrapping | undefined,
  options: EncryptionOptions | undefined,
  { clock, ids }: BackendRuntime,
): Promise<Encryption | undefined> {
  if (wrapping === undefined || options === undefined) return undefined
  const { keys } = backend
  const keyring = createKeyring({ keys, wrapping, clock, ids })
  await checkSecrets(keys, keyring, wrapping, backend.readOnly === true)
  const sealing = createSealing(keyring, options.payloads ?? 'personal')
  const { secrets } = options
  const readOnly = backend.readOnly === true
  const credentials = createCredentials({ store: backend.credentials, secrets, clock, ids, readOnly })
  return {
    backend: encryptedBackend(backend, sealing),
    sealing,
    credentials,
    rotate: () => rotateBoth(rotateSecrets(keys, wrapping, ids), credentials.rotate()),
  }
}
