// Every event of the identity either moves an epoch in its commit, or changes nothing of what somebody may do, for a reason that stands here.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdentity } from '../../src/index.ts'

interface Parts {
  readonly aggregates: readonly { readonly folds: ReadonlyMap<string, unknown> }[]
  readonly advances: readonly (readonly [{ readonly type: string }, unknown])[]
}
const domains = createIdentity({ url: 'https://shop.example' }).domains as unknown as readonly Parts[]
const known = new Set(domains.flatMap(({ aggregates }) => aggregates.flatMap(({ folds }) => [...folds.keys()])))
const moving = new Set(domains.flatMap(({ advances }) => advances.map(([{ type }]) => type)))

const signIn = 'what somebody signs in with; sessions that are there go on, or end by Account.SessionsEnded beside it'
const mail = 'a mail, or what keeps its code'
const isAsked = 'a list for people or for decisions; the directory asks the identity itself'
const isFresh = 'nothing can name it yet, so nobody was told that it is not there'
const shown = 'how something is called'
const movesNothing: { readonly [type: string]: string } = {
  'Account.Registered': 'an account without sessions',
  'Account.RegistrationRepeated': mail,
  'Account.VerificationRequested': mail,
  'Account.PasswordResetRequested': mail,
  'Account.AskedInVain': mail,
  'Account.EmailReserved': 'which account an address is kept for',
  'Account.EmailReleased': 'which account an address is kept for',
  'Account.PasswordSet': signIn,
  'Account.TotpConfirmed': signIn,
  'Account.TotpRemoved': signIn,
  'Account.RecoveryCodesReplaced': signIn,
  'Account.PasskeyAdded': signIn,
  'Account.PasskeyRemoved': signIn,
  'Account.MembershipAdded': isAsked,
  'Account.MembershipRemoved': isAsked,
  'Auth.IdentitySelected': 'the next access token says it; whether the account has that identity is asked at every use',
  'Identity.AccountBound': isAsked,
  'Identity.AccountReleased': isAsked,
  'Identity.Renamed': shown,
  'Group.Created': isFresh,
  'Group.Renamed': shown,
  'Tenant.Created': isFresh,
  'Tenant.Renamed': shown,
  'Tenant.AdministratorAdded': isAsked,
  'Tenant.AdministratorRemoved': isAsked,
  'Workspace.Renamed': shown,
  'Invitation.Invited': 'whoever accepts gets an identity, which moves the epoch',
  'Invitation.Withdrawn': 'nobody has anything by an invitation',
  'Invitation.Accepted': 'the identity or its groups, in the same commit, move the epoch',
}

test('every event moves the epoch of whom it concerns, or changes nothing of what somebody may do', () => {
  const neither = [...known].filter((type) => !moving.has(type) && !Object.hasOwn(movesNothing, type))
  assert.deepEqual(neither, [], 'say whom these concern in `advances`, or here why nobody')
})

test('what is said to change nothing is there, and moves nothing', () => {
  for (const type of Object.keys(movesNothing)) {
    assert.ok(known.has(type), `there is no ${type}`)
    assert.ok(!moving.has(type), `${type} moves an epoch`)
  }
  for (const type of moving) assert.ok(known.has(type), `${type} moves an epoch and is no event of an aggregate`)
})
