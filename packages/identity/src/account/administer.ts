// What administrators do to accounts: block, unblock, remove. One account that can administer the app is always left.
import { administratorsGroup } from '@gesta/core'
import type { CommandContext, Handler, Loaded } from '@gesta/core'
import { AccountIdentity } from '../member/account-identity.ts'
import { Member } from '../member/member.ts'
import { AdministratorAdded, AdministratorRemoved, Administrators, administratorsId } from '../tenant/administrators.ts'
import { handleTenantWide } from '../tenant-wide.ts'
import { block, remove, unblock } from './account-contracts.ts'
import { AccountEmail, EmailReleased } from './account-email.ts'
import { Blocked, Removed, SessionsEnded, Unblocked } from './account-events.ts'
import { Account } from './account.ts'
import type { AccountEvent, AccountState } from './account.ts'

export const handleBlock: Handler<typeof block> = handleTenantWide(block, async ({ accountUuid, reason }, context) => {
  const account = await context.load(Account, accountUuid)
  if (!exists(account)) return block.reject('unknown_account')
  if (account.state.status === 'blocked') return
  if (!(await dismiss(context, accountUuid))) return block.reject('last_administrator')
  account.emit(Blocked({ reason }), SessionsEnded({ reason: 'blocked' }))
})

export const handleUnblock: Handler<typeof unblock> = handleTenantWide(unblock, async ({ accountUuid }, context) => {
  const account = await context.load(Account, accountUuid)
  if (!exists(account)) return unblock.reject('unknown_account')
  if (account.state.status !== 'blocked') return
  account.emit(Unblocked({}))
  await reinstate(context, accountUuid)
})

export const handleRemove: Handler<typeof remove> = handleTenantWide(remove, async ({ accountUuid }, context) => {
  const account = await context.load(Account, accountUuid)
  if (account.state.status === 'none') return remove.reject('unknown_account')
  if (account.state.status === 'removed') return
  if (!(await dismiss(context, accountUuid))) return remove.reject('last_administrator')
  const address = await context.load(AccountEmail, account.state.emailKey)
  if (address.state.account === accountUuid) address.emit(EmailReleased({}))
  account.emit(SessionsEnded({ reason: 'removed' }), Removed({}))
})

function exists({ state }: Loaded<AccountState, AccountEvent>): boolean {
  return state.status !== 'none' && state.status !== 'removed'
}

/** Takes an account off the list of administrators. `false`: nobody would be left. */
async function dismiss({ load }: CommandContext, accountUuid: string): Promise<boolean> {
  const { state, emit } = await load(Administrators, administratorsId)
  const own = state.list.filter(({ account }) => account === accountUuid)
  if (own.length > 0 && own.length === state.list.length) return false
  for (const one of own) emit(AdministratorRemoved(one))
  return true
}

/** Puts it back on the list when its identity in the tenant SYSTEM is in the administrators' group now. */
async function reinstate({ load }: CommandContext, account: string): Promise<void> {
  const { emit } = await load(Administrators, administratorsId)
  const { identity } = (await load(AccountIdentity, account)).state
  if (identity === undefined) return
  const { status, groups } = (await load(Member, identity)).state
  if (status === 'live' && groups.includes(administratorsGroup)) emit(AdministratorAdded({ identity, account }))
}
