// The keyring: data keys as this process uses them, unwrapped and in memory. What was destroyed is never given out again from here
// once this process knows of it; that a scope has no key is never remembered, because another process may give it one.
import { createSecretKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Ids } from '../../ids/ids.ts'
import type { Clock } from '../../time/clock.ts'
import { keyBytes, nonceBytes } from './aead.ts'
import type { KeyScope, KeyStore, WrappedKey } from './key-store.ts'
import type { Wrapping } from './wrapping.ts'

export interface DataKey {
  readonly id: string
  /** Opaque: printing it shows nothing. */
  readonly key: KeyObject
}
export interface Keyring {
  /** What is in memory, without waiting. */
  atHand(scope: KeyScope): DataKey | 'shredded' | undefined
  /** The scope's key; absent when it never had one. Errors: `key_unreadable`, `store_*`. */
  find(scope: KeyScope): Promise<DataKey | 'shredded' | undefined>
  /** The scope's key, made now when there is none yet. Errors: `key_unreadable`, `store_*`. */
  findOrMake(scope: KeyScope): Promise<DataKey | 'shredded'>
  /** The scope's key was destroyed: nothing is sealed or opened with it any more. */
  forget(scope: KeyScope): void
  /** Fresh random bytes for one sealing. */
  nonce(): Uint8Array
}
export interface KeyringParts {
  readonly keys: KeyStore
  readonly wrapping: Wrapping
  readonly clock: Pick<Clock, 'nowUs'>
  readonly ids: Ids
  /** Keys kept in memory; default 10,000. */
  readonly cachedMax?: number | undefined
}

/** A keyring over a key store. */
export function createKeyring({ keys, wrapping, clock, ids, cachedMax = 10_000 }: KeyringParts): Keyring {
  const cache = new LRUCache<string, DataKey | 'shredded'>({ max: cachedMax })
  // One look per scope at a time, however many wait for it.
  const looks = new Map<string, Promise<DataKey | 'shredded' | undefined>>()
  let forgotten = 0

  const unwrap = (stored: WrappedKey): DataKey => ({ id: stored.keyId, key: createSecretKey(wrapping.unwrap(stored)) })
  const keep = (scope: KeyScope, found: WrappedKey | 'shredded'): DataKey | 'shredded' => {
    const key = found === 'shredded' ? found : unwrap(found)
    cache.set(textOf(scope), key)
    return key
  }
  const look = async (
    scope: KeyScope,
    ask: () => Promise<WrappedKey | 'shredded' | undefined>,
  ): Promise<DataKey | 'shredded' | undefined> => {
    for (;;) {
      const before = forgotten
      const found = await ask()
      // What the store said before a key was destroyed may be that key.
      if (before === forgotten) return found === undefined ? undefined : keep(scope, found)
      const known = cache.get(textOf(scope))
      if (known !== undefined) return known
    }
  }
  const once = (
    name: string,
    scope: KeyScope,
    ask: () => Promise<WrappedKey | 'shredded' | undefined>,
  ): Promise<DataKey | 'shredded' | undefined> => {
    const known = cache.get(textOf(scope))
    if (known !== undefined) return Promise.resolve(known)
    const id = `${name}${textOf(scope)}`
    let running = looks.get(id)
    if (running === undefined) looks.set(id, (running = look(scope, ask).finally(() => looks.delete(id))))
    return running
  }
  const newKey = (scope: KeyScope): WrappedKey => {
    const keyId = ids.newId()
    const sealed = wrapping.wrap(scope, keyId, ids.bytes(keyBytes), ids.bytes(nonceBytes))
    return { tenant: scope.tenant, subject: scope.subject, keyId, ...sealed, createdAt: clock.nowUs() }
  }

  return {
    atHand: (scope) => cache.get(textOf(scope)),
    find: (scope) => once('find', scope, () => keys.get(scope)),
    findOrMake: async (scope) => {
      const found = await once('make', scope, async () => (await keys.get(scope)) ?? keys.putIfAbsent(newKey(scope)))
      if (found === undefined) throw new Error('Expected the key store to answer with the key that holds now.')
      return found
    },
    forget: (scope) => {
      forgotten++
      cache.set(textOf(scope), 'shredded')
    },
    nonce: () => ids.bytes(nonceBytes),
  }
}

function textOf({ tenant, subject }: KeyScope): string {
  return `${tenant}\0${subject}`
}
