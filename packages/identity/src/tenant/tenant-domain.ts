// The domain Tenant: which tenants there are. All of it lies in the tenant SYSTEM.
import { administratorsGroup, domain, handle, systemTenant } from '@gesta/core'
import type { Domain, Model } from '@gesta/core'
import { accounts } from '../account/account.ts'
import { appOnly } from '../app-only.ts'
import type { Binding } from '../bound.ts'
import { Group, GroupCreated } from '../group/group.ts'
import { pageOptions } from '../input.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import { Administrators, administratorsId } from './administrators.ts'
import { followMemberships, membershipHandlers } from './memberships.ts'
import * as contracts from './tenant-contracts.ts'
import type { TenantShown } from './tenant-contracts.ts'
import { Tenant, TenantCreated, TenantRemoved, TenantRenamed, tenants } from './tenant.ts'
import type { TenantState } from './tenant.ts'

export type TenantDomain = Domain<'Tenant', (typeof contracts)[keyof typeof contracts]>

const create = handleTenantWide(contracts.create, async ({ tenantUuid, name }, { load, newId }) => {
  const tenant = await load(Tenant, tenantUuid ?? newId())
  if (tenant.state.status !== 'none') return contracts.create.reject('tenant_taken')
  tenant.emit(TenantCreated({ name }))
  return { tenantUuid: tenant.id }
})

const rename = handleTenantWide(contracts.rename, async ({ tenantUuid, name }, { load }) => {
  if (tenantUuid === systemTenant) return contracts.rename.reject('protected_tenant')
  const { state, emit } = await load(Tenant, tenantUuid)
  if (state.status !== 'live') return contracts.rename.reject('unknown_tenant')
  if (state.name !== name) emit(TenantRenamed({ name }))
})

const remove = handleTenantWide(contracts.remove, async ({ tenantUuid }, { load }) => {
  if (tenantUuid === systemTenant) return contracts.remove.reject('protected_tenant')
  const { state, emit } = await load(Tenant, tenantUuid)
  if (state.status === 'none') return contracts.remove.reject('unknown_tenant')
  if (state.status === 'live') emit(TenantRemoved({}))
})

const prepare = handle(
  contracts.prepare,
  async (_, { load }) => {
    const tenant = await load(Tenant, systemTenant)
    const group = await load(Group, administratorsGroup)
    const administrators = await load(Administrators, administratorsId)
    if (tenant.state.status === 'none') tenant.emit(TenantCreated({ name: 'System' }))
    // It names no permission: its members hold all of them, and groups that include it hold none of them.
    if (group.state.status === 'none')
      group.emit(GroupCreated({ name: 'System administrators', permissions: [], groups: [] }))
    return { hasAdministrator: administrators.state.list.length > 0 }
  },
  appOnly,
)

const get = handleTenantWide(contracts.get, async ({ tenantUuid }, { read }) => {
  const model = await read(tenants).get(tenantUuid)
  return model === undefined ? null : shown(model)
})

const list = handleTenantWide(contracts.list, async (page, { read }) => {
  const { items, total } = await read(tenants).list({ ...pageOptions(page), where: { status: 'live' } })
  return { items: items.map(shown), total }
})

const status = handle(
  contracts.status,
  async ({ tenantUuid }, { history }) => {
    const [last] = (await history(Tenant, tenantUuid, { limit: 1 })).items
    if (last === undefined) return 'none'
    return last.eventName === TenantRemoved.type ? 'removed' : 'live'
  },
  appOnly,
)

const accountStatus = handle(
  contracts.accountStatus,
  async ({ account }, { read }) => (await read(accounts).get(account))?.state.status ?? 'none',
  appOnly,
)

const everMember = handle(
  contracts.everMember,
  async ({ account }, { read }) => {
    const { memberships = [], formerMemberships = [] } = (await read(accounts).get(account))?.state ?? {}
    return [...memberships, ...formerMemberships]
  },
  appOnly,
)

export function tenantDomain(binding: Binding): TenantDomain {
  return domain('Tenant', {
    roles: ['any'],
    tenant: systemTenant,
    permissions: 'authorized',
    handlers: [create, rename, remove, prepare, get, list, status, accountStatus, everMember, ...membershipHandlers],
    aggregates: [Tenant, Administrators],
    readModels: [tenants],
    subscribers: [followMemberships(binding)],
    advances: [[TenantRemoved, () => 'tenant']],
  })
}

function shown({ id, state, createdAt }: Model<TenantState>): TenantShown {
  return { tenantUuid: id, name: state.name, status: state.status === 'removed' ? 'removed' : 'live', createdAt }
}
