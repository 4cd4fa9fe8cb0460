// Which identities an account can choose from: what it notes of its tenants, as these have it now, and the one that it acts as.
import { handle, systemContext } from '@gesta/core'
import type { Handler, HandlerContext } from '@gesta/core'
import { accounts } from '../account/account.ts'
import type { Membership } from '../account/account-events.ts'
import type { Binding, Bound } from '../bound.ts'
import { identityOfAccount } from '../member/identity-of-account.ts'
import { get } from '../member/member-contracts.ts'
import { tenants } from '../tenant/tenant.ts'
import { identities } from './set-up-contracts.ts'
import type { OwnIdentity } from './set-up-contracts.ts'

type Acting = Pick<Membership, 'tenant' | 'identity'>

export function handleIdentities(binding: Binding): Handler<typeof identities> {
  return handle(identities, async (_, context) => {
    const bound = binding.now()
    const { account = '', tenant, identity } = context.context
    const memberships = (await context.read(accounts).get(account, { history: false }))?.state.memberships ?? []
    const found = await Promise.all(memberships.map((one) => chosen(bound, context, account, one)))
    const known = found.filter((one) => one !== undefined)
    if (tenant === undefined || identity === undefined) return known
    if (known.some((one) => one.tenant === tenant && one.identity === identity)) return known
    const current = await actedAs(bound, context, account, { tenant, identity })
    return current === undefined ? known : [...known, current]
  })
}

/** An account is told of a new identity a moment after it was made, and whoever acts as it by then must not be told that there is none. */
async function actedAs(
  bound: Pick<Bound, 'app'>,
  context: HandlerContext,
  account: string,
  { tenant, identity }: Acting,
): Promise<OwnIdentity | undefined> {
  if ((await identityOfAccount(bound, tenant, account)) !== identity) return undefined
  const tenantName = await nameOf(context, tenant)
  if (tenantName === undefined) return undefined
  const name = (await memberOf(bound, { tenant, identity }))?.name ?? undefined
  return { tenant, tenantName, identity, ...(name !== undefined && { name }) }
}

/** Absent: it is gone, and the account has not been told of it yet. */
async function chosen(
  bound: Pick<Bound, 'app'>,
  context: HandlerContext,
  account: string,
  { tenant, identity }: Membership,
): Promise<OwnIdentity | undefined> {
  const tenantName = await nameOf(context, tenant)
  if (tenantName === undefined) return undefined
  const member = await memberOf(bound, { tenant, identity })
  if (member?.status !== 'live' || member.account !== account) return undefined
  const { name } = member
  return { tenant, tenantName, identity, ...(name !== null && { name }) }
}

/** Absent: the tenant was removed. */
async function nameOf({ read }: HandlerContext, tenant: string): Promise<string | undefined> {
  const home = (await read(tenants).get(tenant, { history: false }))?.state
  return home?.status === 'live' ? home.name : undefined
}

function memberOf({ app }: Pick<Bound, 'app'>, { tenant, identity }: Acting) {
  return app.query(get({ identityUuid: identity }), { context: systemContext(tenant) })
}
