// Nobody gives what they do not hold: who puts somebody into a group, or sets what a group holds, must hold all that this adds.
import { administratorsGroup, systemTenant } from '@gesta/core'
import type { CommandContext, Explanation, RejectedBy } from '@gesta/core'
import { z } from 'zod'
import type { Bound } from '../bound.ts'
import { tenantOf } from '../input.ts'
import { expand, unknownOf } from './expand.ts'
import { Group } from './group.ts'

/** Permissions and groups that somebody is to have. */
export interface Gift {
  readonly permissions?: readonly string[] | undefined
  readonly groups?: readonly string[] | undefined
}
export interface GiveOptions {
  /** A group that will include what is given: what it holds itself is nothing new to those who have it. */
  readonly to?: string | undefined
  /** The workspace that the gift is for. Absent: the whole tenant. */
  readonly workspace?: string | undefined
}
export interface GiveRejections {
  readonly unknown_group: { readonly group: string }
  readonly unknown_permission: { readonly permission: string; readonly nearest?: string | undefined }
  readonly not_held: { readonly permission: string }
}
type GiveRefusal = RejectedBy<GiveRejections>

/** Of contracts that give: `{ rejections: { ...giveRejections } }`. */
export const giveRejections: {
  readonly [Code in keyof GiveRejections]: {
    readonly reason: string
    readonly details: z.ZodType<GiveRejections[Code]>
  }
} = {
  unknown_group: {
    reason: 'There is no such group in this tenant.',
    details: z.object({ group: z.string() }),
  },
  unknown_permission: {
    reason: 'The app has no such permission.',
    details: z.object({ permission: z.string(), nearest: z.string().optional() }),
  },
  not_held: {
    reason: 'It would give a permission that you do not hold yourself.',
    details: z.object({ permission: z.string() }),
  },
}

/**
 * Why the caller of a command may not give this; absent: they may. What it looked at is a condition of the commit: the groups by their
 * versions, what the caller holds by the epochs that the command was allowed by.
 */
export async function mayGive(
  { app }: Pick<Bound, 'app'>,
  context: CommandContext,
  gift: Gift,
  { to, workspace }: GiveOptions = {},
): Promise<GiveRefusal | undefined> {
  const { permissions = [], groups = [] } = gift
  const entries = app.permissions.list()
  const unknown = unknownOf(entries, permissions)
  if (unknown !== undefined) return refusal('unknown_permission', unknown)
  for (const group of groups)
    if ((await context.load(Group, group)).state.status !== 'live') return refusal('unknown_group', { group })
  const caller = { ...context.context, targetWorkspace: workspace }
  if (isAdministrators(await app.permissions.explain(caller, 'Group.SetPermissions'))) return undefined
  const tenant = tenantOf(caller)
  if (tenant === systemTenant && groups.includes(administratorsGroup)) return refusal('not_held', { permission: '*' })
  for (const permission of expand(entries, await namesOf(context, gift, to)))
    if (isKept(await app.permissions.explain(caller, permission), caller.tenant === tenant))
      return refusal('not_held', { permission })
  return undefined
}

function refusal<Code extends keyof GiveRejections>(code: Code, details: GiveRejections[Code]): GiveRefusal {
  return { rejected: true, code, reason: giveRejections[code].reason, details } as GiveRefusal
}

/** Names that a gift holds itself and through groups. A circle adds nothing. */
async function namesOf(
  { load }: CommandContext,
  { permissions = [], groups = [] }: Gift,
  to: string | undefined,
): Promise<ReadonlySet<string>> {
  const names = new Set(permissions)
  const seen = new Set(groups)
  // Grows while it is walked.
  for (const id of seen) {
    if (id === to) continue
    const { state } = await load(Group, id)
    for (const name of state.permissions) names.add(name)
    for (const other of state.groups) seen.add(other)
  }
  return names
}

/** Whether it was allowed because a system administrator asks, or the app itself. */
function isAdministrators({ path }: Explanation): boolean {
  return path.at(-1)?.step === 'administrators' && path.at(-1)?.result === 'allowed'
}

/** Whether the caller lacks it. What no group of this tenant can ever have, whoever names it, is given by nobody. */
function isKept({ allowed, path }: Explanation, isOwnTenant: boolean): boolean {
  const step = path.at(-1)?.step
  return !allowed && !(isOwnTenant && (step === 'tenant' || step === 'administrators'))
}
