// A tenant: whose data is kept apart from that of others. The tenant SYSTEM is the app's own and cannot be removed.
import { aggregate, event, projection } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event, Projection } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from '../account/account-events.ts'

export interface TenantNamed {
  readonly name: string
}
const named = z.object({ name: z.string() })
export const TenantCreated: DomainEventContract<'Tenant.Created', TenantNamed> = event('Tenant.Created', named)
export const TenantRenamed: DomainEventContract<'Tenant.Renamed', TenantNamed> = event('Tenant.Renamed', named)
export const TenantRemoved: DomainEventContract<'Tenant.Removed', Nothing> = event('Tenant.Removed', z.object({}))

export interface TenantState {
  readonly status: 'none' | 'live' | 'removed'
  readonly name: string
}
type TenantEvent =
  | Event<'domain', 'Tenant.Created', TenantNamed>
  | Event<'domain', 'Tenant.Renamed', TenantNamed>
  | Event<'domain', 'Tenant.Removed', Nothing>

/** Its id is the tenant's; all of them lie in the tenant `systemTenant`. */
export const Tenant: Aggregate<'Tenant', TenantState, TenantEvent> = aggregate('Tenant', (): TenantState => ({
  status: 'none',
  name: '',
}))
  .on(TenantCreated, (_, { name }) => ({ status: 'live', name }))
  .on(TenantRenamed, (tenant, { name }) => ({ ...tenant, name }))
  .on(TenantRemoved, (tenant) => ({ ...tenant, status: 'removed' }))

export const tenants: Projection<'Tenant', TenantState> = projection(Tenant)
