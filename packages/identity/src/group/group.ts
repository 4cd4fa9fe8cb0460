// A group of a tenant: permissions under one name, and other groups whose permissions it has too.
import { aggregate, event, projection } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event, Projection } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from '../account/account-events.ts'

export interface GroupCreated {
  readonly name: string
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
}
export const GroupCreated: DomainEventContract<'Group.Created', GroupCreated> = event(
  'Group.Created',
  z.object({
    name: z.string(),
    permissions: z.array(z.string()).readonly(),
    groups: z.array(z.string()).readonly(),
  }),
)
export interface GroupRenamed {
  readonly name: string
}
export const GroupRenamed: DomainEventContract<'Group.Renamed', GroupRenamed> = event(
  'Group.Renamed',
  z.object({ name: z.string() }),
)
export interface PermissionsSet {
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
}
export const PermissionsSet: DomainEventContract<'Group.PermissionsSet', PermissionsSet> = event(
  'Group.PermissionsSet',
  z.object({ permissions: z.array(z.string()).readonly(), groups: z.array(z.string()).readonly() }),
)
export const GroupRemoved: DomainEventContract<'Group.Removed', Nothing> = event('Group.Removed', z.object({}))

export interface GroupState {
  readonly status: 'none' | 'live' | 'removed'
  readonly name: string
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
}
type GroupEvent =
  | Event<'domain', 'Group.Created', GroupCreated>
  | Event<'domain', 'Group.Renamed', GroupRenamed>
  | Event<'domain', 'Group.PermissionsSet', PermissionsSet>
  | Event<'domain', 'Group.Removed', Nothing>

export const Group: Aggregate<'Group', GroupState, GroupEvent> = aggregate('Group', (): GroupState => ({
  status: 'none',
  name: '',
  permissions: [],
  groups: [],
}))
  .on(GroupCreated, (_, created) => ({ status: 'live', ...created }))
  .on(GroupRenamed, (group, { name }) => ({ ...group, name }))
  .on(PermissionsSet, (group, set) => ({ ...group, ...set }))
  .on(GroupRemoved, (group) => ({ ...group, status: 'removed', permissions: [], groups: [] }))

export const groups: Projection<'Group', GroupState> = projection(Group)
