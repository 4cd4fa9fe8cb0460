// A workspace of a tenant: a part of its data that some of its identities work in.
import { aggregate, event, projection } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event, Projection } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from '../account/account-events.ts'

export interface WorkspaceNamed {
  readonly name: string
}
const named = z.object({ name: z.string() })
export const WorkspaceCreated: DomainEventContract<'Workspace.Created', WorkspaceNamed> = event(
  'Workspace.Created',
  named,
)
export const WorkspaceRenamed: DomainEventContract<'Workspace.Renamed', WorkspaceNamed> = event(
  'Workspace.Renamed',
  named,
)
export const WorkspaceRemoved: DomainEventContract<'Workspace.Removed', Nothing> = event(
  'Workspace.Removed',
  z.object({}),
)

export interface WorkspaceState {
  readonly status: 'none' | 'live' | 'removed'
  readonly name: string
}
type WorkspaceEvent =
  | Event<'domain', 'Workspace.Created', WorkspaceNamed>
  | Event<'domain', 'Workspace.Renamed', WorkspaceNamed>
  | Event<'domain', 'Workspace.Removed', Nothing>

export const Workspace: Aggregate<'Workspace', WorkspaceState, WorkspaceEvent> = aggregate(
  'Workspace',
  (): WorkspaceState => ({ status: 'none', name: '' }),
)
  .on(WorkspaceCreated, (_, { name }) => ({ status: 'live', name }))
  .on(WorkspaceRenamed, (workspace, { name }) => ({ ...workspace, name }))
  .on(WorkspaceRemoved, (workspace) => ({ ...workspace, status: 'removed' }))

export const workspaces: Projection<'Workspace', WorkspaceState> = projection(Workspace)
