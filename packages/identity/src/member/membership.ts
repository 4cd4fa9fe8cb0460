// What it takes to make an identity and to change its groups: in the tenant SYSTEM the list of administrators goes with it.
import { administratorsGroup, systemTenant } from '@gesta/core'
import type { CommandContext, Loaded } from '@gesta/core'
import { tenantOf } from '../input.ts'
import { AdministratorAdded, AdministratorRemoved, Administrators, administratorsId } from '../tenant/administrators.ts'
import { AccountBound, AccountIdentity } from './account-identity.ts'
import { GroupAdded, IdentityCreated, Member } from './member.ts'
import type { MemberEvent, MemberState } from './member.ts'

export type LoadedMember = Loaded<MemberState, MemberEvent>

/** Makes the identity of an account that has none in this tenant. Returns its id. */
export async function createMember(
  context: CommandContext,
  { account, name, groups }: { readonly account: string; readonly name: string; readonly groups: readonly string[] },
): Promise<string> {
  const member = await context.load(Member, context.newId())
  const bound = await context.load(AccountIdentity, account)
  member.emit(IdentityCreated({ account, name, groups: [...new Set(groups)] }))
  bound.emit(AccountBound({ identity: member.id }))
  if (groups.includes(administratorsGroup)) await addAdministrator(context, member.id, account)
  return member.id
}

/** Gives a living identity the groups that it has not. */
export async function addGroups(
  context: CommandContext,
  member: LoadedMember,
  groups: readonly string[],
): Promise<void> {
  const missing = [...new Set(groups)].filter((group) => !member.state.groups.includes(group))
  for (const group of missing) member.emit(GroupAdded({ group }))
  if (missing.includes(administratorsGroup)) await addAdministrator(context, member.id, member.state.account)
}

async function addAdministrator(context: CommandContext, identity: string, account: string | undefined): Promise<void> {
  if (tenantOf(context.context) !== systemTenant || account === undefined) return
  const { emit } = await context.load(Administrators, administratorsId)
  emit(AdministratorAdded({ identity, account }))
}

/** `false`: it is the last administrator, who stays. Whoever is none can always go. */
export async function removeAdministrator(context: CommandContext, identity: string): Promise<boolean> {
  if (tenantOf(context.context) !== systemTenant) return true
  const { state, emit } = await context.load(Administrators, administratorsId)
  const known = state.list.find((one) => one.identity === identity)
  if (known === undefined) return true
  if (state.list.length === 1) return false
  emit(AdministratorRemoved(known))
  return true
}
