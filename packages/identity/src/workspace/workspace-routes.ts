// Where workspaces are, for people.
import type { IdentityRoute } from '../routes.ts'

const all = '/api/tenants/{tenantUuid}/workspaces'
const one = `${all}/{workspaceUuid}`

export const workspaceRoutes: readonly IdentityRoute[] = [
  { type: 'Workspace.Create', method: 'POST', path: all },
  { type: 'Workspace.List', method: 'GET', path: all },
  { type: 'Workspace.Get', method: 'GET', path: one },
  { type: 'Workspace.Rename', method: 'PUT', path: `${one}/name` },
  { type: 'Workspace.Remove', method: 'DELETE', path: one },
]
