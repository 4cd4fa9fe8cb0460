// What the domain Invitation can be told and asked, each for one tenant.
import { command, query } from '@gesta/core'
import type { CommandContract } from '@gesta/core'
import { z } from 'zod'
import { giveRejections } from '../group/may-give.ts'
import type { GiveRejections } from '../group/may-give.ts'
import { groupIds, id, name, paged, pageOf } from '../input.ts'
import type { Asked, Paged, PageOf, Told } from '../input.ts'
import { codeLengthMax } from '../secrets/codes.ts'

export interface InvitationShown {
  readonly invitationUuid: string
  /** `null`: it was erased. */
  readonly email: string | null
  readonly status: 'open' | 'expired' | 'withdrawn' | 'accepted'
  readonly groups: readonly string[]
  /** RFC 3339, UTC. */
  readonly expiresAt: string
}
const one = z.object({ invitationUuid: id })
const shown: z.ZodType<InvitationShown> = z.object({
  invitationUuid: z.string(),
  email: z.string().nullable(),
  status: z.enum(['open', 'expired', 'withdrawn', 'accepted']),
  groups: z.array(z.string()).readonly(),
  expiresAt: z.string(),
})

export const invite: CommandContract<
  'Invitation.Invite',
  { readonly email: string; readonly groups: readonly string[] },
  { readonly invitationUuid: string },
  GiveRejections & { readonly unknown_tenant: undefined }
> = command('Invitation.Invite', {
  description: 'Invite somebody by mail, with groups whose permissions one holds oneself',
  input: z.object({ email: z.email().max(254), groups: groupIds }),
  result: one,
  rejections: { ...giveRejections, unknown_tenant: 'There is no such tenant.' },
  redact: { email: 'personal' },
  audited: true,
})
export const withdraw: Told<
  'Invitation.Withdraw',
  { readonly invitationUuid: string },
  void,
  'unknown_invitation' | 'already_accepted'
> = command('Invitation.Withdraw', {
  description: 'Withdraw an invitation: its code is worth nothing from then on',
  input: one,
  rejections: {
    unknown_invitation: 'There is no such invitation in this tenant.',
    already_accepted: 'It was accepted. Remove the identity instead.',
  },
  audited: true,
})
export const accept: Told<
  'Invitation.Accept',
  { readonly code: string; readonly name: string },
  { readonly identityUuid: string },
  'invalid_code' | 'account_not_active'
> = command('Invitation.Accept', {
  description: 'Accept an invitation with the account that one is signed in to',
  input: z.object({ code: z.string().max(codeLengthMax), name }),
  result: z.object({ identityUuid: z.string() }),
  rejections: {
    invalid_code:
      'The code stands for no open invitation of this tenant: it was used, withdrawn, has expired, or is wrong.',
    account_not_active: 'The address of your account was never verified. Verify it first.',
  },
  redact: { code: 'secret', name: 'personal' },
  audited: true,
})
export const get: Asked<'Invitation.Get', { readonly invitationUuid: string }, InvitationShown | null> = query(
  'Invitation.Get',
  { description: 'Look at an invitation', input: one, result: shown.nullable() },
)
export const list: Asked<'Invitation.List', PageOf, Paged<InvitationShown>> = query('Invitation.List', {
  description: 'List the invitations that are open',
  input: pageOf,
  result: paged(shown),
})

export interface OpenInvitation {
  readonly invitationUuid: string
  /** The id of its code. */
  readonly code: string
}
/** For the app itself, when somebody comes with a code: until when the invitation can be accepted. `null`: it cannot. */
export const openUntil: Asked<'Invitation.OpenUntil', OpenInvitation, string | null> = query('Invitation.OpenUntil', {
  description: 'Ask whether an invitation can be accepted',
  input: z.object({ invitationUuid: id, code: z.string().max(64) }),
  result: z.string().nullable(),
  history: false,
})

/** For the app itself, when a person is erased: the invitations that an identity accepted, which tell an address. */
export const acceptedBy: Asked<'Invitation.AcceptedBy', { readonly identityUuid: string }, readonly string[]> = query(
  'Invitation.AcceptedBy',
  {
    description: 'Ask which invitations an identity accepted',
    input: z.object({ identityUuid: id }),
    result: z.array(z.string()).readonly(),
    history: false,
  },
)
