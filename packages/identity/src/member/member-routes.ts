// Where identities are, for people.
import type { IdentityRoute } from '../routes.ts'

const all = '/api/tenants/{tenantUuid}/identities'
const one = `${all}/{identityUuid}`

export const memberRoutes: readonly IdentityRoute[] = [
  { type: 'Identity.Create', method: 'POST', path: all },
  { type: 'Identity.List', method: 'GET', path: all },
  { type: 'Identity.Me', method: 'GET', path: `${all}/me` },
  { type: 'Identity.Get', method: 'GET', path: one },
  { type: 'Identity.Rename', method: 'PUT', path: `${one}/name` },
  { type: 'Identity.AddGroup', method: 'PUT', path: `${one}/groups/{groupUuid}` },
  { type: 'Identity.RemoveGroup', method: 'DELETE', path: `${one}/groups/{groupUuid}` },
  { type: 'Identity.JoinWorkspace', method: 'PUT', path: `${one}/workspaces/{workspaceUuid}` },
  { type: 'Identity.LeaveWorkspace', method: 'DELETE', path: `${one}/workspaces/{workspaceUuid}` },
  { type: 'Identity.Remove', method: 'DELETE', path: one },
]
