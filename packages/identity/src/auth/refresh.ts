// Refreshing a session. The command is decided on the versions of session and account, so whatever ends the session wins over it, also
// within the grace of a token.
import { handle } from '@gesta/core'
import type { Handler } from '@gesta/core'
import { Account } from '../account/account.ts'
import type { Binding } from '../bound.ts'
import { refresh } from './auth-contracts.ts'
import { exchangeRefreshToken, sessionNamedBy } from './refresh-tokens.ts'
import { isAlive, Session, SessionEnded } from './session.ts'
import { grantAccess, refreshPart } from './start-session.ts'

export function handleRefresh(binding: Binding): Handler<typeof refresh> {
  return handle(refresh, async ({ refreshToken }, context) => {
    const bound = binding.now()
    const { settings } = bound
    const named = sessionNamedBy(refreshToken)
    if (named === undefined) return refresh.reject('invalid_refresh_token')
    const session = await context.load(Session, named)
    const { id, state } = session
    if (state.status === 'none') return refresh.reject('invalid_refresh_token')
    const account = await context.load(Account, state.account)
    if (!isAlive(account.state, session, settings.now())) return refresh.reject('invalid_refresh_token')

    const exchanged = await exchangeRefreshToken(bound, refreshToken, context.metadata ?? {}, context.newId())
    if (exchanged === 'unknown') return refresh.reject('invalid_refresh_token')
    if (exchanged === 'reused') {
      session.emit(SessionEnded({ reason: 'reuse' }))
      context.audit({
        action: 'Auth.RefreshTokenReused',
        resource: id,
        outcome: 'denied',
        reason: `a refresh token of the account ${account.id} came again after it had been exchanged`,
      })
      return context.keeping(refresh.reject('invalid_refresh_token'))
    }
    const granted = await grantAccess(
      bound,
      { account: account.id, session: id, endsAt: Date.parse(state.expiresAt) },
      state.selected,
    )
    return { ...granted, ...refreshPart(exchanged) }
  })
}
