// Tells an account which identities it has: these lie in their own tenants, and a person who signs in chooses among all of them. With an
// account that is removed they go too, and what their tenants know of the person.
import { handle, subscriber, systemTenant } from '@gesta/core'
import type { EventContext, Handler, Subscriber } from '@gesta/core'
import { MembershipAdded, MembershipRemoved, Removed } from '../account/account-events.ts'
import type { Membership } from '../account/account-events.ts'
import { Account } from '../account/account.ts'
import { appOnly, asApp } from '../app-only.ts'
import type { Binding } from '../bound.ts'
import { acceptedBy } from '../invitation/invitation-contracts.ts'
import { remove } from '../member/member-contracts.ts'
import { IdentityCreated, IdentityRemoved } from '../member/member.ts'
import { everMember, noteMembership, noteMembershipEnd } from './tenant-contracts.ts'

const note = handle(
  noteMembership,
  async ({ account, tenant, identity }, { load }) => {
    const { state, emit } = await load(Account, account)
    if (state.status === 'removed') return noteMembership.reject('account_removed')
    if (state.status === 'none' || state.memberships.some((one) => one.identity === identity)) return
    emit(MembershipAdded({ tenant, identity }))
  },
  appOnly,
)

const noteEnd = handle(
  noteMembershipEnd,
  async ({ account, tenant, identity }, { load }) => {
    const { state, emit } = await load(Account, account)
    if (state.memberships.some((one) => one.identity === identity)) emit(MembershipRemoved({ tenant, identity }))
  },
  appOnly,
)

export const membershipHandlers: readonly [Handler<typeof noteMembership>, Handler<typeof noteMembershipEnd>] = [
  note,
  noteEnd,
]

const asSystem = asApp(systemTenant)

export function followMemberships(binding: Binding): Subscriber<'Tenant.FollowMemberships'> {
  /** Of the person who had it nothing is left in its tenant: neither the name nor the address of an invitation. */
  const forget = async (
    { tenant, identity }: Membership,
    { dispatch, query }: Pick<EventContext<unknown>, 'dispatch' | 'query'>,
  ): Promise<void> => {
    const { app } = await binding.ready
    const { token: after } = await dispatch(remove({ identityUuid: identity }), asApp(tenant))
    const invitations = await query(acceptedBy({ identityUuid: identity }), { ...asApp(tenant), after })
    for (const subject of [identity, ...invitations])
      await app.erase({ tenant, subject, reason: 'The account was removed.' })
  }
  return (
    subscriber('Tenant.FollowMemberships', { attemptsMax: Number.POSITIVE_INFINITY })
      .on(IdentityCreated, async ({ account }, context) => {
        if (account === undefined) return
        const { tenant, aggregate } = context.event
        const identity = aggregate.id
        const noted = await context.dispatch(noteMembership({ account, tenant, identity }), asSystem)
        // It was made while its account was removed.
        if (!noted.ok) await forget({ tenant, identity }, context)
      })
      .on(IdentityRemoved, async ({ account }, { event, dispatch }) => {
        if (account === undefined) return
        const { tenant, aggregate } = event
        await dispatch(noteMembershipEnd({ account, tenant, identity: aggregate.id }), asSystem)
      })
      // This subscriber alone changes what a removed account notes, so a repeated run sends the same.
      .on(Removed, async (_, context) => {
        const had = await context.query(everMember({ account: context.event.aggregate.id }), asSystem)
        for (const one of had) await forget(one, context)
      })
  )
}
