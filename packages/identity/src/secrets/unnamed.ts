// A secret is written before the event that names it. Until then it has an expiry, so that what a crash leaves is swept.
import type { CredentialKey, Credentials } from '@gesta/core'

/** Long enough for an operator to bring a subscriber back that has stopped. */
const unnamedMs = 30 * 86_400_000

/** Microseconds since 1970: when a secret goes that no event has named. */
export function unnamedUntil(nowMs: number): number {
  return (nowMs + unnamedMs) * 1_000
}

/** An event has named it: from now on it stays until it is removed, or until a time of its own (microseconds). Harmless to repeat. */
export async function keepNamed(credentials: Credentials, key: CredentialKey, expiresAt?: number): Promise<void> {
  for (;;) {
    const row = await credentials.get(key)
    if (row === undefined || row.expiresAt === expiresAt) return
    const { subject, value, version } = row
    if (await credentials.put(key, { subject, value, expiresAt }, version)) return
  }
}
