// The secrets and what they sealed: checked when an app starts, and exchanged while it runs.
import { nonceBytes } from './aead.ts'
import type { Ids } from '../../ids/ids.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import type { Keyring } from './keyring.ts'
import type { KeyStore, WrappedKey } from './key-store.ts'
import type { Wrapping } from './wrapping.ts'

/** The key of the empty tenant: the first key of every store, so that a wrong secret is noticed before anything else is sealed. */
const checkScope = { tenant: '', subject: '' }

/** Opens a key of each secret, and makes the one that later starts are checked by. Errors: `key_unreadable`, `store_*`. */
export async function checkSecrets(
  keys: KeyStore,
  keyring: Keyring,
  wrapping: Wrapping,
  readOnly: boolean,
): Promise<void> {
  await (readOnly ? keyring.find(checkScope) : keyring.findOrMake(checkScope))
  for (const wrappedBy of wrapping.ids) {
    const [sample] = (await keys.list({ wrappedBy }, { limit: 1 })).items
    if (sample !== undefined) wrapping.unwrap(sample)
  }
}

/** What a rotation of the secrets did to keys. */
export interface Rewrapping {
  /** Keys that are sealed by the first secret now and were not before. */
  readonly rewrapped: number
  /** Keys that are still sealed by another secret: once it is 0 in all processes, the others may go. */
  readonly remaining: number
}
const pageKeys = 500

/**
 * Seals every key anew by the first secret. What they sealed stays as it is. Any number of processes may do it at once, and what was
 * interrupted goes on where it was. Errors: `key_unreadable` once all others are done; `store_*`.
 */
export async function rotateSecrets(keys: KeyStore, wrapping: Wrapping, ids: Ids): Promise<Rewrapping> {
  let rewrapped = 0
  let unreadable: GestaError | undefined
  const rewrap = async (key: WrappedKey, from: string): Promise<void> => {
    let sealed: WrappedKey
    try {
      sealed = { ...key, ...wrapping.wrap(key, key.keyId, wrapping.unwrap(key), ids.bytes(nonceBytes)) }
    } catch (error) {
      if (!(error instanceof GestaError)) throw error
      unreadable ??= error
      return
    }
    // `false`: another process was faster, or the key was destroyed.
    if (await keys.rewrap(sealed, from)) rewrapped++
  }
  for (const from of wrapping.ids.slice(1)) {
    for (let cursor: string | undefined; ;) {
      const page = await keys.list({ wrappedBy: from }, { limit: pageKeys, cursor })
      for (const key of page.items) await rewrap(key, from)
      cursor = page.cursor
      if (cursor === undefined) break
    }
  }
  if (unreadable !== undefined) throw unreadable
  const own = await keys.list({ wrappedBy: wrapping.first }, { limit: 1, withTotal: true })
  return { rewrapped, remaining: Math.max(0, (await keys.total()) - (own.total ?? 0)) }
}
