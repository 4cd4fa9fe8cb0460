// What the pages ask of the app. An app that lacks it is refused at the start, not by the first person who comes.
import type { Role } from '@gesta/core'
import type { RouteTable } from '../route-table.ts'
import type { Sessions } from '../sessions/sessions.ts'

const needed = [
  'Account.Me',
  'Account.RegisterInvited',
  'Account.RequestPasswordReset',
  'Account.ResetPassword',
  'Account.Verify',
  'Auth.Identities',
  'Auth.Invitation',
  'Auth.Login',
  'Auth.Logout',
  'Auth.SelectIdentity',
  'Auth.SetUp',
  'Invitation.Accept',
  'Passkey.Login',
  'Passkey.StartLogin',
] as const

export interface NeededContracts {
  /** The role that a page runs it as. */
  roleOf(type: string): Role
}

/** Errors: a plain one that names what is missing. */
export function neededContracts({ contracts }: RouteTable, sessions: Sessions): NeededContracts {
  const roles = new Map(contracts.map(({ type, role }) => [type, role]))
  const missing = [...needed, sessions.contracts.refresh].filter((type) => !roles.has(type))
  if (missing.length > 0)
    throw new Error(
      `serve: pages need the commands and queries of @gesta/identity, for the role web. The app does not serve ${missing.join(', ')}. Give createApp() the domains of createIdentity(), or leave pages out.`,
    )
  return { roleOf: (type) => roles.get(type) ?? 'web' }
}
