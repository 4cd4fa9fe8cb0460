// Where second factors are reached: below the account of who asks.
import type { IdentityRoute } from '../routes.ts'

export const secondFactorRoutes: readonly IdentityRoute[] = [
  { type: 'SecondFactor.StartTotp', method: 'POST', path: '/api/accounts/me/totp' },
  { type: 'SecondFactor.ConfirmTotp', method: 'POST', path: '/api/accounts/me/totp/confirmation' },
  // A body goes with it, which not every proxy lets pass with DELETE.
  { type: 'SecondFactor.RemoveTotp', method: 'POST', path: '/api/accounts/me/totp/removal' },
  { type: 'SecondFactor.ReplaceRecoveryCodes', method: 'POST', path: '/api/accounts/me/recovery-codes' },
]
