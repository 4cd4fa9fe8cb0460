// Sessions: seen by their owner, ended one by one or all at once, and what they act as.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isGestaError, systemContext, systemTenant } from '@gesta/core'
import {
  endAllSessions,
  endOtherSessions,
  endSession,
  jwks,
  listSessions,
  login,
  logout,
  refresh,
  rotateSigningKeys,
  selectIdentity,
} from '../../src/auth/auth-contracts.ts'
import { requestPasswordReset, resetPassword } from '../../src/account/account-contracts.ts'
import { remove as removeIdentity } from '../../src/member/member-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import type { Person, TestIdentity } from '../open-identity.ts'

const ann = 'ann@shop.example'
const bob = 'bob@shop.example'

async function isAllowed(app: TestIdentity, person: Person): Promise<boolean> {
  return app.query(listSessions(), person).then(
    () => true,
    (error: unknown) => {
      assert.ok(isGestaError(error, 'permission_denied'))
      return false
    },
  )
}
const denied = (error: unknown): boolean => isGestaError(error, 'permission_denied')

describe('sessions', () => {
  it('are seen by their owner alone, the one that asks marked', async () => {
    await using app = await openIdentity()
    const first = await app.signUp(ann)
    const second = await app.signIn(ann)
    await app.signUp(bob)
    await app.settled()
    const shown = await app.query(listSessions(), second)
    assert.deepEqual(
      new Map(shown.map(({ session, isCurrent }) => [session, isCurrent])),
      new Map([
        [first.session, false],
        [second.session, true],
      ]),
    )
  })

  it('of somebody else cannot be ended', async () => {
    await using app = await openIdentity()
    const own = await app.signUp(ann)
    const others = await app.signUp(bob)
    assert.equal(await app.refused(endSession({ session: own.session }), others), 'unknown_session')
    assert.equal(await app.refused(endSession({ session: 'nobodys' }), others), 'unknown_session')
    assert.equal(await isAllowed(app, own), true)
  })

  it('leave nothing among the credentials when they have ended, in whatever way', async () => {
    await using app = await openIdentity()
    const rows = async (): Promise<readonly string[]> => {
      await app.settled()
      const { items } = await app.app.stores.credentials.list({ kind: 'refresh' })
      return items.map(({ id }) => id).toSorted()
    }
    const [one, two, three, four, last] = [
      await app.signUp(ann),
      await app.signIn(ann),
      await app.signIn(ann),
      await app.signIn(ann),
      await app.signIn(ann),
    ] as const
    const others = await app.signUp(bob)
    await app.done(logout(), one)
    await app.done(endSession({ session: two.session }), last)
    assert.deepEqual(await rows(), [three.session, four.session, last.session, others.session].toSorted())
    await app.done(endOtherSessions(), last)
    assert.deepEqual(await rows(), [last.session, others.session].toSorted())
    const { refreshToken } = last.tokens
    await app.done(refresh({ refreshToken }))
    app.advance(60_000)
    assert.equal(await app.refused(refresh({ refreshToken })), 'invalid_refresh_token')
    assert.deepEqual(await rows(), [others.session])
  })

  it('are at most a hundred of an account: another one ends the one that was used the longest time ago', async () => {
    await using app = await openIdentity()
    const first = await app.signUp(ann)
    const second = await app.signIn(ann)
    const all = [first, second]
    app.advance(1_000)
    await app.done(refresh({ refreshToken: first.tokens.refreshToken }))
    while (all.length < 101) all.push(await app.signIn(ann))
    assert.deepEqual([await isAllowed(app, first), await isAllowed(app, second)], [true, false])
    assert.equal((await app.query(listSessions(), first)).length, 100)
    await app.settled()
    assert.equal((await app.app.stores.credentials.list({ kind: 'refresh' }, { limit: 200 })).items.length, 100)
  })

  it('end one by one, all others, or all', async () => {
    await using app = await openIdentity()
    const [one, two, three, four] = [
      await app.signUp(ann),
      await app.signIn(ann),
      await app.signIn(ann),
      await app.signIn(ann),
    ] as const
    await app.done(endSession({ session: two.session }), one)
    await app.done(endSession({ session: two.session }), one)
    assert.deepEqual(
      [await isAllowed(app, one), await isAllowed(app, two), await isAllowed(app, three)],
      [true, false, true],
    )
    await app.done(endOtherSessions(), three)
    assert.deepEqual(
      [await isAllowed(app, one), await isAllowed(app, three), await isAllowed(app, four)],
      [false, true, false],
    )
    const five = await app.signIn(ann)
    await app.done(endOtherSessions(), three)
    assert.deepEqual([await isAllowed(app, three), await isAllowed(app, five)], [true, false])
    await app.done(endAllSessions(), three)
    assert.equal(await isAllowed(app, three), false)
    assert.equal(await app.refused(refresh({ refreshToken: three.tokens.refreshToken })), 'invalid_refresh_token')
  })

  it('that have ended do nothing more, not even end again', async () => {
    await using app = await openIdentity()
    const person = await app.signUp(ann)
    await app.done(logout(), person)
    for (const command of [logout(), endOtherSessions(), endAllSessions(), endSession({ session: person.session })])
      await assert.rejects(app.dispatch(command, person), denied)
  })

  it('whose answer to a refresh was lost go on within the grace, and end by the letter of the rule after it', async () => {
    await using app = await openIdentity()
    const lost = await app.signUp(ann)
    const { refreshToken } = lost.tokens
    // Stored, and never received.
    const { refreshToken: unseen } = await app.done(refresh({ refreshToken }))
    app.advance(9_000)
    assert.equal((await app.done(refresh({ refreshToken }))).refreshToken, unseen)
    app.advance(2_000)
    assert.equal(await app.refused(refresh({ refreshToken })), 'invalid_refresh_token')
    assert.equal(await app.refused(refresh({ refreshToken: unseen })), 'invalid_refresh_token')
    assert.equal(await isAllowed(app, lost), false)
  })

  it('ended by a reset of the password leave the owner a way in, however many others have tried', async () => {
    await using app = await openIdentity()
    const person = await app.signUp(ann)
    const elsewhere = { metadata: { address: '203.0.113.80' } }
    for (let at = 0; at < 40; at++) {
      const metadata = { address: `198.51.100.${at}` }
      await app.app.dispatch(login({ email: ann, password: 'not the password' }), { metadata }).catch(() => undefined)
    }
    await assert.rejects(app.app.dispatch(login({ email: ann, password }), elsewhere), (error) =>
      isGestaError(error, 'rate_limited'),
    )
    await app.done(requestPasswordReset({ email: ann }))
    await app.settled()
    const code = app.codeOf(app.mails.findLast(({ to }) => to === ann))
    const fresh = 'six copper lanterns sway'
    assert.ok((await app.app.dispatch(resetPassword({ code, password: fresh }), elsewhere)).ok)
    assert.ok((await app.app.dispatch(login({ email: ann, password: fresh }), elsewhere)).ok)
    assert.equal(await isAllowed(app, person), false)
  })
})

