// One-time codes of an app such as an authenticator (TOTP, RFC 6238): six digits, a new one every 30 seconds. Each time step is used once.
import type { Credentials, CredentialKey } from '@gesta/core'
import { systemTenant } from '@gesta/core'
import { Secret, TOTP } from 'otpauth'
import { z } from 'zod'

const shape = { algorithm: 'SHA1', digits: 6, period: 30 } as const
/** Steps before and after the present one that a clock may be off. */
const window = 1
/** 160 bits: what RFC 4226 recommends. */
const seedBytes = 20

/** A seed among the credentials. */
const seed: z.ZodType<Seed> = z.object({ secret: z.string(), step: z.int(), use: z.string() })
interface Seed {
  /** Base32. */
  readonly secret: string
  /** The last time step that was used: no earlier one counts any more. */
  readonly step: number
  /** Names the use that took it, so that a handler which runs again finds its own. */
  readonly use: string
}

export function seedKey(id: string): CredentialKey {
  return { tenant: systemTenant, kind: 'totp', id }
}

/** In base32, as people may also type it. */
export function newSecret(): string {
  return new Secret({ size: seedBytes }).base32
}

/** What an authenticator reads from a QR code. `label`: whose it is, for people. */
export function uriOf(secret: string, issuer: string, label: string): string {
  return new TOTP({ ...shape, secret, issuer, label }).toString()
}

/** The time step that a code stands for; absent: none near now. */
export function stepOf(secret: string, code: string, nowMs: number): number | undefined {
  const totp = new TOTP({ ...shape, secret })
  const delta = totp.validate({ token: code, timestamp: nowMs, window })
  return delta === null ? undefined : totp.counter({ timestamp: nowMs }) + delta
}

/** Whether a code is right, and its step is taken by this use: of two that bring the same code, in whatever process, one is told yes. */
export async function takeStep(
  { credentials, nowMs }: { readonly credentials: Credentials; readonly nowMs: number },
  id: string,
  code: string,
  use: string,
): Promise<boolean> {
  for (;;) {
    const row = await credentials.get(seedKey(id))
    if (row === undefined) return false
    const known = seed.parse(row.value)
    const step = stepOf(known.secret, code, nowMs)
    if (step === undefined) return false
    if (step <= known.step) return step === known.step && use === known.use
    const { subject, version } = row
    if (await credentials.put(seedKey(id), { subject, value: { ...known, step, use } }, version)) return true
  }
}
