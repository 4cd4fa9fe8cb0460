// Where signing in and sessions are, for people.
import type { IdentityRoute } from '../routes.ts'

export const authRoutes: readonly IdentityRoute[] = [
  { type: 'Auth.Login', method: 'POST', path: '/api/v1/auth/login' },
  { type: 'Auth.Refresh', method: 'POST', path: '/api/v1/auth/refresh' },
  { type: 'Auth.Logout', method: 'POST', path: '/api/v1/auth/logout' },
  { type: 'Auth.SelectIdentity', method: 'POST', path: '/api/v1/auth/identity' },
  { type: 'Auth.Sessions', method: 'GET', path: '/api/v1/auth/sessions' },
  { type: 'Auth.EndAllSessions', method: 'DELETE', path: '/api/v1/auth/sessions' },
  { type: 'Auth.EndOtherSessions', method: 'DELETE', path: '/api/v1/auth/sessions/others' },
  { type: 'Auth.EndSession', method: 'DELETE', path: '/api/v1/auth/sessions/{session}' },
  { type: 'Auth.RotateSigningKeys', method: 'POST', path: '/api/v1/auth/signing-keys' },
  { type: 'Auth.Jwks', method: 'GET', path: '/api/v1/auth/jwks' },
]
