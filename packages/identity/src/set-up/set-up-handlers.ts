// What the domain Auth takes from here: handlers and who may ask.
import { handle } from '@gesta/core'
import type { Handler } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { invitationOfCode } from '../invitation/invitation-of-code.ts'
import type { IdentityRoute } from '../routes.ts'
import { handleIdentities } from './own-identities.ts'
import { invitation } from './set-up-contracts.ts'
import type { identities, setUp } from './set-up-contracts.ts'
import { handleSetUp } from './set-up.ts'

export type SetUpContract = typeof setUp | typeof identities | typeof invitation

export function setUpHandlers(
  binding: Binding,
): readonly [Handler<typeof setUp>, Handler<typeof identities>, Handler<typeof invitation>] {
  const handleInvitation = handle(invitation, async ({ code }) => {
    const found = await invitationOfCode(binding.now(), code)
    if (found === undefined) return null
    return { tenant: found.code.tenant, tenantName: found.tenantName, expiresAt: found.expiresAt }
  })
  return [handleSetUp(binding), handleIdentities(binding), handleInvitation]
}

export const setUpPermissions: {
  readonly 'Auth.SetUp': 'anonymous'
  readonly 'Auth.Identities': 'authenticated'
  readonly 'Auth.Invitation': 'anonymous'
} = { 'Auth.SetUp': 'anonymous', 'Auth.Identities': 'authenticated', 'Auth.Invitation': 'anonymous' }

export const setUpRoutes: readonly IdentityRoute[] = [
  { type: 'Auth.SetUp', method: 'POST', path: '/api/v1/auth/set-up' },
  { type: 'Auth.Identities', method: 'GET', path: '/api/v1/auth/identities' },
  // Asked with the code in the body, which no log of addresses keeps.
  { type: 'Auth.Invitation', method: 'POST', path: '/api/v1/auth/invitation' },
]
