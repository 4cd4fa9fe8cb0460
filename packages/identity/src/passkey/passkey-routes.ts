// Where passkeys are reached: those of an account below it, signing in beside the other ways.
import type { IdentityRoute } from '../routes.ts'

export const passkeyRoutes: readonly IdentityRoute[] = [
  { type: 'Passkey.Start', method: 'POST', path: '/api/accounts/me/passkeys/start' },
  { type: 'Passkey.Add', method: 'POST', path: '/api/accounts/me/passkeys' },
  // A body may go with it, which not every proxy lets pass with DELETE.
  { type: 'Passkey.Remove', method: 'POST', path: '/api/accounts/me/passkeys/{passkey}/removal' },
  { type: 'Passkey.StartLogin', method: 'POST', path: '/api/v1/auth/passkey/start' },
  { type: 'Passkey.Login', method: 'POST', path: '/api/v1/auth/passkey' },
]
