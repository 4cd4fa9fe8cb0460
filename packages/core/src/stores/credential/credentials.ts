// Credentials as an app uses them: sealed by the operator's secrets on their way into the store, opened on their way out, and sealed anew
// when they are still under an older secret. Bound to their key and subject: what was moved to another place does not open.
import { createSecretKey, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { GestaError, isGestaError } from '../../errors/gesta-error.ts'
import type { Ids } from '../../ids/ids.ts'
import type { JsonValue } from '../../schema/schema.ts'
import type { Clock } from '../../time/clock.ts'
import { keyBytes, nonceBytes, open, seal } from '../key/aead.ts'
import type { SealPlace } from '../key/aead.ts'
import type { EncryptionSecret } from '../key/wrapping.ts'
import type { Page, PageRequest } from '../store.ts'
import type { CredentialFilter, CredentialKey, CredentialStore, StoredCredential } from './credential-store.ts'

export interface Credential extends CredentialKey {
  readonly subject: string
  readonly version: number
  readonly value: JsonValue
  /** Microseconds UTC; absent: never. */
  readonly expiresAt: number | undefined
  /** Microseconds UTC. */
  readonly writtenAt: number
}
export interface NewCredential {
  /** Whose it is: an account, an identity. Everything of a subject is erased together. */
  readonly subject: string
  /** Plain JSON. */
  readonly value: JsonValue
  /** Microseconds UTC; default: never. */
  readonly expiresAt?: number | undefined
}
/** Errors of all: `store_*`, `invalid_key`; of those that open: `key_unreadable`. Reference: docs/reference/credential-store.md. */
export interface Credentials {
  /** Absent: there is none, or it has expired. */
  get(key: CredentialKey): Promise<Credential | undefined>
  /**
   * Stores it as version `expected + 1` if the key is at version `expected` now, 0 for none or for one that has expired. `false`: it is not,
   * and nothing changed; so also when an earlier call did it whose answer was lost. Look again.
   */
  put(key: CredentialKey, credential: NewCredential, expected: number): Promise<boolean>
  /** Removes it if it is at that version; without one whatever is there. `true` for one caller only, whom it may entitle to something. */
  remove(key: CredentialKey, expected?: number): Promise<boolean>
  /** Removes everything of a subject of a tenant. Returns how many went. */
  removeOf(tenant: string, subject: string): Promise<number>
  /** Those that have not expired, opened; so a page may be short, also an empty one that has a cursor. */
  list(filter: Omit<CredentialFilter, 'sealedBy'>, page?: PageRequest): Promise<Page<Credential>>
  /** Removes what has expired, in steps. Returns how many went. */
  removeExpired(): Promise<number>
  /** Seals everything anew by the first secret. Harmless to repeat and to interrupt. `key_unreadable` once all others are done. */
  rotate(): Promise<Resealing>
}
/** What a rotation of the secrets did to credentials. */
export interface Resealing {
  /** Credentials that are sealed by the first secret now and were not before. */
  readonly resealed: number
  /** Credentials that are still sealed by another secret. */
  readonly remaining: number
}
export interface CredentialParts {
  readonly store: CredentialStore
  /** The first one seals, all of them open; checked by `createWrapping`. */
  readonly secrets: readonly EncryptionSecret[]
  readonly clock: Pick<Clock, 'nowUs'>
  readonly ids: Ids
  readonly readOnly: boolean
}

const pageItems = 500

export function createCredentials({ store, secrets, clock, ids, readOnly }: CredentialParts): Credentials {
  const keys = new Map(secrets.map(({ id, secret }): [string, KeyObject] => [id, keyOf(secret)]))
  const first = secrets[0]?.id ?? ''

  const sealed = (key: CredentialKey, { subject, value, expiresAt }: NewCredential) => ({
    tenant: key.tenant,
    kind: key.kind,
    id: key.id,
    subject,
    sealedBy: first,
    sealed: seal(
      keys.get(first) as KeyObject,
      placeOf(key, subject),
      JSON.stringify(value),
      ids.bytes(nonceBytes),
    ).toString('base64'),
    expiresAt,
    writtenAt: clock.nowUs(),
  })
  const opened = (stored: StoredCredential): Credential => {
    const { tenant, kind, id, subject, version, expiresAt, writtenAt } = stored
    const key = keys.get(stored.sealedBy)
    if (key === undefined)
      throw unreadable(
        stored,
        `it is sealed by the secret "${stored.sealedBy}", which encryption.secrets does not have`,
      )
    try {
      const value = JSON.parse(
        open(key, placeOf(stored, subject), Buffer.from(stored.sealed, 'base64')).toString(),
      ) as JsonValue
      return { tenant, kind, id, subject, version, value, expiresAt, writtenAt }
    } catch (cause) {
      throw unreadable(
        stored,
        `the secret "${stored.sealedBy}" is not the one that sealed it, or it was changed`,
        cause,
      )
    }
  }
  const isOver = ({ expiresAt }: StoredCredential): boolean => expiresAt !== undefined && expiresAt <= clock.nowUs()
  /** Under the first secret; absent when somebody else wrote meanwhile. */
  const resealed = async (stored: StoredCredential): Promise<Credential | undefined> => {
    const found = opened(stored)
    if (!(await store.put(sealed(found, found), found.version))) return undefined
    return { ...found, version: found.version + 1 }
  }
  return {
    get: async (key) => {
      for (;;) {
        const stored = await store.get(key)
        if (stored === undefined || isOver(stored)) return undefined
        if (stored.sealedBy === first || readOnly) return opened(stored)
        const found = await resealed(stored)
        if (found !== undefined) return found
      }
    },
    put: async (key, credential, expected) => {
      const given = sealed(key, credential)
      if (await store.put(given, expected)) return true
      const found = expected === 0 ? await store.get(key) : undefined
      if (found === undefined || !isOver(found) || !(await store.remove(key, found.version))) return false
      return store.put(given, expected)
    },
    remove: (key, expected) => store.remove(key, expected),
    removeOf: (tenant, subject) => store.removeOf(tenant, subject),
    list: async (filter, page) => {
      const found = await store.list(filter, page)
      return { ...found, items: found.items.filter((one) => !isOver(one)).map(opened) }
    },
    removeExpired: async () => {
      let gone = 0
      for (;;) {
        const removed = await store.removeExpired(clock.nowUs(), pageItems)
        gone += removed
        if (removed < pageItems) return gone
      }
    },
    rotate: async () => {
      let count = 0
      let damaged: GestaError | undefined
      const reseal = async (one: StoredCredential): Promise<void> => {
        try {
          if ((await resealed(one)) !== undefined) count++
        } catch (error) {
          if (!isGestaError(error, 'key_unreadable')) throw error
          damaged ??= error
        }
      }
      for (const { id: sealedBy } of secrets.slice(1))
        for (let cursor: string | undefined; ;) {
          const page = await store.list({ sealedBy }, { limit: pageItems, cursor })
          for (const one of page.items) await reseal(one)
          cursor = page.cursor
          if (cursor === undefined) break
        }
      if (damaged !== undefined) throw damaged
      const remaining = (await store.total()) - (await store.total({ sealedBy: first }))
      return { resealed: count, remaining: Math.max(0, remaining) }
    },
  }
}

function keyOf(secret: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'gesta credentials', keyBytes)))
}

function placeOf({ tenant, kind, id }: CredentialKey, subject: string): SealPlace {
  return ['credential', tenant, kind, id, subject]
}

function unreadable({ tenant, kind, id, sealedBy }: StoredCredential, why: string, cause?: unknown): GestaError {
  const message = `Cannot open the credential ${kind}/${id}: ${why}. Start with the secrets that the store was written with.`
  return new GestaError('key_unreadable', message, { cause, facts: { tenant, kind, id, secretId: sealedBy } })
}
