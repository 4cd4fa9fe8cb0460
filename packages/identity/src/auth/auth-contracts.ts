// What the domain Auth can be told and asked: signing in, what keeps a session, and what ends it.
import { command, query } from '@gesta/core'
import { z } from 'zod'
import { emailAddress, passwordText } from '../account/account-contracts.ts'
import { id } from '../input.ts'
import type { Asked, Told } from '../input.ts'
import { refreshTokenLengthMax } from './refresh-token-text.ts'
import { accessGranted, sessionTokens } from './session-tokens.ts'
import type { AccessGranted, SessionTokens } from './session-tokens.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
  /** Of the second factor: of the authenticator, or a recovery code. */
  readonly code?: string | undefined
  /** What an earlier sign-in gave this device. */
  readonly device?: string | undefined
}
export const login: Told<'Auth.Login', Credentials, SessionTokens, 'invalid_credentials' | 'second_factor_required'> =
  command('Auth.Login', {
    description: 'Sign in with address and password',
    input: z.object({
      email: emailAddress,
      password: passwordText,
      code: z.string().min(1).max(64).optional(),
      device: z.string().max(128).optional(),
    }),
    result: sessionTokens,
    rejections: {
      invalid_credentials: 'There is no account with this address and password that may sign in.',
      second_factor_required: 'The password is right. Send it again with a code of the second factor that is valid.',
    },
    redact: { email: 'personal', password: 'secret', code: 'secret', device: 'secret' },
    secretResult: true,
    audited: true,
  })

export const refresh: Told<'Auth.Refresh', { readonly refreshToken: string }, SessionTokens, 'invalid_refresh_token'> =
  command('Auth.Refresh', {
    description: 'Exchange a refresh token for new tokens',
    input: z.object({ refreshToken: z.string().min(1).max(refreshTokenLengthMax) }),
    result: sessionTokens,
    rejections: { invalid_refresh_token: 'The refresh token is not valid, or no longer. Sign in.' },
    redact: { refreshToken: 'secret' },
    secretResult: true,
  })

export const logout: Told<'Auth.Logout', void, void> = command('Auth.Logout', {
  description: 'End the own session',
  audited: true,
})

export interface Selection {
  readonly tenant: string
  readonly identity: string
}
export const selectIdentity: Told<'Auth.SelectIdentity', Selection, AccessGranted, 'unknown_identity'> = command(
  'Auth.SelectIdentity',
  {
    description: 'Choose which identity the own session acts as; the refresh token stays what it is',
    input: z.object({ tenant: id, identity: id }),
    result: accessGranted,
    rejections: { unknown_identity: 'The account has no such identity in this tenant.' },
    secretResult: true,
  },
)

export const endSession: Told<'Auth.EndSession', { readonly session: string }, void, 'unknown_session'> = command(
  'Auth.EndSession',
  {
    description: 'End one session of the own account',
    input: z.object({ session: id }),
    rejections: { unknown_session: 'The account has no such session.' },
    audited: true,
  },
)
export const endOtherSessions: Told<'Auth.EndOtherSessions', void, void> = command('Auth.EndOtherSessions', {
  description: 'End all sessions of the own account but this one',
  audited: true,
})
export const endAllSessions: Told<'Auth.EndAllSessions', void, void> = command('Auth.EndAllSessions', {
  description: 'End all sessions of the own account',
  audited: true,
})

export const rotateSigningKeys: Told<'Auth.RotateSigningKeys', void, void> = command('Auth.RotateSigningKeys', {
  description: 'Sign access tokens with a new key from now on; those that were signed stay valid until they expire',
  audited: true,
})

export interface SessionShown {
  readonly session: string
  readonly method: 'password' | 'passkey' | 'setUp' | 'invitation' | 'reset'
  /** RFC 3339, UTC. */
  readonly startedAt: string
  /** RFC 3339, UTC: when it was last refreshed. */
  readonly usedAt: string
  /** RFC 3339, UTC: it ends then, however often it is refreshed. */
  readonly expiresAt: string
  /** As the last refresh came; nobody has checked what a client says of itself. */
  readonly address?: string | undefined
  readonly userAgent?: string | undefined
  /** The one that asks. */
  readonly isCurrent: boolean
}
const sessionShown: z.ZodType<SessionShown> = z.object({
  session: z.string(),
  method: z.enum(['password', 'passkey', 'setUp', 'invitation', 'reset']),
  startedAt: z.string(),
  usedAt: z.string(),
  expiresAt: z.string(),
  address: z.string().optional(),
  userAgent: z.string().optional(),
  isCurrent: z.boolean(),
})
export const listSessions: Asked<'Auth.Sessions', void, readonly SessionShown[]> = query('Auth.Sessions', {
  description: 'List the sessions of the own account',
  result: z.array(sessionShown).readonly(),
})

export interface PublicKeys {
  readonly keys: readonly { readonly [name: string]: string }[]
}
export const jwks: Asked<'Auth.Jwks', void, PublicKeys> = query('Auth.Jwks', {
  description: 'The public keys that access tokens are signed with, as a JSON Web Key Set',
  result: z.object({ keys: z.array(z.record(z.string(), z.string())).readonly() }),
  history: false,
})
