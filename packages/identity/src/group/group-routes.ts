// Where groups are, for people.
import type { IdentityRoute } from '../routes.ts'

const all = '/api/tenants/{tenantUuid}/groups'
const one = `${all}/{groupUuid}`

export const groupRoutes: readonly IdentityRoute[] = [
  { type: 'Group.Create', method: 'POST', path: all },
  { type: 'Group.List', method: 'GET', path: all },
  { type: 'Group.Get', method: 'GET', path: one },
  { type: 'Group.Rename', method: 'PUT', path: `${one}/name` },
  { type: 'Group.SetPermissions', method: 'PUT', path: `${one}/permissions` },
  { type: 'Group.Remove', method: 'DELETE', path: one },
]
