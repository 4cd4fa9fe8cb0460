// Who belongs to what, as the projections of the identity domains have it: core asks, and keeps the answer until an epoch moves.
import { systemTenant } from '@gesta/core'
import type { Directory, Look, SessionOf, Who } from '@gesta/core'
import { accounts, spares } from './account/account.ts'
import { sessions } from './auth/session.ts'
import { groups } from './group/group.ts'
import { members } from './member/member.ts'
import { isKeyLive } from './service-account/api-keys.ts'
import { accountOfService, keyOfSession } from './service-account/key-session.ts'
import { tenants } from './tenant/tenant.ts'
import { workspaces } from './workspace/workspace.ts'

/** @param now milliseconds since 1970. */
export function createDirectory(now: () => number): Directory {
  return {
    identity: async ({ tenant, identity, account, session }: Who, look) => {
      const member = (await look.read(members, tenant).get(identity))?.state
      if (member?.status !== 'live') return undefined
      const isKeys = keyOfSession(session) !== undefined
      // A service account has no account of a person: nobody but its keys acts as it.
      if (member.account === undefined ? !isKeys || account !== accountOfService(identity) : member.account !== account)
        return undefined
      if (!(await isLiveTenant(tenant, look))) return undefined
      return { groups: member.groups, workspaces: member.workspaces }
    },
    group: async (tenant, id, look) => {
      const group = (await look.read(groups, tenant).get(id))?.state
      return group?.status === 'live' ? { permissions: group.permissions, groups: group.groups } : undefined
    },
    hasWorkspace: async (tenant, id, look) => (await look.read(workspaces, tenant).get(id))?.state.status === 'live',
    session: (who, look) =>
      keyOfSession(who.session) === undefined ? isAlive(who, look, now()) : isKeyLive(who, look),
  }
}

async function isLiveTenant(tenant: string, look: Look): Promise<boolean> {
  return (await look.read(tenants, systemTenant).get(tenant))?.state.status === 'live'
}

async function isAlive({ account, session }: SessionOf, look: Look, nowMs: number): Promise<boolean> {
  const found = (await look.read(sessions, systemTenant).get(session))?.state
  if (found?.status !== 'live' || found.account !== account || Date.parse(found.expiresAt) <= nowMs) return false
  const owner = (await look.read(accounts, systemTenant).get(account))?.state
  return owner !== undefined && spares(owner, { id: session, generation: found.generation })
}
