// Where accounts are, for people.
import type { IdentityRoute } from '../routes.ts'

export const accountRoutes: readonly IdentityRoute[] = [
  { type: 'Account.Register', method: 'POST', path: '/api/accounts' },
  { type: 'Account.RegisterInvited', method: 'POST', path: '/api/accounts/invited' },
  { type: 'Account.Verify', method: 'POST', path: '/api/accounts/verification' },
  { type: 'Account.RequestVerification', method: 'POST', path: '/api/accounts/verification/request' },
  { type: 'Account.RequestPasswordReset', method: 'POST', path: '/api/accounts/password-reset/request' },
  { type: 'Account.ResetPassword', method: 'POST', path: '/api/accounts/password-reset' },
  { type: 'Account.ChangePassword', method: 'PUT', path: '/api/accounts/me/password' },
  { type: 'Account.Me', method: 'GET', path: '/api/accounts/me' },
  { type: 'Account.List', method: 'GET', path: '/api/accounts' },
  { type: 'Account.Get', method: 'GET', path: '/api/accounts/{accountUuid}' },
  { type: 'Account.Block', method: 'POST', path: '/api/accounts/{accountUuid}/block' },
  { type: 'Account.Unblock', method: 'POST', path: '/api/accounts/{accountUuid}/unblock' },
  { type: 'Account.Remove', method: 'DELETE', path: '/api/accounts/{accountUuid}' },
]
