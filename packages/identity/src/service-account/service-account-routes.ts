// Where service accounts and their keys are, for people.
import type { IdentityRoute } from '../routes.ts'

const all = '/api/tenants/{tenantUuid}/service-accounts'
const one = `${all}/{identityUuid}`

export const serviceAccountRoutes: readonly IdentityRoute[] = [
  { type: 'ServiceAccount.Create', method: 'POST', path: all },
  { type: 'ServiceAccount.List', method: 'GET', path: all },
  { type: 'ServiceAccount.Remove', method: 'DELETE', path: one },
  { type: 'ServiceAccount.CreateKey', method: 'POST', path: `${one}/api-keys` },
  { type: 'ServiceAccount.Keys', method: 'GET', path: `${one}/api-keys` },
  { type: 'ServiceAccount.RevokeKey', method: 'DELETE', path: '/api/tenants/{tenantUuid}/api-keys/{keyUuid}' },
]
