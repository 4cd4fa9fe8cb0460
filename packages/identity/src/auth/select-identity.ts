// Choosing which identity a session acts as. It is a choice alone: whether the identity still lives is asked at every use of the token.
import { handle } from '@gesta/core'
import type { Handler } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { identityOfAccount } from '../member/identity-of-account.ts'
import { selectIdentity } from './auth-contracts.ts'
import { IdentitySelected, Session } from './session.ts'
import { grantAccess } from './start-session.ts'

export function handleSelectIdentity(binding: Binding): Handler<typeof selectIdentity> {
  return handle(selectIdentity, async ({ tenant, identity }, { context, load }) => {
    const { account = '', session = '' } = context
    const bound = binding.now()
    const { id, state, emit } = await load(Session, session)
    if (state.status !== 'live' || state.account !== account) return selectIdentity.reject('unknown_identity')
    if ((await identityOfAccount(bound, tenant, account)) !== identity) return selectIdentity.reject('unknown_identity')
    const selected = { tenant, identity }
    if (state.selected?.tenant !== tenant || state.selected.identity !== identity) emit(IdentitySelected(selected))
    return grantAccess(bound, { account, session: id, endsAt: Date.parse(state.expiresAt) }, selected)
  })
}
