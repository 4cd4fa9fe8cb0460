// What the domain Account can be told and asked. What somebody without an account may ask for is answered alike for every address.
import { command, query } from '@gesta/core'
import type { CommandContract } from '@gesta/core'
import { z } from 'zod'
import { sessionTokens } from '../auth/session-tokens.ts'
import type { SessionTokens } from '../auth/session-tokens.ts'
import { id, paged, pageOf } from '../input.ts'
import type { Asked, Paged, PageOf, Told } from '../input.ts'
import { codeLengthMax } from '../secrets/codes.ts'

/** An address of mail: ASCII, as servers of mail take it. */
export const emailAddress: z.ZodType<string, string> = z
  .email()
  .max(254)
  .regex(/^[^@]{1,64}@/, 'Expected at most 64 characters before the @.')
/** What is too long for a password the policy says; this bounds the work. */
export const passwordText: z.ZodType<string, string> = z.string().min(1).max(1_024)
export const codeText: z.ZodType<string, string> = z.string().min(1).max(codeLengthMax)

export interface WithEmail {
  readonly email: string
}
export interface WithAccount {
  readonly accountUuid: string
}
const withEmail: z.ZodType<WithEmail, WithEmail> = z.object({ email: emailAddress })
const withAccount: z.ZodType<WithAccount, WithAccount> = z.object({ accountUuid: id })

/** What a command answers to a password that the policy refuses. */
export interface PasswordRefusals {
  readonly password_too_short: { readonly lengthMin: number }
  readonly password_too_long: { readonly lengthMax: number }
  readonly password_common: undefined
}
export type SetsPassword<Type extends string, In, Result, Code extends string> = CommandContract<
  Type,
  In,
  Result,
  PasswordRefusals & { readonly [One in Code]: undefined }
>
export const passwordRefusals: {
  readonly [Code in 'password_too_short' | 'password_too_long']: {
    readonly reason: string
    readonly details: z.ZodType<PasswordRefusals[Code]>
  }
} & { readonly password_common: string } = {
  password_too_short: {
    reason: 'The password has fewer characters than this app asks for. Choose a longer one.',
    details: z.object({ lengthMin: z.int() }),
  },
  password_too_long: {
    reason: 'The password has more characters than this app takes. Choose a shorter one.',
    details: z.object({ lengthMax: z.int() }),
  },
  password_common: 'The password is one that others try first. Choose one that nobody guesses, such as several words.',
}
const invalidCode = {
  invalid_code:
    'The code is not valid, or no longer: it was used, has expired, or another one was sent. Ask for a new one.',
}
const secrets = { email: 'personal', password: 'secret' } as const

export const register: SetsPassword<
  'Account.Register',
  WithEmail & { readonly password: string },
  void,
  'registration_closed'
> = command('Account.Register', {
  description: 'Ask for an account; the answer tells nothing of the address',
  input: z.object({ email: emailAddress, password: passwordText }),
  rejections: {
    ...passwordRefusals,
    registration_closed: 'Accounts are made by invitation alone.',
  },
  redact: secrets,
  audited: true,
})
export const registerInvited: SetsPassword<
  'Account.RegisterInvited',
  { readonly code: string; readonly password: string },
  SessionTokens,
  'invalid_code' | 'account_exists'
> = command('Account.RegisterInvited', {
  description: 'Make an account with the code of an invitation, and sign in',
  input: z.object({ code: codeText, password: passwordText }),
  result: sessionTokens,
  rejections: {
    ...passwordRefusals,
    ...invalidCode,
    account_exists: 'There is an account with the address that was invited. Sign in, and accept the invitation.',
  },
  redact: { code: 'secret', password: 'secret' },
  secretResult: true,
  audited: true,
})
export const verify: Told<
  'Account.Verify',
  { readonly code: string; readonly password?: string | undefined },
  void,
  'invalid_code' | 'password_needed' | 'invalid_credentials'
> = command('Account.Verify', {
  description: 'Prove with a mailed code that the address of an account is read',
  input: z.object({ code: codeText, password: passwordText.optional() }),
  rejections: {
    ...invalidCode,
    password_needed:
      'Registrations with different passwords were made for this address. Send the password of yours as well, or have it reset.',
    invalid_credentials: 'The password is not the one of the registration that the code belongs to. Have it reset.',
  },
  redact: { code: 'secret', password: 'secret' },
  audited: true,
})
export const requestVerification: Told<'Account.RequestVerification', WithEmail, void> = command(
  'Account.RequestVerification',
  {
    description: 'Have the mail sent again that activates an account; the answer tells nothing of the address',
    input: withEmail,
    redact: { email: 'personal' },
  },
)
export const requestPasswordReset: Told<'Account.RequestPasswordReset', WithEmail, void> = command(
  'Account.RequestPasswordReset',
  {
    description: 'Have a code mailed that sets a new password; the answer tells nothing of the address',
    input: withEmail,
    redact: { email: 'personal' },
    audited: true,
  },
)
export const resetPassword: SetsPassword<
  'Account.ResetPassword',
  { readonly code: string; readonly password: string },
  void,
  'invalid_code'
