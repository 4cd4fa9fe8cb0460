// The account of who asks, and the proof that it is its owner who asks: what guards every change of how one signs in.
import type { CommandContext, Loaded } from '@gesta/core'
import { Account } from '../account/account.ts'
import type { AccountEvent, AccountState } from '../account/account.ts'
import { verifyPassword } from '../account/password-credential.ts'
import { Session } from '../auth/session.ts'
import type { Bound } from '../bound.ts'

export interface OwnAccount {
  readonly account: Loaded<AccountState, AccountEvent>
  /** The id of the session that asks. */
  readonly session: string
}
/** Milliseconds after a sign-in in which nobody is asked for a password again. */
const freshMs = 15 * 60_000

/** Errors: a plain one for a caller that is nobody. */
export async function ownAccount({ context, load }: CommandContext): Promise<OwnAccount> {
  const { account, session } = context
  if (account === undefined || session === undefined)
    throw new Error('Expected a caller with an account and a session, received none. Dispatch it as a person.')
  return { account: await load(Account, account), session }
}

/** Errors: `rate_limited`. */
export async function isPassword(
  bound: Bound,
  { metadata, newId }: CommandContext,
  { account: { state } }: OwnAccount,
  password: string,
): Promise<boolean> {
  const attempt = { address: metadata?.['address'], subject: state.emailKey, device: undefined, use: newId() }
  await bound.throttle.check(attempt)
  const isRight = (await verifyPassword(bound, state.password, password)) !== 'wrong'
  await (isRight ? bound.throttle.succeeded(attempt) : bound.throttle.failed(attempt))
  return isRight
}

/**
 * Why a change is refused; absent: its caller has given the password, or has signed in a moment ago. A session that somebody else has got
 * hold of is not enough to add a way to sign in that outlives it. Errors: `rate_limited`.
 */
export async function refusalOf(
  bound: Bound,
  context: CommandContext,
  own: OwnAccount,
  password: string | undefined,
): Promise<'invalid_credentials' | 'sign_in_again' | undefined> {
  if (password !== undefined)
    return (await isPassword(bound, context, own, password)) ? undefined : 'invalid_credentials'
  const { state } = await context.load(Session, own.session)
  const isFresh = bound.settings.now() - Date.parse(state.startedAt) < freshMs
  return isFresh ? undefined : 'sign_in_again'
}