describe('selecting an identity', () => {
  it('makes the session act as it, also after it is refreshed, and leaves the refresh token what it is', async () => {
    await using app = await openIdentity()
    const owner = await app.newTenant('acme', ann)
    const selection = { tenant: 'acme', identity: owner.identity }
    const person = await app.signIn(ann)
    const granted = await app.done(selectIdentity(selection), person)
    assert.equal('refreshToken' in granted, false)
    const context = await app.identity.callerOf(granted.accessToken)
    assert.deepEqual(context, { ...selection, account: person.account, session: person.session })
    const next = await app.done(refresh({ refreshToken: person.tokens.refreshToken }))
    assert.deepEqual({ tenant: next.tenant, identity: next.identity }, selection)
  })

  it('of somebody else, of another tenant, or one that is gone is refused alike', async () => {
    await using app = await openIdentity()
    const owner = await app.newTenant('acme', ann)
    const other = await app.newTenant('umbrella', bob)
    const mallory = await app.signUp('mallory@shop.example')
    for (const selection of [
      { tenant: 'acme', identity: owner.identity },
      { tenant: 'umbrella', identity: owner.identity },
      { tenant: 'nowhere', identity: owner.identity },
      { tenant: systemTenant, identity: 'system' },
    ])
      assert.equal(await app.refused(selectIdentity(selection), mallory), 'unknown_identity')
    assert.equal(
      await app.refused(selectIdentity({ tenant: 'umbrella', identity: other.identity }), owner),
      'unknown_identity',
    )
    await app.done(removeIdentity({ identityUuid: owner.identity }), systemContext('acme'))
    assert.equal(
      await app.refused(selectIdentity({ tenant: 'acme', identity: owner.identity }), await app.signIn(ann)),
      'unknown_identity',
    )
  })
})

describe('the keys of access tokens', () => {
  it('are for everybody to read, and for administrators to change', async () => {
    await using app = await openIdentity()
    const root = await app.setUp()
    const person = await app.signUp(ann)
    const before = await app.query(jwks())
    await assert.rejects(app.dispatch(rotateSigningKeys(), person), denied)
    await assert.rejects(app.dispatch(rotateSigningKeys()), denied)
    await app.done(rotateSigningKeys(), root)
    const after = await app.query(jwks())
    assert.equal(after.keys.length, before.keys.length + 1)
    assert.ok(await app.identity.callerOf(person.tokens.accessToken))
  })
})
