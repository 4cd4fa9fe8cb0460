// A cache store whose values are sealed under the key of their tenant. Keys stay readable.
import { findGestaError } from '../../errors/gesta-error.ts'
import type { Keyring } from '../key/keyring.ts'
import { openText, sealText } from '../key/sealed-payload.ts'
import type { PayloadName } from '../key/sealed-payload.ts'
import type { CacheEntry, CacheKey, CacheStore } from './cache-store.ts'
import { checkCacheEntry } from './check-entry.ts'

/**
 * The same store, sealed. A value that does not open is not found, as if it had vanished. Sealed values are a third longer, so about
 * 750 KiB fit. Reference: docs/reference/erasure.md.
 */
export function encryptedCacheStore(store: CacheStore, keyring: Keyring): CacheStore {
  const opened = async (key: CacheKey, value: string): Promise<string | undefined> => {
    try {
      return await openText(keyring, nameOf(key), value)
    } catch (error) {
      if (findGestaError(error, 'payload_unreadable') ?? findGestaError(error, 'key_unreadable')) return undefined
      throw error
    }
  }
  return {
    ...store,
    get: async (key) => {
      const value = await store.get(key)
      return value === undefined ? undefined : opened(key, value)
    },
    set: async (key, value, options) => {
      checkCacheEntry(key, value, options)
      await store.set(key, await sealText(keyring, nameOf(key), value), options)
    },
    list: async (tenant, page) => {
      const { items, ...rest } = await store.list(tenant, page)
      const found: CacheEntry[] = []
      for (const entry of items) {
        const value = await opened(entry, entry.value)
        if (value !== undefined) found.push({ ...entry, value })
      }
      return { ...rest, items: found }
    },
  }
}

function nameOf({ tenant, key }: CacheKey): PayloadName {
  return { tenant, place: ['cache', tenant, key], what: `the cached value ${key}` }
}
