// A data store whose objects are sealed under the key of their tenant. Names, content types and sizes stay readable. That an object is
// sealed, and the hash of its bytes, lies beside its content type: the hash sealed too, because it would tell what the bytes are.
import { hash } from 'node:crypto'
import { GestaError } from '../../errors/gesta-error.ts'
import { sealBytesAdded } from '../key/aead.ts'
import type { SealPlace } from '../key/aead.ts'
import type { Keyring } from '../key/keyring.ts'
import { openBytes, sealBytes } from '../key/sealed-payload.ts'
import type { PayloadName } from '../key/sealed-payload.ts'
import { checkNewObject } from './check-object.ts'
import type { DataStore, NewObject, ObjectHead, ObjectKey, StoredObject } from './data-store.ts'

const mark = ';gesta-sealed='
/** Characters of a content type, of the 255 that a store takes. */
const contentTypeLengthMax = 160

/**
 * The same store, sealed. Objects that were stored before are read as they are. Usage counts the bytes that are stored: 28 more for
 * each object. Errors beside the store's own: `payload_unreadable`, `key_unreadable`. Reference: docs/reference/erasure.md.
 */
export function encryptedDataStore(store: DataStore, keyring: Keyring): DataStore {
  const headOf = async (stored: ObjectHead): Promise<ObjectHead> => {
    const at = markAt(stored)
    if (at < 0) return stored
    const sealedHash = Buffer.from(stored.contentType.slice(at + mark.length), 'base64url')
    return {
      ...stored,
      contentType: stored.contentType.slice(0, at),
      bytes: stored.bytes - sealBytesAdded,
      hash: (await openBytes(keyring, nameOf('hash', stored), sealedHash)).toString('hex'),
    }
  }
  const read = async (key: ObjectKey): Promise<StoredObject | undefined> => {
    const found = await store.get(key)
    if (found === undefined || markAt(found) < 0) return found
    const content = Uint8Array.from(await openBytes(keyring, nameOf('object', found), found.content))
    return { ...(await headOf(found)), content }
  }
  const write = async (object: NewObject): Promise<ObjectHead> => {
    checkNewObject(object)
    if (object.contentType.length > contentTypeLengthMax) throw longType(object.contentType.length)
    // Taken over now: sealing may have to wait for the key.
    const plain = Uint8Array.from(object.content)
    const ownHash = hash('sha256', plain, 'buffer')
    const sealedHash = await sealBytes(keyring, nameOf('hash', object), ownHash)
    const contentType = `${object.contentType}${mark}${sealedHash.toString('base64url')}`
    const content = await sealBytes(keyring, nameOf('object', object), plain)
    return headOf(await store.set({ ...object, contentType, content }))
  }
  return {
    ...store,
    get: read,
    head: async (key) => {
      const found = await store.head(key)
      return found && headOf(found)
    },
    set: write,
    copy: async (from, to) => {
      // Sealed bytes are bound to their name, so a copy is sealed anew.
      const found = await read(from)
      return found && write({ ...found, ...to })
    },
    list: async (filter, page) => {
      const { items, ...rest } = await store.list(filter, page)
      return { ...rest, items: await Promise.all(items.map(headOf)) }
    },
  }
}

function markAt({ contentType }: ObjectHead): number {
  return contentType.lastIndexOf(mark)
}

function nameOf(kind: 'object' | 'hash', { tenant, bucket, object }: ObjectKey): PayloadName {
  const place: SealPlace = [kind, tenant, bucket, object]
  return { tenant, place, what: `the object ${object} of the bucket ${bucket}` }
}

function longType(length: number): GestaError {
  const message = `Expected the content type of a sealed object to have at most ${contentTypeLengthMax} characters, received ${length}. Use a shorter one.`
  return new GestaError('invalid_key', message, { facts: { what: 'content type' } })
}
