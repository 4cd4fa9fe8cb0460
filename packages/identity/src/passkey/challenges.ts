// Challenges: what an authenticator has to sign, so that no answer counts for anything but the question it was given to. Each is used once.
import { randomBytes } from 'node:crypto'
import { systemTenant } from '@gesta/core'
import type { CredentialKey } from '@gesta/core'
import { z } from 'zod'
import type { Bound } from '../bound.ts'

export const challengeMs: number = 5 * 60_000
const challengeBytes = 32

const kept: z.ZodType<Kept> = z.object({
  challenge: z.string(),
  account: z.string(),
  expiresAtMs: z.number(),
  use: z.string(),
})
interface Kept {
  readonly challenge: string
  /** Empty: nobody is known yet. */
  readonly account: string
  readonly expiresAtMs: number
  /** Names the use that took it; empty: none has. */
  readonly use: string
}
type Parts = Pick<Bound, 'credentials' | 'settings'>

/** One for each session: whoever begins again has the last one. */
export function registrationKey(session: string): CredentialKey {
  return { tenant: systemTenant, kind: 'passkey-registration', id: session }
}

export function loginKey(id: string): CredentialKey {
  return { tenant: systemTenant, kind: 'passkey-login', id }
}

/** A new challenge under a key, in place of what was there. It expires by itself, so that nobody fills the store with them. */
export async function newChallenge(
  { credentials, settings }: Parts,
  key: CredentialKey,
  account: string | undefined,
): Promise<string> {
  const challenge = randomBytes(challengeBytes).toString('base64url')
  const expiresAtMs = settings.now() + challengeMs
  const value = { challenge, account: account ?? '', expiresAtMs, use: '' }
  const row = { subject: account ?? key.kind, value, expiresAt: expiresAtMs * 1_000 }
  while (!(await credentials.put(key, row, 0))) await credentials.remove(key)
  return challenge
}

/**
 * The challenge of a key, taken by this use; absent: there is none, it is too old, or another use has it, in whatever process.
 * @param use Stays the same when the handler runs again, which then finds its own.
 */
export async function takeChallenge(
  { credentials, settings }: Parts,
  key: CredentialKey,
  use: string,
): Promise<Pick<Kept, 'challenge' | 'account'> | undefined> {
  for (;;) {
    const row = await credentials.get(key)
    if (row === undefined) return undefined
    const found = kept.parse(row.value)
    if (found.expiresAtMs <= settings.now()) return undefined
    if (found.use !== '') return found.use === use ? found : undefined
    const { subject, expiresAt, version } = row
    if (await credentials.put(key, { subject, expiresAt, value: { ...found, use } }, version)) return found
  }
}
