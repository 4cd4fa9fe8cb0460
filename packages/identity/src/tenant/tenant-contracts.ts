// What the domain Tenant can be told and asked: by system administrators, for all tenants of the app.
import { command, query } from '@gesta/core'
import { z } from 'zod'
import type { Membership } from '../account/account-events.ts'
import type { AccountState } from '../account/account.ts'
import { id, name, paged, pageOf } from '../input.ts'
import type { Asked, Paged, PageOf, Told } from '../input.ts'

export interface NamedTenant {
  readonly tenantUuid: string
  readonly name: string
}
export interface TenantShown extends NamedTenant {
  readonly status: 'live' | 'removed'
  /** RFC 3339, UTC. */
  readonly createdAt: string
}
/** A UUID, or a short name in small letters, so that none can be taken for the app's own tenant. */
const newTenant = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/)
  .max(64)
const one = z.object({ tenantUuid: id })
const unknown = { unknown_tenant: 'There is no such tenant.' }
const own = { protected_tenant: "The tenant SYSTEM is the app's own and stays as it is." }
const shown: z.ZodType<TenantShown> = z.object({
  tenantUuid: z.string(),
  name: z.string(),
  status: z.enum(['live', 'removed']),
  createdAt: z.string(),
})

export const create: Told<
  'Tenant.Create',
  { readonly tenantUuid?: string | undefined; readonly name: string },
  { readonly tenantUuid: string },
  'tenant_taken'
> = command('Tenant.Create', {
  description: 'Make a tenant',
  input: z.object({ tenantUuid: newTenant.optional(), name }),
  result: z.object({ tenantUuid: z.string() }),
  rejections: { tenant_taken: 'There is, or was, a tenant of this id. Choose another one.' },
  audited: true,
})
export const rename: Told<'Tenant.Rename', NamedTenant, void, 'unknown_tenant' | 'protected_tenant'> = command(
  'Tenant.Rename',
  {
    description: 'Rename a tenant',
    input: z.object({ tenantUuid: id, name }),
    rejections: { ...unknown, ...own },
  },
)
export const remove: Told<
  'Tenant.Remove',
  { readonly tenantUuid: string },
  void,
  'unknown_tenant' | 'protected_tenant'
> = command('Tenant.Remove', {
  description: 'Remove a tenant: its identities are denied at once, its data stays',
  input: one,
  rejections: { ...unknown, ...own },
  audited: true,
})
export const get: Asked<'Tenant.Get', { readonly tenantUuid: string }, TenantShown | null> = query('Tenant.Get', {
  description: 'Look at a tenant',
  input: one,
  result: shown.nullable(),
})
export const list: Asked<'Tenant.List', PageOf, Paged<TenantShown>> = query('Tenant.List', {
  description: 'List the tenants',
  input: pageOf,
  result: paged(shown),
})

/** For the app itself: that the tenant SYSTEM and the group of its administrators are there. Harmless to repeat. */
export const prepare: Told<'Tenant.Prepare', void, { readonly hasAdministrator: boolean }> = command('Tenant.Prepare', {
  description: 'See to it that the tenant SYSTEM is there',
  result: z.object({ hasAdministrator: z.boolean() }),
})
/** For the app itself, which must not miss what was stored just now: what the log says of a tenant. */
export const status: Asked<'Tenant.Status', { readonly tenantUuid: string }, 'none' | 'live' | 'removed'> = query(
  'Tenant.Status',
  {
    description: 'Ask whether there is a tenant',
    input: one,
    result: z.enum(['none', 'live', 'removed']),
    history: false,
  },
)
/** For the app itself, in whose other tenants accounts cannot be read. */
export const accountStatus: Asked<'Tenant.AccountStatus', { readonly account: string }, AccountState['status']> = query(
  'Tenant.AccountStatus',
  {
    description: 'Ask how an account is',
    input: z.object({ account: id }),
    result: z.enum(['none', 'unverified', 'active', 'blocked', 'removed']),
    history: false,
  },
)

export interface MembershipNote {
  readonly account: string
  readonly tenant: string
  readonly identity: string
}
const membership = z.object({ account: id, tenant: z.string().max(128), identity: id })
/** For the app itself: an account has an identity in a tenant. Harmless to repeat. */
export const noteMembership: Told<'Tenant.NoteMembership', MembershipNote, void, 'account_removed'> = command(
  'Tenant.NoteMembership',
  {
    description: 'Note the identities of an account with it',
    input: membership,
    rejections: { account_removed: 'The account was removed before. Its identity goes too.' },
  },
)
/** For the app itself: it has it no longer. Harmless to repeat. */
export const noteMembershipEnd: Told<'Tenant.NoteMembershipEnd', MembershipNote, void> = command(
  'Tenant.NoteMembershipEnd',
  { description: 'Note the end of an identity with its account', input: membership },
)
/** For the app itself, when a person is erased: the identities that an account has and had. */
export const everMember: Asked<'Tenant.EverMember', { readonly account: string }, readonly Membership[]> = query(
  'Tenant.EverMember',
  {
    description: 'Ask which identities an account has and had',
    input: z.object({ account: id }),
    result: z.array(z.object({ tenant: z.string(), identity: z.string() })).readonly(),
    history: false,
  },
)
