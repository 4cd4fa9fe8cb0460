// The domain Invitation: somebody is asked into a tenant by mail, and comes with an account.
import { domain, handle, subscriber } from '@gesta/core'
import type { CommandContext, Domain, EventContext, Model, RecordedEvent, Subscriber } from '@gesta/core'
import { appOnly } from '../app-only.ts'
import type { Binding } from '../bound.ts'
import { mayGive } from '../group/may-give.ts'
import { pageOptions, shown as shownText, tenantOf } from '../input.ts'
import { AccountIdentity } from '../member/account-identity.ts'
import { Member } from '../member/member.ts'
import { addGroups, createMember } from '../member/membership.ts'
import { isActiveAccount, isLiveTenant } from '../tenant/ask-system.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import * as contracts from './invitation-contracts.ts'
import type { InvitationShown } from './invitation-contracts.ts'
import { Invitation, InvitationAccepted, invitations, Invited, isOpen, Withdrawn } from './invitation.ts'
import type { InvitationState } from './invitation.ts'

export type InvitationDomain = Domain<'Invitation', (typeof contracts)[keyof typeof contracts]>

const lifetimeMs = 7 * 86_400_000

const withdraw = handleTenantWide(contracts.withdraw, async ({ invitationUuid }, { load }) => {
  const { state, emit } = await load(Invitation, invitationUuid)
  if (state.status === 'none') return contracts.withdraw.reject('unknown_invitation')
  if (state.status === 'accepted') return contracts.withdraw.reject('already_accepted')
  if (state.status === 'open') emit(Withdrawn({}))
})

export function invitationDomain(binding: Binding): InvitationDomain {
  const nowMs = (): number => binding.now().settings.now()

  const invite = handleTenantWide(contracts.invite, async ({ email, groups }, context) => {
    const bound = binding.now()
    const tenant = tenantOf(context.context)
    if (!(await isLiveTenant(bound, tenant))) return contracts.invite.reject('unknown_tenant')
    const refusal = await mayGive(bound, context, { groups })
    if (refusal !== undefined) return refusal
    const invitation = await context.load(Invitation, context.newId())
    const subject = invitation.id
    const expiresAt = new Date(bound.settings.now() + lifetimeMs).toISOString()
    // What a conflict leaves of an earlier attempt is named by no event, so it opens nothing, and expires.
    const code = await bound.codes.issue({ tenant, kind: 'invitation', subject, lifetimeMs, data: { email } })
    invitation.emit(Invited({ email, groups: [...new Set(groups)], code: code.id, expiresAt }))
    return { invitationUuid: invitation.id }
  })

  /** Whoever has the code may: it need not be the address that was invited, because people have several. */
  const accept = handle(contracts.accept, async ({ code, name }, context) => {
    const { reject } = contracts.accept
    const bound = binding.now()
    const { account } = context.context
    const tenant = tenantOf(context.context)
    const found = await bound.codes.find('invitation', code)
    if (found === undefined || found.tenant !== tenant) return reject('invalid_code')
    const invitation = await context.load(Invitation, found.subject)
    const { state } = invitation
    if (!isOpen(state, nowMs()) || state.code !== found.id) return reject('invalid_code')
    if (!(await isLiveTenant(bound, tenant))) return reject('invalid_code')
    if (account === undefined || !(await isActiveAccount(bound, context, account))) return reject('account_not_active')
    const identity = await joined(context, account, name, state.groups)
    invitation.emit(InvitationAccepted({ account, identity }))
    return { identityUuid: identity }
  })

  const get = handleTenantWide(contracts.get, async ({ invitationUuid }, { read }) => {
    const model = await read(invitations).get(invitationUuid)
    return model === undefined ? null : shown(model, nowMs())
  })

  const list = handleTenantWide(contracts.list, async (page, { read }) => {
    const options = { ...pageOptions(page), where: { status: 'open' }, orderBy: 'createdAt' } as const
    const { items, total } = await read(invitations).list(options)
    return { items: items.map((model) => shown(model, nowMs())), total }
  })

  /** Of the log, which knows of the last moment that somebody withdrew it. */
  const openUntil = handle(
    contracts.openUntil,
    async ({ invitationUuid, code }, { history }) => {
      const [last] = (await history(Invitation, invitationUuid, { limit: 1 })).items
      if (last?.eventName !== Invited.type) return null
      const invited = last.data as unknown as Pick<Invited, 'code' | 'expiresAt'>
      return invited.code === code && isOpen({ status: 'open', ...invited }, nowMs()) ? invited.expiresAt : null
    },
    appOnly,
  )

  const acceptedBy = handle(
    contracts.acceptedBy,
    async ({ identityUuid }, { read }) => {
      const found: string[] = []
      for (let page = 1; ; page++) {
        const where = { identity: identityUuid }
        const { items, total } = await read(invitations).list({ where, page, pageSize: 200, orderBy: 'createdAt' })
        found.push(...items.map(({ id }) => id))
        if (items.length === 0 || found.length >= total) return found
      }
    },
    appOnly,
  )

  return domain('Invitation', {
    roles: ['any'],
    permissions: {
      'Invitation.Invite': 'authorized',
      'Invitation.Withdraw': 'authorized',
      'Invitation.Accept': 'authenticated',
      'Invitation.Get': 'authorized',
      'Invitation.List': 'authorized',
      'Invitation.OpenUntil': 'authorized',
      'Invitation.AcceptedBy': 'authorized',
    },
    handlers: [invite, withdraw, accept, get, list, openUntil, acceptedBy],
    aggregates: [Invitation],
    readModels: [invitations],
    subscribers: [forgetCodes(binding)],
  })
}

/** The identity that an account has from now on, with these groups at least. */
async function joined(
  context: CommandContext,
  account: string,
  name: string,
  groups: readonly string[],
): Promise<string> {
  const { identity } = (await context.load(AccountIdentity, account)).state
  if (identity === undefined) return createMember(context, { account, name, groups })
  await addGroups(context, await context.load(Member, identity), groups)
  return identity
}

/** A code that nothing can be done with any more need not wait for its end. */
function forgetCodes(binding: Binding): Subscriber<'Invitation.ForgetCodes'> {
  const forget = async (_: unknown, { event }: EventContext<RecordedEvent>): Promise<void> => {
    const { credentials } = await binding.ready
    await credentials.removeOf(event.tenant, event.aggregate.id)
  }
  return subscriber('Invitation.ForgetCodes', { attemptsMax: Number.POSITIVE_INFINITY })
    .on(InvitationAccepted, forget)
    .on(Withdrawn, forget)
}

function shown({ id, state }: Model<InvitationState>, nowMs: number): InvitationShown {
  const { status, email, groups, expiresAt } = state
  const isOver = status === 'open' && !isOpen(state, nowMs)
  return {
    invitationUuid: id,
    email: shownText(email),
    status: isOver ? 'expired' : status === 'none' ? 'withdrawn' : status,
    groups,
    expiresAt,
  }
}
