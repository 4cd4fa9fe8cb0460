// Starts a session: the end of every way to sign in. The refresh token is written first, under the id that the event then names.
import type { CommandContext } from '@gesta/core'
import type { AccountState } from '../account/account.ts'
import type { Bound } from '../bound.ts'
import { issueRefreshToken, usesOf } from './refresh-tokens.ts'
import type { IssuedRefreshToken } from './refresh-tokens.ts'
import { IdentitySelected, isAlive, Session, SessionEnded, SessionStarted } from './session.ts'
import type { AccessGranted, SessionTokens } from './session-tokens.ts'
import type { SignInAttempt } from './throttle.ts'

/** That live at once, of one account. Of sign-ins at the same moment there may be a few more. */
const sessionsMax = 100

export interface NewSession {
  /** Loaded by the command, so that what ends its sessions ends this one too. */
  readonly account: { readonly id: string; readonly version: number; readonly state: AccountState }
  readonly method: SessionStarted['method']
  readonly secondFactor?: SessionStarted['secondFactor']
  /** Who it acts as from the start; absent: nobody yet. */
  readonly selected?: IdentitySelected | undefined
  /** What was throttled: it has succeeded, and its device is known from now on. */
  readonly attempt?: SignInAttempt | undefined
}

/** Errors: `store_*`, `key_unreadable`. Whether the account may sign in, the caller has asked. */
export async function startSession(
  context: CommandContext,
  bound: Pick<Bound, 'credentials' | 'settings' | 'tokens' | 'throttle'>,
  { account, method, secondFactor, selected, attempt }: NewSession,
): Promise<SessionTokens> {
  const { settings } = bound
  const session = await context.load(Session, context.newId())
  const endsAt = settings.now() + settings.sessionSeconds * 1_000
  await displace(context, bound, account, session.id)
  const refresh = await issueRefreshToken(bound, { session: session.id, account, endsAt }, context.metadata ?? {})
  const granted = await grantAccess(bound, { account: account.id, session: session.id, endsAt }, selected)
  session.emit(
    SessionStarted({
      account: account.id,
      generation: account.state.generation,
      method,
      ...(secondFactor !== undefined && { secondFactor }),
      expiresAt: new Date(endsAt).toISOString(),
    }),
  )
  if (selected !== undefined) session.emit(IdentitySelected(selected))
  const device = attempt === undefined ? undefined : await bound.throttle.succeeded(attempt)
  return { ...granted, ...refreshPart(refresh), ...(device !== undefined && { device }) }
}

/** An account has a bounded number of sessions: for another one the one goes that was used the longest time ago. */
async function displace(
  { load }: CommandContext,
  bound: Pick<Bound, 'credentials' | 'settings'>,
  account: NewSession['account'],
  another: string,
): Promise<void> {
  const uses = (await usesOf(bound, account.id)).filter(({ session }) => session !== another)
  const tooMany = uses.toSorted((one, other) => one.usedAt - other.usedAt).slice(0, -(sessionsMax - 1))
  for (const { session } of tooMany) {
    const found = await load(Session, session)
    if (isAlive(account.state, found, bound.settings.now())) found.emit(SessionEnded({ reason: 'displaced' }))
  }
}

/** An access token for a session that lives; it ends with the session. */
export async function grantAccess(
  { tokens }: Pick<Bound, 'tokens'>,
  {
    account,
    session,
    endsAt,
  }: { readonly account: string; readonly session: string; readonly endsAt?: number | undefined },
  selected: IdentitySelected | undefined,
): Promise<AccessGranted> {
  const { token, expiresAt } = await tokens.sign({ account, session, ...selected }, endsAt)
  return { accessToken: token, accessTokenExpiresAt: expiresAt, session, account, ...selected }
}

export function refreshPart({
  text,
  expiresAt,
}: IssuedRefreshToken): Pick<SessionTokens, 'refreshToken' | 'refreshTokenExpiresAt'> {
  return { refreshToken: text, refreshTokenExpiresAt: new Date(expiresAt).toISOString() }
}
