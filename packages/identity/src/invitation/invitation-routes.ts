// Where invitations are, for people.
import type { IdentityRoute } from '../routes.ts'

const all = '/api/tenants/{tenantUuid}/invitations'
const one = `${all}/{invitationUuid}`

export const invitationRoutes: readonly IdentityRoute[] = [
  { type: 'Invitation.Invite', method: 'POST', path: all },
  { type: 'Invitation.List', method: 'GET', path: all },
  { type: 'Invitation.Accept', method: 'POST', path: `${all}/accepted` },
  { type: 'Invitation.Get', method: 'GET', path: one },
  { type: 'Invitation.Withdraw', method: 'DELETE', path: one },
]
