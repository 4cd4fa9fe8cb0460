// The domain Group: permissions under one name, for identities of one tenant.
import { domain } from '@gesta/core'
import type { Domain, Model } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { pageOptions, tenantOf } from '../input.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import { isAdministratorsGroup } from '../tenant/administrators.ts'
import { isLiveTenant } from '../tenant/ask-system.ts'
import * as contracts from './group-contracts.ts'
import type { GroupShown } from './group-contracts.ts'
import { Group, GroupCreated, GroupRemoved, GroupRenamed, groups, PermissionsSet } from './group.ts'
import type { GroupState } from './group.ts'
import { mayGive } from './may-give.ts'
import type { Gift } from './may-give.ts'

export type GroupDomain = Domain<'Group', (typeof contracts)[keyof typeof contracts]>

const rename = handleTenantWide(contracts.rename, async ({ groupUuid, name }, { context, load }) => {
  if (isAdministratorsGroup(groupUuid, context)) return contracts.rename.reject('protected_group')
  const { state, emit } = await load(Group, groupUuid)
  if (state.status !== 'live') return contracts.rename.reject('unknown_group')
  if (state.name !== name) emit(GroupRenamed({ name }))
})

const remove = handleTenantWide(contracts.remove, async ({ groupUuid }, { context, load }) => {
  if (isAdministratorsGroup(groupUuid, context)) return contracts.remove.reject('protected_group')
  const { state, emit } = await load(Group, groupUuid)
  if (state.status === 'none') return contracts.remove.reject('unknown_group')
  if (state.status === 'live') emit(GroupRemoved({}))
})

const get = handleTenantWide(contracts.get, async ({ groupUuid }, { read }) => {
  const model = await read(groups).get(groupUuid)
  return model === undefined ? null : shown(model)
})

const list = handleTenantWide(contracts.list, async (page, { read }) => {
  const { items, total } = await read(groups).list({ ...pageOptions(page), where: { status: 'live' }, orderBy: 'name' })
  return { items: items.map(shown), total }
})

export function groupDomain(binding: Binding): GroupDomain {
  const create = handleTenantWide(contracts.create, async ({ name, permissions, groups: included = [] }, context) => {
    const bound = binding.now()
    if (!(await isLiveTenant(bound, tenantOf(context.context)))) return contracts.create.reject('unknown_tenant')
    const gift = { permissions: once(permissions), groups: once(included) }
    const refusal = await mayGive(bound, context, gift)
    if (refusal !== undefined) return refusal
    const group = await context.load(Group, context.newId())
    group.emit(GroupCreated({ name, ...gift }))
    return { groupUuid: group.id }
  })

  const setPermissions = handleTenantWide(
    contracts.setPermissions,
    async ({ groupUuid, permissions, groups: included = [] }, context) => {
      const { reject } = contracts.setPermissions
      if (isAdministratorsGroup(groupUuid, context.context)) return reject('protected_group')
      const { state, emit } = await context.load(Group, groupUuid)
      if (state.status !== 'live') return reject('unknown_group', { group: groupUuid })
      const gift = { permissions: once(permissions), groups: once(included) }
      const refusal = await mayGive(binding.now(), context, added(state, gift), { to: groupUuid })
      if (refusal !== undefined) return refusal
      if (!isSame(state.permissions, gift.permissions) || !isSame(state.groups, gift.groups)) emit(PermissionsSet(gift))
    },
  )

  return domain('Group', {
    roles: ['any'],
    permissions: 'authorized',
    handlers: [create, rename, setPermissions, remove, get, list],
    aggregates: [Group],
    readModels: [groups],
    advances: [
      [PermissionsSet, () => 'tenant'],
      [GroupRemoved, () => 'tenant'],
    ],
  })
}

/** What those gain who have the group. Names that say less than what was there are new all the same: they stay when that goes. */
function added(had: PermissionsSet, gift: PermissionsSet): Gift {
  return {
    permissions: gift.permissions.filter((name) => !had.permissions.includes(name)),
    groups: gift.groups.filter((group) => !had.groups.includes(group)),
  }
}

function once(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at])
}

function shown({ id, state }: Model<GroupState>): GroupShown {
  const { name, permissions, groups: included } = state
  return { groupUuid: id, name, status: state.status === 'removed' ? 'removed' : 'live', permissions, groups: included }
}
