// What ends sessions: one of them by an event of its own, several by one of their account.
import { handle } from '@gesta/core'
import type { CommandContext, Handler } from '@gesta/core'
import { SessionsEnded } from '../account/account-events.ts'
import { Account } from '../account/account.ts'
import { endAllSessions, endOtherSessions, endSession, logout } from './auth-contracts.ts'
import { Session, SessionEnded } from './session.ts'

export function handleLogout(): Handler<typeof logout> {
  return handle(logout, async (_, { context: { session = '' }, load }) => {
    const { state, emit } = await load(Session, session)
    if (state.status === 'live') emit(SessionEnded({ reason: 'signOut' }))
  })
}

export function handleEndSession(): Handler<typeof endSession> {
  return handle(endSession, async ({ session }, { context: { account }, load }) => {
    const { state, emit } = await load(Session, session)
    if (state.status === 'none' || state.account !== account) return endSession.reject('unknown_session')
    if (state.status === 'live') emit(SessionEnded({ reason: 'revoked' }))
  })
}

export function handleEndOtherSessions(): Handler<typeof endOtherSessions> {
  return handle(endOtherSessions, async (_, context) => endThoseBut(context, context.context.session))
}

export function handleEndAllSessions(): Handler<typeof endAllSessions> {
  return handle(endAllSessions, async (_, context) => endThoseBut(context, undefined))
}

async function endThoseBut(
  { context: { account = '' }, load }: CommandContext,
  except: string | undefined,
): Promise<void> {
  const { state, emit } = await load(Account, account)
  if (state.status !== 'none') emit(SessionsEnded({ ...(except !== undefined && { except }), reason: 'signOut' }))
}
