// What the domain Identity can be told and asked, each for one tenant.
import { command, query } from '@gesta/core'
import type { CommandContract } from '@gesta/core'
import { z } from 'zod'
import { giveRejections } from '../group/may-give.ts'
import type { GiveRejections } from '../group/may-give.ts'
import { groupIds, id, name, paged, pageOf } from '../input.ts'
import type { Asked, Paged, PageOf, Told } from '../input.ts'

export interface IdentityShown {
  readonly identityUuid: string
  /** `null`: of a service account. */
  readonly account: string | null
  /** `null`: it was erased. */
  readonly name: string | null
  readonly status: 'live' | 'removed'
  readonly groups: readonly string[]
  readonly workspaces: readonly { readonly workspaceUuid: string; readonly groups: readonly string[] }[]
}
const one = z.object({ identityUuid: id })
const texts = z.array(z.string()).readonly()
const shown: z.ZodType<IdentityShown> = z.object({
  identityUuid: z.string(),
  account: z.string().nullable(),
  name: z.string().nullable(),
  status: z.enum(['live', 'removed']),
  groups: texts,
  workspaces: z.array(z.object({ workspaceUuid: z.string(), groups: texts })).readonly(),
})
const unknown = { unknown_identity: 'There is no such identity in this tenant.' }
const unknownWorkspace = { unknown_workspace: 'There is no such workspace in this tenant.' }
const lastOne = { last_administrator: 'It is the last administrator of the app. Make another one first.' }

export const create: CommandContract<
  'Identity.Create',
  { readonly account: string; readonly name: string; readonly groups: readonly string[] },
  { readonly identityUuid: string },
  GiveRejections & {
    readonly unknown_tenant: undefined
    readonly account_not_active: undefined
    readonly already_member: undefined
  }
> = command('Identity.Create', {
  description: 'Take an account into the tenant, with groups whose permissions one holds oneself',
  input: z.object({ account: id, name, groups: groupIds }),
  result: one,
  rejections: {
    ...giveRejections,
    unknown_tenant: 'There is no such tenant.',
    account_not_active: 'There is no such account, it is blocked, or its address was never verified.',
    already_member: 'The account has an identity in this tenant.',
  },
  redact: { name: 'personal' },
})
export const rename: Told<
  'Identity.Rename',
  { readonly identityUuid: string; readonly name: string },
  void,
  'unknown_identity'
> = command('Identity.Rename', {
  description: 'Rename an identity',
  input: z.object({ identityUuid: id, name }),
  rejections: unknown,
  redact: { name: 'personal' },
})

interface OneGroup {
  readonly identityUuid: string
  readonly groupUuid: string
}
const oneGroup = z.object({ identityUuid: id, groupUuid: id })
export const addGroup: CommandContract<
  'Identity.AddGroup',
  OneGroup,
  void,
  GiveRejections & {
    readonly unknown_identity: undefined
    readonly account_not_active: undefined
    readonly administrators_are_people: undefined
  }
> = command('Identity.AddGroup', {
  description: 'Give an identity a group whose permissions one holds oneself',
  input: oneGroup,
  rejections: {
    ...giveRejections,
    ...unknown,
    account_not_active: 'Its account is blocked, or its address was never verified.',
    administrators_are_people: 'A program cannot be a system administrator. Give it a group that names what it needs.',
  },
  audited: true,
})
export const removeGroup: Told<'Identity.RemoveGroup', OneGroup, void, 'unknown_identity' | 'last_administrator'> =
  command('Identity.RemoveGroup', {
    description: 'Take a group from an identity, which is denied at once',
    input: oneGroup,
    rejections: { ...unknown, ...lastOne },
    audited: true,
  })

export const joinWorkspace: CommandContract<
  'Identity.JoinWorkspace',
  { readonly identityUuid: string; readonly workspaceUuid: string; readonly groups: readonly string[] },
  void,
  GiveRejections & { readonly unknown_identity: undefined; readonly unknown_workspace: undefined }
> = command('Identity.JoinWorkspace', {
  description:
    'Make an identity a member of a workspace, or change its groups there, with permissions that one holds oneself',
  input: z.object({ identityUuid: id, workspaceUuid: id, groups: groupIds }),
  rejections: { ...giveRejections, ...unknown, ...unknownWorkspace },
  audited: true,
})
export const leaveWorkspace: Told<
  'Identity.LeaveWorkspace',
  { readonly identityUuid: string; readonly workspaceUuid: string },
  void,
  'unknown_identity'
> = command('Identity.LeaveWorkspace', {
  description: 'End the membership of an identity in a workspace',
  input: z.object({ identityUuid: id, workspaceUuid: id }),
  rejections: unknown,
  audited: true,
})
export const remove: Told<
  'Identity.Remove',
  { readonly identityUuid: string },
  void,
  'unknown_identity' | 'last_administrator'
> = command('Identity.Remove', {
  description: 'Remove an identity from the tenant: it is denied at once',
  input: one,
  rejections: { ...unknown, ...lastOne },
  audited: true,
})

export const get: Asked<'Identity.Get', { readonly identityUuid: string }, IdentityShown | null> = query(
  'Identity.Get',
  { description: 'Look at an identity', input: one, result: shown.nullable() },
)
export const list: Asked<'Identity.List', PageOf, Paged<IdentityShown>> = query('Identity.List', {
  description: 'List the identities',
  input: pageOf,
  result: paged(shown),
})
export const me: Asked<'Identity.Me', void, IdentityShown | null> = query('Identity.Me', {
  description: 'See what one is in the tenant that one acts in',
  result: shown.nullable(),
})
