// A passkey among the credentials: its public key, and how often its authenticator has signed. Whose it is, the subject says.
import { systemTenant } from '@gesta/core'
import type { Credential, CredentialKey, Credentials } from '@gesta/core'
import { z } from 'zod'
import { unnamedUntil } from '../secrets/unnamed.ts'

export interface StoredPasskey {
  /** COSE, base64url. */
  readonly publicKey: string
  /** Always 0 for those that are shared among devices. */
  readonly counter: number
  readonly transports: readonly string[]
  /** Names the sign-in that set the counter, so that a handler which runs again finds its own. */
  readonly use: string
}
const stored: z.ZodType<StoredPasskey> = z.object({
  publicKey: z.string(),
  counter: z.int(),
  transports: z.array(z.string()).readonly(),
  use: z.string(),
})

export function passkeyKey(id: string): CredentialKey {
  return { tenant: systemTenant, kind: 'passkey', id }
}

export function passkeyOf({ value }: Credential): StoredPasskey {
  return stored.parse(value)
}

/** Whether it is there now as this account's. An id that somebody else has, or with another key, is refused. */
export async function writePasskey(
  credentials: Credentials,
  id: string,
  account: string,
  { publicKey, counter, transports }: Omit<StoredPasskey, 'use'>,
  nowMs: number,
): Promise<boolean> {
  const value = { publicKey, counter, transports: [...transports], use: '' }
  const expiresAt = unnamedUntil(nowMs)
  if (await credentials.put(passkeyKey(id), { subject: account, value, expiresAt }, 0)) return true
  const row = await credentials.get(passkeyKey(id))
  return row !== undefined && row.subject === account && passkeyOf(row).publicKey === publicKey
}

/**
 * Whether a counter has gone on, and stands now where it was said to: of two sign-ins that bring the same one, one is told yes. Those that
 * never count are told yes; their challenges are used once.
 */
export async function advanceCounter(
  credentials: Credentials,
  id: string,
  counter: number,
  use: string,
): Promise<boolean> {
  for (;;) {
    const row = await credentials.get(passkeyKey(id))
    if (row === undefined) return false
    const known = passkeyOf(row)
    if (counter === 0 && known.counter === 0) return true
    if (counter <= known.counter) return counter === known.counter && use === known.use
    const value = { ...known, transports: [...known.transports], counter, use }
    if (await credentials.put(passkeyKey(id), { subject: row.subject, value }, row.version)) return true
  }
}
