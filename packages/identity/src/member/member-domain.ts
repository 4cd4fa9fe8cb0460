// The domain Identity: what accounts and programs are in one tenant, and which groups they have there.
import { domain, handle } from '@gesta/core'
import type { Domain, Model } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { mayGive } from '../group/may-give.ts'
import { pageOptions, shown as shownText, tenantOf } from '../input.ts'
import { isAdministratorsGroup } from '../tenant/administrators.ts'
import { isActiveAccount, isLiveTenant } from '../tenant/ask-system.ts'
import { checkPlace, handleTenantWide } from '../tenant-wide.ts'
import { Workspace } from '../workspace/workspace.ts'
import { AccountIdentity, AccountReleased } from './account-identity.ts'
import { handleOfAccount } from './identity-of-account.ts'
import type { ofAccount } from './identity-of-account.ts'
import * as contracts from './member-contracts.ts'
import type { IdentityShown } from './member-contracts.ts'
import * as events from './member.ts'
import { Member, members } from './member.ts'
import type { MemberState } from './member.ts'
import { addGroups, createMember, removeAdministrator } from './membership.ts'

export type MemberDomain = Domain<'Identity', (typeof contracts)[keyof typeof contracts] | typeof ofAccount>

const rename = handleTenantWide(contracts.rename, async ({ identityUuid, name }, { load }) => {
  const { state, emit } = await load(Member, identityUuid)
  if (state.status !== 'live') return contracts.rename.reject('unknown_identity')
  if (state.name !== name) emit(events.IdentityRenamed({ name }))
})

const removeGroup = handleTenantWide(contracts.removeGroup, async ({ identityUuid, groupUuid }, context) => {
  const { state, emit } = await context.load(Member, identityUuid)
  if (state.status !== 'live') return contracts.removeGroup.reject('unknown_identity')
  if (!state.groups.includes(groupUuid)) return
  if (isAdministratorsGroup(groupUuid, context.context) && !(await removeAdministrator(context, identityUuid)))
    return contracts.removeGroup.reject('last_administrator')
  emit(events.GroupRemoved({ group: groupUuid }))
})

const leaveWorkspace = handle(contracts.leaveWorkspace, async ({ identityUuid, workspaceUuid }, { context, load }) => {
  checkPlace(context, contracts.leaveWorkspace.type, workspaceUuid)
  const { state, emit } = await load(Member, identityUuid)
  if (state.status !== 'live') return contracts.leaveWorkspace.reject('unknown_identity')
  if (state.workspaces.some(({ workspace }) => workspace === workspaceUuid))
    emit(events.WorkspaceLeft({ workspace: workspaceUuid }))
})

const remove = handleTenantWide(contracts.remove, async ({ identityUuid }, context) => {
  const { state, emit } = await context.load(Member, identityUuid)
  if (state.status === 'none') return contracts.remove.reject('unknown_identity')
  if (state.status === 'removed') return
  if (!(await removeAdministrator(context, identityUuid))) return contracts.remove.reject('last_administrator')
  const { account } = state
  emit(events.IdentityRemoved({ account }))
  if (account !== undefined) (await context.load(AccountIdentity, account)).emit(AccountReleased({}))
})

const get = handleTenantWide(contracts.get, async ({ identityUuid }, { read }) => {
  const model = await read(members).get(identityUuid)
  return model === undefined ? null : shown(model)
})

const list = handleTenantWide(contracts.list, async (page, { read }) => {
  const { items, total } = await read(members).list({ ...pageOptions(page), where: { status: 'live' } })
  return { items: items.map(shown), total }
})

/** Asks for no permission of a group, so it looks itself at whose identity it is. */
const me = handle(contracts.me, async (_, { context, read }) => {
  const { identity, account, tenant } = context
  if (identity === undefined || tenant !== tenantOf(context)) return null
  const model = await read(members).get(identity)
  return model?.state.status === 'live' && model.state.account === account ? shown(model) : null
})

export function memberDomain(binding: Binding): MemberDomain {
  const create = handleTenantWide(contracts.create, async ({ account, name, groups }, context) => {
    const { reject } = contracts.create
    const bound = binding.now()
    if (!(await isLiveTenant(bound, tenantOf(context.context)))) return reject('unknown_tenant')
    if (!(await isActiveAccount(bound, context, account))) return reject('account_not_active')
    if ((await context.load(AccountIdentity, account)).state.identity !== undefined) return reject('already_member')
    const refusal = await mayGive(bound, context, { groups })
    return refusal ?? { identityUuid: await createMember(context, { account, name, groups }) }
  })

  const addGroup = handleTenantWide(contracts.addGroup, async ({ identityUuid, groupUuid }, context) => {
    const bound = binding.now()
    const member = await context.load(Member, identityUuid)
    const { status, account, groups } = member.state
    if (status !== 'live') return contracts.addGroup.reject('unknown_identity')
    if (groups.includes(groupUuid)) return
    if (account === undefined && isAdministratorsGroup(groupUuid, context.context))
      return contracts.addGroup.reject('administrators_are_people')
    if (account !== undefined && !(await isActiveAccount(bound, context, account)))
      return contracts.addGroup.reject('account_not_active')
    const refusal = await mayGive(bound, context, { groups: [groupUuid] })
    if (refusal !== undefined) return refusal
    await addGroups(context, member, [groupUuid])
  })

  const joinWorkspace = handle(contracts.joinWorkspace, async ({ identityUuid, workspaceUuid, groups }, context) => {
    checkPlace(context.context, contracts.joinWorkspace.type, workspaceUuid)
    const { state, emit } = await context.load(Member, identityUuid)
    if (state.status !== 'live') return contracts.joinWorkspace.reject('unknown_identity')
    if ((await context.load(Workspace, workspaceUuid)).state.status !== 'live')
      return contracts.joinWorkspace.reject('unknown_workspace')
    const refusal = await mayGive(binding.now(), context, { groups }, { workspace: workspaceUuid })
    if (refusal !== undefined) return refusal
    emit(events.WorkspaceJoined({ workspace: workspaceUuid, groups: [...new Set(groups)] }))
  })

  const changes = [
    events.IdentityCreated,
    events.GroupAdded,
    events.GroupRemoved,
    events.WorkspaceJoined,
    events.WorkspaceLeft,
    events.IdentityRemoved,
  ]
  return domain('Identity', {
    roles: ['any'],
    permissions: {
      'Identity.Create': 'authorized',
      'Identity.Rename': 'authorized',
      'Identity.AddGroup': 'authorized',
      'Identity.RemoveGroup': 'authorized',
      'Identity.JoinWorkspace': 'authorized',
      'Identity.LeaveWorkspace': 'authorized',
      'Identity.Remove': 'authorized',
      'Identity.Get': 'authorized',
      'Identity.List': 'authorized',
      'Identity.Me': 'authenticated',
      'Identity.OfAccount': 'authorized',
    },
    handlers: [
      create,
      rename,
      addGroup,
      removeGroup,
      joinWorkspace,
      leaveWorkspace,
      remove,
      get,
      list,
      me,
      handleOfAccount,
    ],
    aggregates: [Member, AccountIdentity],
    readModels: [members],
    advances: changes.map((event) => [event, () => 'tenant'] as const),
  })
}

function shown({ id, state }: Model<MemberState>): IdentityShown {
  const { account = null, name, status, groups, workspaces } = state
  return {
    identityUuid: id,
    account,
    name: shownText(name),
    status: status === 'removed' ? 'removed' : 'live',
    groups,
    workspaces: workspaces.map((one) => ({ workspaceUuid: one.workspace, groups: one.groups })),
  }
}
