// The domain Auth: signing in, sessions and their tokens. All of it lies in the tenant SYSTEM.
import { domain, handle, systemTenant } from '@gesta/core'
import type { Domain, Handler } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { setUpHandlers, setUpPermissions } from '../set-up/set-up-handlers.ts'
import type { SetUpContract } from '../set-up/set-up-handlers.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import * as contracts from './auth-contracts.ts'
import { handleEndAllSessions, handleEndOtherSessions, handleEndSession, handleLogout } from './end-sessions.ts'
import { authHousekeeping } from './housekeeping.ts'
import { handleListSessions } from './list-sessions.ts'
import { handleLogin } from './login.ts'
import { handleRefresh } from './refresh.ts'
import { handleSelectIdentity } from './select-identity.ts'
import { Session, SessionEnded, sessions, SessionStarted } from './session.ts'

export type AuthDomain = Domain<'Auth', (typeof contracts)[keyof typeof contracts] | SetUpContract>

export function authDomain(binding: Binding): AuthDomain {
  const rotateSigningKeys: Handler<typeof contracts.rotateSigningKeys> = handleTenantWide(
    contracts.rotateSigningKeys,
    () => binding.now().tokens.rotate(),
  )
  const jwks: Handler<typeof contracts.jwks> = handle(contracts.jwks, () => binding.now().tokens.keys())
  return domain('Auth', {
    roles: ['any'],
    tenant: systemTenant,
    permissions: {
      ...setUpPermissions,
      'Auth.Login': 'anonymous',
      'Auth.Refresh': 'anonymous',
      'Auth.Jwks': 'anonymous',
      'Auth.Logout': 'authenticated',
      'Auth.SelectIdentity': 'authenticated',
      'Auth.EndSession': 'authenticated',
      'Auth.EndOtherSessions': 'authenticated',
      'Auth.EndAllSessions': 'authenticated',
      'Auth.Sessions': 'authenticated',
      'Auth.RotateSigningKeys': 'authorized',
    },
    handlers: [
      handleLogin(binding),
      handleRefresh(binding),
      handleLogout(),
      handleSelectIdentity(binding),
      handleEndSession(),
      handleEndOtherSessions(),
      handleEndAllSessions(),
      handleListSessions(binding),
      rotateSigningKeys,
      jwks,
      ...setUpHandlers(binding),
    ],
    aggregates: [Session],
    readModels: [sessions],
    subscribers: [authHousekeeping(binding)],
    // A session that has just started is known at once, in every process, and one that has ended no longer is.
    advances: [
      [SessionStarted, ({ aggregateId }) => ({ session: aggregateId })],
      [SessionEnded, ({ aggregateId }) => ({ session: aggregateId })],
    ],
  })
}
