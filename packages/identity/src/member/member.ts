// An identity: what an account, or a program, is in one tenant. It holds groups, and more groups in workspaces.
import { aggregate, event, projection } from '@gesta/core'
import type { Aggregate, DomainEventContract, Erased, Event, Projection } from '@gesta/core'
import { z } from 'zod'

export interface IdentityCreated {
  /** Absent: it is a service account, which signs in by keys alone. */
  readonly account?: string | undefined
  /** What its tenant calls it. */
  readonly name: string
  readonly groups: readonly string[]
}
export const IdentityCreated: DomainEventContract<'Identity.Created', IdentityCreated, 'name'> = event(
  'Identity.Created',
  z.object({ account: z.string().optional(), name: z.string(), groups: z.array(z.string()).readonly() }),
  { personal: { fields: ['name'] } },
)
export interface IdentityRenamed {
  readonly name: string
}
export const IdentityRenamed: DomainEventContract<'Identity.Renamed', IdentityRenamed, 'name'> = event(
  'Identity.Renamed',
  z.object({ name: z.string() }),
  { personal: { fields: ['name'] } },
)
export interface GroupOfIdentity {
  readonly group: string
}
const groupOf = z.object({ group: z.string() })
export const GroupAdded: DomainEventContract<'Identity.GroupAdded', GroupOfIdentity> = event(
  'Identity.GroupAdded',
  groupOf,
)
export const GroupRemoved: DomainEventContract<'Identity.GroupRemoved', GroupOfIdentity> = event(
  'Identity.GroupRemoved',
  groupOf,
)
export interface WorkspaceJoined {
  readonly workspace: string
  readonly groups: readonly string[]
}
/** Also when the groups in a workspace change. */
export const WorkspaceJoined: DomainEventContract<'Identity.WorkspaceJoined', WorkspaceJoined> = event(
  'Identity.WorkspaceJoined',
  z.object({ workspace: z.string(), groups: z.array(z.string()).readonly() }),
)
export interface WorkspaceLeft {
  readonly workspace: string
}
export const WorkspaceLeft: DomainEventContract<'Identity.WorkspaceLeft', WorkspaceLeft> = event(
  'Identity.WorkspaceLeft',
  z.object({ workspace: z.string() }),
)
export interface IdentityRemoved {
  readonly account?: string | undefined
}
export const IdentityRemoved: DomainEventContract<'Identity.Removed', IdentityRemoved> = event(
  'Identity.Removed',
  z.object({ account: z.string().optional() }),
)

export interface MemberState {
  readonly status: 'none' | 'live' | 'removed'
  readonly account: string | undefined
  readonly name: string | Erased
  readonly groups: readonly string[]
  readonly workspaces: readonly WorkspaceJoined[]
}
export type MemberEvent =
  | Event<'domain', 'Identity.Created', IdentityCreated>
  | Event<'domain', 'Identity.Renamed', IdentityRenamed>
  | Event<'domain', 'Identity.GroupAdded', GroupOfIdentity>
  | Event<'domain', 'Identity.GroupRemoved', GroupOfIdentity>
  | Event<'domain', 'Identity.WorkspaceJoined', WorkspaceJoined>
  | Event<'domain', 'Identity.WorkspaceLeft', WorkspaceLeft>
  | Event<'domain', 'Identity.Removed', IdentityRemoved>

/** Its id is the identity's; it lies in its tenant. */
export const Member: Aggregate<'Identity', MemberState, MemberEvent> = aggregate('Identity', (): MemberState => ({
  status: 'none',
  account: undefined,
  name: '',
  groups: [],
  workspaces: [],
}))
  .on(IdentityCreated, (member, { account, name, groups }) => ({ ...member, status: 'live', account, name, groups }))
  .on(IdentityRenamed, (member, { name }) => ({ ...member, name }))
  .on(GroupAdded, (member, { group }) => ({
    ...member,
    groups: [...member.groups.filter((one) => one !== group), group],
  }))
  .on(GroupRemoved, (member, { group }) => ({ ...member, groups: member.groups.filter((one) => one !== group) }))
  .on(WorkspaceJoined, (member, joined) => ({
    ...member,
    workspaces: [...member.workspaces.filter(({ workspace }) => workspace !== joined.workspace), joined],
  }))
  .on(WorkspaceLeft, (member, { workspace }) => ({
    ...member,
    workspaces: member.workspaces.filter((one) => one.workspace !== workspace),
  }))
  .on(IdentityRemoved, (member) => ({ ...member, status: 'removed', groups: [], workspaces: [] }))

export const members: Projection<'Identity', MemberState> = projection(Member)
