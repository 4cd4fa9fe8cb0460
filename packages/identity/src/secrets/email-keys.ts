// Keyed hashes of addresses: the same for the same address however it is written, and telling nothing without the key, which lies among
// the credentials.
import { createHmac, randomBytes } from 'node:crypto'
import { domainToASCII } from 'node:url'
import { systemTenant } from '@gesta/core'
import type { Credentials } from '@gesta/core'

export interface EmailKeys {
  /** In base64url. */
  keyOf(email: string): Promise<string>
}

const place = { tenant: systemTenant, kind: 'email-key', id: 'email-key' } as const

export function createEmailKeys(credentials: Credentials): EmailKeys {
  let known: Promise<Buffer> | undefined
  const secret = (): Promise<Buffer> =>
    (known ??= readOrMake(credentials).catch((error: unknown) => {
      known = undefined
      throw error
    }))
  return {
    keyOf: async (email) => {
      const key = await secret()
      return createHmac('sha256', key).update(sameForAll(email)).digest('base64url')
    },
  }
}

/** One key for ever: of processes that start at once, the first one's. */
async function readOrMake(credentials: Credentials): Promise<Buffer> {
  const made = randomBytes(32).toString('base64url')
  for (;;) {
    const found = await credentials.get(place)
    if (found !== undefined) return Buffer.from(found.value as string, 'base64url')
    await credentials.put(place, { subject: place.id, value: made }, 0)
  }
}

/** Case tells no two mailboxes apart in practice, and a name of a host has one form in ASCII. */
function sameForAll(email: string): string {
  const text = email.trim().normalize('NFC').toLowerCase()
  const at = text.lastIndexOf('@')
  const host = text.slice(at + 1)
  return `${text.slice(0, at + 1)}${domainToASCII(host) || host}`
}
