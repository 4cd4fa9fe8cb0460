// What the domain Workspace can be told and asked, each for one tenant.
import { command, query } from '@gesta/core'
import { z } from 'zod'
import { id, name, paged, pageOf } from '../input.ts'
import type { Asked, Paged, PageOf, Told } from '../input.ts'

export interface WorkspaceShown {
  readonly workspaceUuid: string
  readonly name: string
  readonly status: 'live' | 'removed'
}
const one = z.object({ workspaceUuid: id })
const unknown = { unknown_workspace: 'There is no such workspace in this tenant.' }
const shown: z.ZodType<WorkspaceShown> = z.object({
  workspaceUuid: z.string(),
  name: z.string(),
  status: z.enum(['live', 'removed']),
})

export const create: Told<
  'Workspace.Create',
  { readonly name: string },
  { readonly workspaceUuid: string },
  'unknown_tenant'
> = command('Workspace.Create', {
  description: 'Make a workspace',
  input: z.object({ name }),
  result: one,
  rejections: { unknown_tenant: 'There is no such tenant.' },
})
export const rename: Told<
  'Workspace.Rename',
  { readonly workspaceUuid: string; readonly name: string },
  void,
  'unknown_workspace'
> = command('Workspace.Rename', {
  description: 'Rename a workspace',
  input: z.object({ workspaceUuid: id, name }),
  rejections: unknown,
})
export const remove: Told<'Workspace.Remove', { readonly workspaceUuid: string }, void, 'unknown_workspace'> = command(
  'Workspace.Remove',
  {
    description: 'Remove a workspace: its members are denied at once, its data stays',
    input: one,
    rejections: unknown,
    audited: true,
  },
)
export const get: Asked<'Workspace.Get', { readonly workspaceUuid: string }, WorkspaceShown | null> = query(
  'Workspace.Get',
  { description: 'Look at a workspace', input: one, result: shown.nullable() },
)
export const list: Asked<'Workspace.List', PageOf, Paged<WorkspaceShown>> = query('Workspace.List', {
  description: 'List the workspaces',
  input: pageOf,
  result: paged(shown),
})
