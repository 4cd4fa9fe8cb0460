// The account: how one person signs in. It belongs to no tenant; what a person may do lies in its identities.
import { aggregate, isErased, projection } from '@gesta/core'
import type { Aggregate, Erased, Event, Projection } from '@gesta/core'
import * as events from './account-events.ts'
import type { Membership } from './account-events.ts'
import { noMails, oneMore } from './mail-pause.ts'
import type { SentMails } from './mail-pause.ts'

interface Passkey {
  /** As browsers name it. */
  readonly passkey: string
  readonly name: string | Erased
}
export interface AccountState {
  /** `unverified`: nobody has proven yet that the address is theirs. */
  readonly status: 'none' | 'unverified' | 'active' | 'blocked' | 'removed'
  readonly email: string | Erased
  readonly emailKey: string
  /** The id of the hash; absent: it has no password. */
  readonly password: string | undefined
  /** Sessions of an earlier generation have ended. */
  readonly generation: number
  /** The session that survived the last ending of all. */
  readonly spared: string | undefined
  readonly wasVerified: boolean
  /** While it is unverified: registrations came with different passwords, so who has the mail's code must show the one that it activates. */
  readonly contested: boolean
  /** The id of the code that activates the password which is set now. */
  readonly verification: string | undefined
  readonly reset: string | undefined
  readonly totp: { readonly credential: string; readonly recovery: string } | undefined
  readonly passkeys: readonly Passkey[]
  readonly memberships: readonly Membership[]
  /** Those that ended: when the account is removed, the person is erased there too. */
  readonly formerMemberships: readonly Membership[]
  /** Mails that anybody can make the app send to the address. */
  readonly mails: { readonly verification: SentMails; readonly reset: SentMails; readonly repeated: SentMails }
}
const noAccount: AccountState = {
  status: 'none',
  email: '',
  emailKey: '',
  password: undefined,
  generation: 0,
  spared: undefined,
  wasVerified: false,
  contested: false,
  verification: undefined,
  reset: undefined,
  totp: undefined,
  passkeys: [],
  memberships: [],
  formerMemberships: [],
  mails: { verification: noMails, reset: noMails, repeated: noMails },
}

type Named<Type extends string, Data> = Event<'domain', Type, Data>
export type AccountEvent =
  | Named<'Account.Registered', events.Registered>
  | Named<'Account.RegistrationRepeated', events.Nothing>
  | Named<'Account.VerificationRequested', events.CodeIssued>
  | Named<'Account.Verified', events.Nothing>
  | Named<'Account.PasswordResetRequested', events.CodeIssued>
  | Named<'Account.PasswordSet', events.PasswordSet>
  | Named<'Account.SessionsEnded', events.SessionsEnded>
  | Named<'Account.Blocked', events.Blocked>
  | Named<'Account.Unblocked', events.Nothing>
  | Named<'Account.Removed', events.Nothing>
  | Named<'Account.TotpConfirmed', events.TotpConfirmed>
  | Named<'Account.TotpRemoved', events.TotpConfirmed>
  | Named<'Account.RecoveryCodesReplaced', events.RecoveryCodesReplaced>
  | Named<'Account.PasskeyAdded', events.PasskeyAdded>
  | Named<'Account.PasskeyRemoved', events.PasskeyRemoved>
  | Named<'Account.MembershipAdded', Membership>
  | Named<'Account.MembershipRemoved', Membership>

/** Its id is the account's; all of them lie in the tenant `systemTenant`. */
export const Account: Aggregate<'Account', AccountState, AccountEvent> = aggregate('Account', () => noAccount)
  .on(events.Registered, (account, { email, emailKey }) => ({ ...account, status: 'unverified', email, emailKey }))
  .on(events.RegistrationRepeated, (account, _, { recordedAt }) => ({
    ...account,
    mails: { ...account.mails, repeated: oneMore(account.mails.repeated, recordedAt) },
  }))
  .on(events.VerificationRequested, (account, { code }, { recordedAt }) => ({
    ...account,
    verification: code,
    mails: { ...account.mails, verification: oneMore(account.mails.verification, recordedAt) },
  }))
  .on(events.Verified, (account) => ({
    ...account,
    status: account.status === 'unverified' ? 'active' : account.status,
    wasVerified: true,
    contested: false,
    verification: undefined,
  }))
  .on(events.PasswordResetRequested, (account, { code }, { recordedAt }) => ({
    ...account,
    reset: code,
    mails: { ...account.mails, reset: oneMore(account.mails.reset, recordedAt) },
  }))
  .on(events.PasswordSet, (account, { credential, by }) => ({
    ...account,
    contested: account.contested || (by === 'registration' && account.password !== undefined),
    password: credential,
    // A code that was mailed for another password must not activate this one.
    verification: undefined,
    // One that sets another password anyway stays: somebody who registers again and again must not keep the owner of the mailbox out.
    reset: by === 'registration' ? account.reset : undefined,
  }))
  .on(events.SessionsEnded, (account, { except }) => ({
    ...account,
    generation: account.generation + 1,
    spared: except,
  }))
  .on(events.Blocked, (account) => ({ ...account, status: 'blocked' }))
  .on(events.Unblocked, (account) => ({ ...account, status: account.wasVerified ? 'active' : 'unverified' }))
  // Its identities are removed afterwards, each in its tenant.
  .on(events.Removed, ({ generation, memberships, formerMemberships }) => ({
    ...noAccount,
    status: 'removed',
    generation,
    memberships,
    formerMemberships,
  }))
  .on(events.TotpConfirmed, (account, totp) => ({ ...account, totp }))
  .on(events.TotpRemoved, (account) => ({ ...account, totp: undefined }))
  .on(events.RecoveryCodesReplaced, (account, { recovery }) => ({
    ...account,
    totp: account.totp && { ...account.totp, recovery },
  }))
  .on(events.PasskeyAdded, (account, added) => ({ ...account, passkeys: [...account.passkeys, added] }))
  .on(events.PasskeyRemoved, (account, { passkey }) => ({
    ...account,
    passkeys: account.passkeys.filter((one) => one.passkey !== passkey),
  }))
  .on(events.MembershipAdded, (account, added) => ({
    ...account,
    memberships: [...account.memberships.filter(({ identity }) => identity !== added.identity), added],
  }))
  .on(events.MembershipRemoved, (account, { tenant, identity }) => ({
    ...account,
    memberships: account.memberships.filter((one) => one.identity !== identity),
    formerMemberships: [...account.formerMemberships, { tenant, identity }],
  }))

export const accounts: Projection<'Account', AccountState> = projection(Account)

/** Whether a session of an account goes on, as far as the account says. */
export function spares(
  { status, generation, spared }: AccountState,
  session: { readonly id: string; readonly generation: number },
): boolean {
  if (status !== 'active' && status !== 'unverified') return false
  return session.generation === generation || (session.generation < generation && session.id === spared)
}

/** Whether its owner can be written to, and may then do something about it. */
export function isReachable(account: AccountState): account is AccountState & { readonly email: string } {
  return (account.status === 'active' || account.status === 'unverified') && !isErased(account.email)
}
