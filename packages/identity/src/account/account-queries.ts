// What the domain Account answers: what a person is told of the own account, and administrators of all.
import { handle } from '@gesta/core'
import type { Handler, Model } from '@gesta/core'
import { appOnly } from '../app-only.ts'
import { sessions } from '../auth/session.ts'
import { pageOptions, shown } from '../input.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import { addressee, get, list, me, ownerOfSession } from './account-contracts.ts'
import type { AccountShown } from './account-contracts.ts'
import { accounts } from './account.ts'
import type { AccountState } from './account.ts'

export const handleMe: Handler<typeof me> = handle(me, async (_, { context, read }) =>
  context.account === undefined ? null : answer(await read(accounts).get(context.account)),
)

export const handleGet: Handler<typeof get> = handleTenantWide(get, async ({ accountUuid }, { read }) =>
  answer(await read(accounts).get(accountUuid)),
)

export const handleList: Handler<typeof list> = handleTenantWide(list, async ({ status, ...page }, { read }) => {
  const where = status && { status }
  const { items, total } = await read(accounts).list({ ...pageOptions(page), orderBy: 'createdAt', where })
  return { items: items.flatMap((model) => answer(model) ?? []), total }
})

export const handleAddressee: Handler<typeof addressee> = handle(
  addressee,
  async ({ accountUuid }, { read }) => {
    const found = await read(accounts).get(accountUuid)
    if (found === undefined || found.state.status === 'none') return null
    const { email, status, contested, verification = null, reset = null } = found.state
    return { email: shown(email), status, contested, verification, reset }
  },
  appOnly,
)

export const handleOwnerOfSession: Handler<typeof ownerOfSession> = handle(
  ownerOfSession,
  async ({ session }, { read }) => (await read(sessions).get(session))?.state.account ?? null,
  appOnly,
)

function answer(model: Model<AccountState> | undefined): AccountShown | null {
  if (model === undefined || model.state.status === 'none') return null
  const { email, status, totp, passkeys, memberships } = model.state
  return {
    accountUuid: model.id,
    email: status === 'removed' ? null : shown(email),
    status,
    hasTotp: totp !== undefined,
    passkeys: passkeys.map(({ passkey, name }) => ({ passkey, name: shown(name) ?? '' })),
    memberships,
    createdAt: model.createdAt,
  }
}
