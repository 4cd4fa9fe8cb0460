// Where hashes of passwords lie. One that no event names yet expires, so what a crash leaves is swept; `Account.Housekeeping` keeps it.
import { randomUUID } from 'node:crypto'
import { systemTenant } from '@gesta/core'
import type { CredentialKey } from '@gesta/core'
import type { Bound } from '../bound.ts'
import { unnamedUntil } from '../secrets/unnamed.ts'

/** For what no event will name. */
const pretendedMs = 60_000

export function passwordKey(id: string): CredentialKey {
  return { tenant: systemTenant, kind: 'password', id }
}

/**
 * Hashes and writes it. Returns the id for the event that makes it count.
 * @param wanted `false`: no event will name it; it is done for the time that it takes alone.
 * Errors: `rate_limited` when too many wait to be hashed.
 */
export async function writePassword(
  { passwords, credentials, settings }: Pick<Bound, 'passwords' | 'credentials' | 'settings'>,
  account: string,
  password: string,
  wanted: boolean = true,
): Promise<string> {
  const id = randomUUID()
  const value = await passwords.hash(password)
  const expiresAt = wanted ? unnamedUntil(settings.now()) : (settings.now() + pretendedMs) * 1_000
  await credentials.put(passwordKey(id), { subject: account, value, expiresAt }, 0)
  return id
}

/** Whether it is the password of that id; without one it takes as long and is wrong. Errors: as `writePassword`. */
export async function verifyPassword(
  { passwords, credentials }: Pick<Bound, 'passwords' | 'credentials'>,
  id: string | undefined,
  password: string,
): Promise<'right' | 'stale' | 'wrong'> {
  const found = await credentials.get(passwordKey(id ?? 'none'))
  return passwords.verify(found?.value as string | undefined, password)
}
