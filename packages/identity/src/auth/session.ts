// A session: one sign-in of an account, and the identity that it acts as. Its refresh token lies among the credentials.
import { aggregate, event, projection } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event, Projection } from '@gesta/core'
import { z } from 'zod'
import { spares } from '../account/account.ts'
import type { AccountState } from '../account/account.ts'

export interface SessionStarted {
  readonly account: string
  /** The account's generation when it started. */
  readonly generation: number
  readonly method: 'password' | 'passkey' | 'setUp' | 'invitation' | 'reset'
  readonly secondFactor?: 'totp' | 'recovery' | undefined
  /** RFC 3339, UTC: it ends then however often it is refreshed. */
  readonly expiresAt: string
}
export const SessionStarted: DomainEventContract<'Auth.SessionStarted', SessionStarted> = event(
  'Auth.SessionStarted',
  z.object({
    account: z.string(),
    generation: z.int(),
    method: z.enum(['password', 'passkey', 'setUp', 'invitation', 'reset']),
    secondFactor: z.enum(['totp', 'recovery']).optional(),
    expiresAt: z.string(),
  }),
)
export interface IdentitySelected {
  readonly tenant: string
  readonly identity: string
}
export const IdentitySelected: DomainEventContract<'Auth.IdentitySelected', IdentitySelected> = event(
  'Auth.IdentitySelected',
  z.object({ tenant: z.string(), identity: z.string() }),
)
export interface SessionEnded {
  /**
   * `reuse`: a refresh token came again that had been exchanged before, so somebody else may have it. `displaced`: the account has begun
   * another one and had as many as it may have.
   */
  readonly reason: 'signOut' | 'revoked' | 'reuse' | 'displaced'
}
export const SessionEnded: DomainEventContract<'Auth.SessionEnded', SessionEnded> = event(
  'Auth.SessionEnded',
  z.object({ reason: z.enum(['signOut', 'revoked', 'reuse', 'displaced']) }),
)

export interface SessionState {
  readonly status: 'none' | 'live' | 'ended'
  readonly account: string
  readonly generation: number
  readonly method: SessionStarted['method'] | undefined
  readonly startedAt: string
  readonly expiresAt: string
  readonly selected: IdentitySelected | undefined
}
type SessionEvent =
  | Event<'domain', 'Auth.SessionStarted', SessionStarted>
  | Event<'domain', 'Auth.IdentitySelected', IdentitySelected>
  | Event<'domain', 'Auth.SessionEnded', SessionEnded>

/** Its id is the session's; all of them lie in the tenant `systemTenant`. */
export const Session: Aggregate<'Session', SessionState, SessionEvent> = aggregate('Session', (): SessionState => ({
  status: 'none',
  account: '',
  generation: 0,
  method: undefined,
  startedAt: '',
  expiresAt: '',
  selected: undefined,
}))
  .on(SessionStarted, (session, { account, generation, method, expiresAt }, { recordedAt }) => ({
    ...session,
    status: 'live',
    account,
    generation,
    method,
    startedAt: recordedAt,
    expiresAt,
  }))
  .on(IdentitySelected, (session, selected) => ({ ...session, selected }))
  .on(SessionEnded, (session) => ({ ...session, status: 'ended' }))

export const sessions: Projection<'Session', SessionState> = projection(Session)

/** Whether a session goes on, as far as it and its account say. */
export function isAlive(
  account: AccountState,
  { id, state }: { readonly id: string; readonly state: SessionState },
  nowMs: number,
): boolean {
  return state.status === 'live' && !isOver(state, nowMs) && spares(account, { id, generation: state.generation })
}

function isOver({ status, expiresAt }: SessionState, nowMs: number): boolean {
  return status === 'ended' || (status === 'live' && Date.parse(expiresAt) <= nowMs)
}
