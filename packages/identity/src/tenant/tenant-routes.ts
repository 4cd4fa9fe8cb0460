// Where tenants are, for people.
import type { IdentityRoute } from '../routes.ts'

export const tenantRoutes: readonly IdentityRoute[] = [
  { type: 'Tenant.Create', method: 'POST', path: '/api/tenants' },
  { type: 'Tenant.List', method: 'GET', path: '/api/tenants' },
  { type: 'Tenant.Get', method: 'GET', path: '/api/tenants/{tenantUuid}' },
  { type: 'Tenant.Rename', method: 'PUT', path: '/api/tenants/{tenantUuid}/name' },
  { type: 'Tenant.Remove', method: 'DELETE', path: '/api/tenants/{tenantUuid}' },
]
