// What stands behind the code of an invitation, for somebody who has no identity in its tenant yet.
import { systemTenant } from '@gesta/core'
import { asApp } from '../app-only.ts'
import type { Bound } from '../bound.ts'
import type { FoundCode } from '../secrets/codes.ts'
import { get } from '../tenant/tenant-contracts.ts'
import { openUntil } from './invitation-contracts.ts'

export interface InvitationOfCode {
  /** With the address that was invited as its `data`. */
  readonly code: FoundCode
  readonly tenantName: string
  /** RFC 3339, UTC. */
  readonly expiresAt: string
}

/** Absent: it can no longer be accepted, its tenant is gone, or the code is none. */
export async function invitationOfCode(
  { app, codes }: Pick<Bound, 'app' | 'codes'>,
  text: string,
): Promise<InvitationOfCode | undefined> {
  const code = await codes.find('invitation', text)
  if (code === undefined) return undefined
  const { tenant, id, subject } = code
  const asked = openUntil({ invitationUuid: subject, code: id })
  const expiresAt = await app.query(asked, asApp(tenant))
  const home = await app.query(get({ tenantUuid: tenant }), asApp(systemTenant))
  return expiresAt === null || home?.status !== 'live' ? undefined : { code, tenantName: home.name, expiresAt }
}