> = command('Account.ResetPassword', {
  description: 'Set a new password with a mailed code; all sessions end',
  input: z.object({ code: codeText, password: passwordText }),
  rejections: { ...passwordRefusals, ...invalidCode },
  redact: { code: 'secret', password: 'secret' },
  audited: true,
})
export const changePassword: SetsPassword<
  'Account.ChangePassword',
  { readonly currentPassword: string; readonly newPassword: string },
  void,
  'invalid_credentials'
> = command('Account.ChangePassword', {
  description: 'Change the password of the own account; all other sessions end',
  input: z.object({ currentPassword: passwordText, newPassword: passwordText }),
  rejections: { ...passwordRefusals, invalid_credentials: 'The current password is wrong.' },
  redact: { currentPassword: 'secret', newPassword: 'secret' },
  audited: true,
})

const unknown = { unknown_account: 'There is no such account.' }
const last = {
  last_administrator: 'It is the account of the only administrator. Make somebody else administrator first.',
}

export const block: Told<
  'Account.Block',
  WithAccount & { readonly reason: string },
  void,
  'unknown_account' | 'last_administrator'
> = command('Account.Block', {
  description: 'Keep an account from signing in; its sessions end',
  input: z.object({ accountUuid: id, reason: z.string().trim().min(1).max(500) }),
  rejections: { ...unknown, ...last },
  audited: true,
})
export const unblock: Told<'Account.Unblock', WithAccount, void, 'unknown_account'> = command('Account.Unblock', {
  description: 'Let a blocked account sign in again',
  input: withAccount,
  rejections: unknown,
  audited: true,
})
export const remove: Told<'Account.Remove', WithAccount, void, 'unknown_account' | 'last_administrator'> = command(
  'Account.Remove',
  {
    description: 'Remove an account for good: its sessions end, its personal data and secrets are erased',
    input: withAccount,
    rejections: { ...unknown, ...last },
    audited: true,
  },
)

type Status = 'unverified' | 'active' | 'blocked' | 'removed'
const status: z.ZodType<Status, Status> = z.enum(['unverified', 'active', 'blocked', 'removed'])
export interface AccountShown {
  readonly accountUuid: string
  /** `null`: it was erased. */
  readonly email: string | null
  readonly status: Status
  readonly hasTotp: boolean
  readonly passkeys: readonly { readonly passkey: string; readonly name: string }[]
  readonly memberships: readonly { readonly tenant: string; readonly identity: string }[]
  /** RFC 3339, UTC. */
  readonly createdAt: string
}
const accountShown: z.ZodType<AccountShown> = z.object({
  accountUuid: z.string(),
  email: z.string().nullable(),
  status,
  hasTotp: z.boolean(),
  passkeys: z.array(z.object({ passkey: z.string(), name: z.string() })).readonly(),
  memberships: z.array(z.object({ tenant: z.string(), identity: z.string() })).readonly(),
  createdAt: z.string(),
})

export const me: Asked<'Account.Me', void, AccountShown | null> = query('Account.Me', {
  description: 'Look at the own account',
  result: accountShown.nullable(),
  // It tells why the account was blocked, which is for administrators.
  history: false,
})
export const get: Asked<'Account.Get', WithAccount, AccountShown | null> = query('Account.Get', {
  description: 'Look at an account',
  input: withAccount,
  result: accountShown.nullable(),
})
export interface ListedAccounts extends PageOf {
  readonly status?: Status | undefined
}
export const list: Asked<'Account.List', ListedAccounts, Paged<AccountShown>> = query('Account.List', {
  description: 'List the accounts',
  input: z.intersection(pageOf, z.object({ status: status.optional() })),
  result: paged(accountShown),
})

export interface Addressee {
  readonly email: string | null
  readonly status: Status
  readonly contested: boolean
  readonly verification: string | null
  readonly reset: string | null
}
/** For the app itself: whom a mail about an account goes to, and which codes count. */
export const addressee: Asked<'Account.Addressee', WithAccount, Addressee | null> = query('Account.Addressee', {
  description: 'Ask where mails about an account go',
  input: withAccount,
  result: z
    .object({
      email: z.string().nullable(),
      status,
      contested: z.boolean(),
      verification: z.string().nullable(),
      reset: z.string().nullable(),
    })
    .nullable(),
  history: false,
})

/** For the app itself: whose a session was. */
export const ownerOfSession: Asked<'Account.OwnerOfSession', { readonly session: string }, string | null> = query(
  'Account.OwnerOfSession',
  {
    description: 'Ask whose a session is',
    input: z.object({ session: id }),
    result: z.string().nullable(),
    history: false,
  },
)
