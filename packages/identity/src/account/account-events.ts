// What happens to an account. Of a secret an event has the id under which it lies among the credentials; of a person the address, sealed.
import { event } from '@gesta/core'
import type { DomainEventContract } from '@gesta/core'
import { z } from 'zod'

/** How an account came to be. */
type Origin = 'self' | 'invitation' | 'setUp' | 'administrator'
export interface Registered {
  /** As the person wrote it. */
  readonly email: string
  /** The stream of `AccountEmail` that keeps it for this account. */
  readonly emailKey: string
  readonly origin: Origin
}
export const Registered: DomainEventContract<'Account.Registered', Registered, 'email'> = event(
  'Account.Registered',
  z.object({
    email: z.string(),
    emailKey: z.string(),
    origin: z.enum(['self', 'invitation', 'setUp', 'administrator']),
  }),
  { personal: { fields: ['email'] } },
)

export type Nothing = Readonly<Record<string, never>>
const nothing = z.object({})

/** Somebody asked for an account with an address that has one: its owner is told by mail. */
export const RegistrationRepeated: DomainEventContract<'Account.RegistrationRepeated', Nothing> = event(
  'Account.RegistrationRepeated',
  nothing,
)

export interface CodeIssued {
  /** The id of the one-time code. */
  readonly code: string
}
const codeIssued = z.object({ code: z.string() })
export const VerificationRequested: DomainEventContract<'Account.VerificationRequested', CodeIssued> = event(
  'Account.VerificationRequested',
  codeIssued,
)
export const Verified: DomainEventContract<'Account.Verified', Nothing> = event('Account.Verified', nothing)
export const PasswordResetRequested: DomainEventContract<'Account.PasswordResetRequested', CodeIssued> = event(
  'Account.PasswordResetRequested',
  codeIssued,
)

export interface PasswordSet {
  /** The id of the hash. */
  readonly credential: string
  readonly by: 'registration' | 'change' | 'reset'
  /** The id of the hash that no longer counts. */
  readonly replaced?: string | undefined
}
export const PasswordSet: DomainEventContract<'Account.PasswordSet', PasswordSet> = event(
  'Account.PasswordSet',
  z.object({
    credential: z.string(),
    by: z.enum(['registration', 'change', 'reset']),
    replaced: z.string().optional(),
  }),
)

export interface SessionsEnded {
  /** The one that goes on; absent: none does. */
  readonly except?: string | undefined
  readonly reason: 'password' | 'blocked' | 'removed' | 'signOut' | 'secondFactor'
}
/** All sessions of the account that were alive have ended. */
export const SessionsEnded: DomainEventContract<'Account.SessionsEnded', SessionsEnded> = event(
  'Account.SessionsEnded',
  z.object({
    except: z.string().optional(),
    reason: z.enum(['password', 'blocked', 'removed', 'signOut', 'secondFactor']),
  }),
)

export interface Blocked {
  /** For administrators: nothing personal. */
  readonly reason: string
}
export const Blocked: DomainEventContract<'Account.Blocked', Blocked> = event(
  'Account.Blocked',
  z.object({ reason: z.string() }),
)
export const Unblocked: DomainEventContract<'Account.Unblocked', Nothing> = event('Account.Unblocked', nothing)
export const Removed: DomainEventContract<'Account.Removed', Nothing> = event('Account.Removed', nothing)

export interface TotpConfirmed {
  /** The id of the seed. */
  readonly credential: string
  /** The id of the recovery codes. */
  readonly recovery: string
}
export const TotpConfirmed: DomainEventContract<'Account.TotpConfirmed', TotpConfirmed> = event(
  'Account.TotpConfirmed',
  z.object({ credential: z.string(), recovery: z.string() }),
)
/** The ids of what no longer counts. */
export const TotpRemoved: DomainEventContract<'Account.TotpRemoved', TotpConfirmed> = event(
  'Account.TotpRemoved',
  z.object({ credential: z.string(), recovery: z.string() }),
)
export interface RecoveryCodesReplaced {
  readonly recovery: string
  /** The id of those that no longer count. */
  readonly replaced: string
}
export const RecoveryCodesReplaced: DomainEventContract<'Account.RecoveryCodesReplaced', RecoveryCodesReplaced> = event(
  'Account.RecoveryCodesReplaced',
  z.object({ recovery: z.string(), replaced: z.string() }),
)

export interface PasskeyAdded {
  /** The id of the passkey, as browsers name it (base64url). */
  readonly passkey: string
  /** What the person calls it. */
  readonly name: string
}
export const PasskeyAdded: DomainEventContract<'Account.PasskeyAdded', PasskeyAdded, 'name'> = event(
  'Account.PasskeyAdded',
  z.object({ passkey: z.string(), name: z.string() }),
  { personal: { fields: ['name'] } },
)
export interface PasskeyRemoved {
  readonly passkey: string
}
export const PasskeyRemoved: DomainEventContract<'Account.PasskeyRemoved', PasskeyRemoved> = event(
  'Account.PasskeyRemoved',
  z.object({ passkey: z.string() }),
)

export interface Membership {
  readonly tenant: string
  readonly identity: string
}
const membership = z.object({ tenant: z.string(), identity: z.string() })
/** The account has an identity in a tenant: told by that tenant's identity, for people who choose one. */
export const MembershipAdded: DomainEventContract<'Account.MembershipAdded', Membership> = event(
  'Account.MembershipAdded',
  membership,
)
export const MembershipRemoved: DomainEventContract<'Account.MembershipRemoved', Membership> = event(
  'Account.MembershipRemoved',
  membership,
)
