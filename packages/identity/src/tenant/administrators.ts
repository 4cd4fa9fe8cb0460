// Who administers the app: the one list whose version every change of an administrator is decided on, so that the last one stays, however
// many are removed at once.
import { administratorsGroup, aggregate, event, systemTenant } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event, RequestContext } from '@gesta/core'
import { z } from 'zod'
import { tenantOf } from '../input.ts'

export interface Administrator {
  readonly identity: string
  readonly account: string
}
const administrator = z.object({ identity: z.string(), account: z.string() })
export const AdministratorAdded: DomainEventContract<'Tenant.AdministratorAdded', Administrator> = event(
  'Tenant.AdministratorAdded',
  administrator,
)
export const AdministratorRemoved: DomainEventContract<'Tenant.AdministratorRemoved', Administrator> = event(
  'Tenant.AdministratorRemoved',
  administrator,
)

export interface AdministratorsState {
  /** Those whose account can sign in. */
  readonly list: readonly Administrator[]
}
type AdministratorsEvent =
  | Event<'domain', 'Tenant.AdministratorAdded', Administrator>
  | Event<'domain', 'Tenant.AdministratorRemoved', Administrator>

/** One stream, `administratorsId`, in the tenant `systemTenant`. */
export const Administrators: Aggregate<'Administrators', AdministratorsState, AdministratorsEvent> = aggregate(
  'Administrators',
  (): AdministratorsState => ({ list: [] }),
)
  .on(AdministratorAdded, ({ list }, added) => ({
    list: [...list.filter(({ identity }) => identity !== added.identity), added],
  }))
  .on(AdministratorRemoved, ({ list }, { identity }) => ({ list: list.filter((one) => one.identity !== identity) }))

export const administratorsId = 'administrators'

/** Whether a group, where a message concerns it, is the one whose members administer the app. Other tenants have none of this name. */
export function isAdministratorsGroup(group: string, context: RequestContext): boolean {
  return group === administratorsGroup && tenantOf(context) === systemTenant
}
