// A sign-in between its two steps. What was typed in the first lies sealed in the store for some minutes, and the key that opens it in
// the browser alone: neither of them has the password, no page shows it, and any process can go on.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Credentials } from '@gesta/core'
import { systemTenant } from '@gesta/core/host'

interface TypedCredentials {
  readonly email: string
  readonly password: string
}
export interface PendingSignIns {
  /** Returns what the browser keeps: a name and a key. */
  keep(typed: TypedCredentials): Promise<string>
  /** Absent: it took too long, or there never was one. */
  find(ticket: string | undefined): Promise<TypedCredentials | undefined>
  remove(ticket: string | undefined): Promise<void>
}

export const pendingSeconds = 300
const cipher = 'aes-256-gcm'
const [keyBytes, nonceBytes, tagBytes] = [32, 12, 16]

export function createPendingSignIns(credentials: Credentials): PendingSignIns {
  return {
    keep: async (typed) => {
      const [id, key] = [randomBytes(16).toString('base64url'), randomBytes(keyBytes)]
      const expiresAt = (Date.now() + pendingSeconds * 1_000) * 1_000
      await credentials.put(rowOf(id), { subject: id, value: seal(key, JSON.stringify(typed)), expiresAt }, 0)
      return `${id}.${key.toString('base64url')}`
    },
    find: async (ticket) => {
      const { id, key } = partsOf(ticket)
      const row = id === undefined ? undefined : await credentials.get(rowOf(id))
      const text = row === undefined || key === undefined ? undefined : open(key, row.value as string)
      return text === undefined ? undefined : (JSON.parse(text) as TypedCredentials)
    },
    remove: async (ticket) => {
      const { id } = partsOf(ticket)
      if (id !== undefined) await credentials.remove(rowOf(id))
    },
  }
}

function rowOf(id: string): { readonly tenant: string; readonly kind: string; readonly id: string } {
  return { tenant: systemTenant, kind: 'pending-sign-in', id }
}

function partsOf(ticket: string | undefined): { readonly id?: string; readonly key?: Buffer } {
  const [, id, key] = /^([\w-]{22})\.([\w-]{43})$/.exec(ticket ?? '') ?? []
  return id === undefined || key === undefined ? {} : { id, key: Buffer.from(key, 'base64url') }
}

/** Each key seals one text, so any nonce will do; a random one asks nobody to remember that. */
function seal(key: Buffer, text: string): string {
  const nonce = randomBytes(nonceBytes)
  const sealing = createCipheriv(cipher, key, nonce)
  const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()])
  return Buffer.concat([nonce, sealing.getAuthTag(), sealed]).toString('base64')
}

/** Absent: another key sealed it. */
function open(key: Buffer, sealed: string): string | undefined {
  const bytes = Buffer.from(sealed, 'base64')
  const opening = createDecipheriv(cipher, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
  opening.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  try {
    return Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
