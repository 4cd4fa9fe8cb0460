// What the domain Group can be told and asked, each for one tenant.
import { command, query } from '@gesta/core'
import type { CommandContract } from '@gesta/core'
import { z } from 'zod'
import { groupIds, id, name, paged, pageOf } from '../input.ts'
import type { Asked, Paged, PageOf, Told } from '../input.ts'
import { giveRejections } from './may-give.ts'
import type { GiveRejections } from './may-give.ts'

export interface GroupShown {
  readonly groupUuid: string
  readonly name: string
  readonly status: 'live' | 'removed'
  readonly permissions: readonly string[]
  readonly groups: readonly string[]
}
/** Names, `Domain.*`, `*`; whether the app has them is looked at when they are given. */
const permissions: z.ZodType<readonly string[], readonly string[]> = z
  .array(z.string().min(1).max(200))
  .max(500)
  .readonly()
const one = z.object({ groupUuid: id })
const unknown = { unknown_group: 'There is no such group in this tenant.' }
const own = { protected_group: 'The group of system administrators stays as it is.' }
const shown: z.ZodType<GroupShown> = z.object({
  groupUuid: z.string(),
  name: z.string(),
  status: z.enum(['live', 'removed']),
  permissions: z.array(z.string()).readonly(),
  groups: z.array(z.string()).readonly(),
})

interface Ruled {
  readonly permissions: readonly string[]
  /** Groups whose permissions it has too. */
  readonly groups?: readonly string[] | undefined
}
export const create: CommandContract<
  'Group.Create',
  Ruled & { readonly name: string },
  { readonly groupUuid: string },
  GiveRejections & { readonly unknown_tenant: undefined }
> = command('Group.Create', {
  description: 'Make a group, with permissions that one holds oneself',
  input: z.object({ name, permissions, groups: groupIds.optional() }),
  result: z.object({ groupUuid: z.string() }),
  rejections: { ...giveRejections, unknown_tenant: 'There is no such tenant.' },
})
export const rename: Told<
  'Group.Rename',
  { readonly groupUuid: string; readonly name: string },
  void,
  'unknown_group' | 'protected_group'
> = command('Group.Rename', {
  description: 'Rename a group',
  input: z.object({ groupUuid: id, name }),
  rejections: { ...unknown, ...own },
})
export const setPermissions: CommandContract<
  'Group.SetPermissions',
  Ruled & { readonly groupUuid: string },
  void,
  GiveRejections & { readonly protected_group: undefined }
> = command('Group.SetPermissions', {
  description: 'Say what a group holds, of what one holds oneself',
  input: z.object({ groupUuid: id, permissions, groups: groupIds.optional() }),
  rejections: { ...giveRejections, ...own },
  audited: true,
})
export const remove: Told<'Group.Remove', { readonly groupUuid: string }, void, 'unknown_group' | 'protected_group'> =
  command('Group.Remove', {
    description: 'Remove a group: whoever has it loses what it holds',
    input: one,
    rejections: { ...unknown, ...own },
    audited: true,
  })
export const get: Asked<'Group.Get', { readonly groupUuid: string }, GroupShown | null> = query('Group.Get', {
  description: 'Look at a group',
  input: one,
  result: shown.nullable(),
})
export const list: Asked<'Group.List', PageOf, Paged<GroupShown>> = query('Group.List', {
  description: 'List the groups',
  input: pageOf,
  result: paged(shown),
})
