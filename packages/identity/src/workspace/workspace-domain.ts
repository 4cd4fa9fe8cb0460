// The domain Workspace: parts of a tenant's data that some of its identities work in.
import { domain } from '@gesta/core'
import type { Domain, Model } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { pageOptions, tenantOf } from '../input.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import { isLiveTenant } from '../tenant/ask-system.ts'
import * as contracts from './workspace-contracts.ts'
import type { WorkspaceShown } from './workspace-contracts.ts'
import { Workspace, WorkspaceCreated, WorkspaceRemoved, WorkspaceRenamed, workspaces } from './workspace.ts'
import type { WorkspaceState } from './workspace.ts'

export type WorkspaceDomain = Domain<'Workspace', (typeof contracts)[keyof typeof contracts]>

const rename = handleTenantWide(contracts.rename, async ({ workspaceUuid, name }, { load }) => {
  const { state, emit } = await load(Workspace, workspaceUuid)
  if (state.status !== 'live') return contracts.rename.reject('unknown_workspace')
  if (state.name !== name) emit(WorkspaceRenamed({ name }))
})

const remove = handleTenantWide(contracts.remove, async ({ workspaceUuid }, { load }) => {
  const { state, emit } = await load(Workspace, workspaceUuid)
  if (state.status === 'none') return contracts.remove.reject('unknown_workspace')
  if (state.status === 'live') emit(WorkspaceRemoved({}))
})

const get = handleTenantWide(contracts.get, async ({ workspaceUuid }, { read }) => {
  const model = await read(workspaces).get(workspaceUuid)
  return model === undefined ? null : shown(model)
})

const list = handleTenantWide(contracts.list, async (page, { read }) => {
  const options = { ...pageOptions(page), where: { status: 'live' }, orderBy: 'name' } as const
  const { items, total } = await read(workspaces).list(options)
  return { items: items.map(shown), total }
})

export function workspaceDomain(binding: Binding): WorkspaceDomain {
  const create = handleTenantWide(contracts.create, async ({ name }, { context, load, newId }) => {
    if (!(await isLiveTenant(binding.now(), tenantOf(context)))) return contracts.create.reject('unknown_tenant')
    const workspace = await load(Workspace, newId())
    workspace.emit(WorkspaceCreated({ name }))
    return { workspaceUuid: workspace.id }
  })

  return domain('Workspace', {
    roles: ['any'],
    permissions: 'authorized',
    handlers: [create, rename, remove, get, list],
    aggregates: [Workspace],
    readModels: [workspaces],
    advances: [
      [WorkspaceCreated, () => 'tenant'],
      [WorkspaceRemoved, () => 'tenant'],
    ],
  })
}

function shown({ id, state }: Model<WorkspaceState>): WorkspaceShown {
  return { workspaceUuid: id, name: state.name, status: state.status === 'removed' ? 'removed' : 'live' }
}
