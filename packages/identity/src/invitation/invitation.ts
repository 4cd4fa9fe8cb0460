// An invitation: somebody is asked into a tenant by mail. Whoever has its code may accept it once, with an account.
import { aggregate, event, projection } from '@gesta/core'
import type { Aggregate, DomainEventContract, Erased, Event, Projection } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from '../account/account-events.ts'

export interface Invited {
  readonly email: string
  /** Groups that the identity will have. */
  readonly groups: readonly string[]
  /** The id of the one-time code. */
  readonly code: string
  /** RFC 3339, UTC. */
  readonly expiresAt: string
}
export const Invited: DomainEventContract<'Invitation.Invited', Invited, 'email'> = event(
  'Invitation.Invited',
  z.object({
    email: z.string(),
    groups: z.array(z.string()).readonly(),
    code: z.string(),
    expiresAt: z.string(),
  }),
  { personal: { fields: ['email'] } },
)
export const Withdrawn: DomainEventContract<'Invitation.Withdrawn', Nothing> = event(
  'Invitation.Withdrawn',
  z.object({}),
)
export interface InvitationAccepted {
  readonly account: string
  readonly identity: string
}
export const InvitationAccepted: DomainEventContract<'Invitation.Accepted', InvitationAccepted> = event(
  'Invitation.Accepted',
  z.object({ account: z.string(), identity: z.string() }),
)

export interface InvitationState {
  readonly status: 'none' | 'open' | 'withdrawn' | 'accepted'
  readonly email: string | Erased
  readonly groups: readonly string[]
  readonly code: string
  readonly expiresAt: string
  /** Who accepted it. */
  readonly identity: string | undefined
}
type InvitationEvent =
  | Event<'domain', 'Invitation.Invited', Invited>
  | Event<'domain', 'Invitation.Withdrawn', Nothing>
  | Event<'domain', 'Invitation.Accepted', InvitationAccepted>

export const Invitation: Aggregate<'Invitation', InvitationState, InvitationEvent> = aggregate(
  'Invitation',
  (): InvitationState => ({ status: 'none', email: '', groups: [], code: '', expiresAt: '', identity: undefined }),
)
  .on(Invited, (invitation, invited) => ({ ...invitation, status: 'open', ...invited }))
  .on(Withdrawn, (invitation) => ({ ...invitation, status: 'withdrawn' }))
  .on(InvitationAccepted, (invitation, { identity }) => ({ ...invitation, status: 'accepted', identity }))

export const invitations: Projection<'Invitation', InvitationState> = projection(Invitation)

/** Whether it can be accepted at a time, in milliseconds since 1970. */
export function isOpen({ status, expiresAt }: Pick<InvitationState, 'status' | 'expiresAt'>, nowMs: number): boolean {
  return status === 'open' && Date.parse(expiresAt) > nowMs
}
