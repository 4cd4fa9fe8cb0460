// Two apps on one PostgreSQL: what one ends, the other allows no more, from the moment it is acknowledged.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isGestaError, systemContext, systemTenant } from '@gesta/core'
import { changePassword } from '../../src/account/account-contracts.ts'
import { endSession, listSessions, login, logout, refresh, selectIdentity } from '../../src/auth/auth-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import type { Person, TestIdentity } from '../open-identity.ts'
import { sharedStore, skip } from '../stores.ts'

const ann = 'ann@shop.example'

async function openTwo(options: { readonly refreshGraceSeconds?: number } = {}) {
  const backend = await sharedStore()
  await using opening = new AsyncDisposableStack()
  const one = opening.use(await openIdentity({ store: backend(), ...options }))
  const other = opening.use(await openIdentity({ store: backend(), beside: one, ...options }))
  const opened = opening.move()
  return { one, other, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
const askedBy = async (app: TestIdentity, { tokens }: Person): Promise<string> => {
  const context = await app.identity.callerOf(tokens.accessToken)
  if (context === undefined) return 'nobody'
  return app.app.query(listSessions(), { context }).then(
    () => 'allowed',
    (error: unknown) => (isGestaError(error) ? error.code : 'failed'),
  )
}
async function refreshedBy(app: TestIdentity, refreshToken: string): Promise<string | undefined> {
  const outcome = await app.dispatch(refresh({ refreshToken }))
  return outcome.ok ? outcome.result.refreshToken : undefined
}

describe('two processes on one store', { skip }, () => {
  it('believe each other\u2019s tokens, from the first one on', async () => {
    await using apps = await openTwo()
    const person = await apps.one.signUp(ann)
    assert.equal(await askedBy(apps.other, person), 'allowed')
    const again = await apps.other.done(refresh({ refreshToken: person.tokens.refreshToken }))
    assert.equal(await refreshedBy(apps.one, person.tokens.refreshToken), again.refreshToken)
    assert.ok(await apps.one.identity.callerOf(again.accessToken))
  })

  it('end a session once, in both, whose token comes too late to both at once', async () => {
    await using apps = await openTwo()
    const person = await apps.one.signUp(ann)
    const { refreshToken } = person.tokens
    const successor = await refreshedBy(apps.other, refreshToken)
    apps.one.advance(60_000)
    assert.deepEqual(await Promise.all([refreshedBy(apps.one, refreshToken), refreshedBy(apps.other, refreshToken)]), [
      undefined,
      undefined,
    ])
    for (const app of [apps.one, apps.other]) assert.equal(await askedBy(app, person), 'permission_denied')
    assert.equal(await refreshedBy(apps.other, successor ?? ''), undefined)
    const asApp = systemContext(systemTenant)
    const { items } = await apps.one.app.audit.list(asApp, { action: 'Auth.RefreshTokenReused' })
    assert.equal(items.length, 1)
  })

  it('end access at once by signing out, by ending a session and by a change of the password', async () => {
    await using apps = await openTwo()
    const first = await apps.one.signUp(ann)
    const people = [first, await apps.one.signIn(ann), await apps.other.signIn(ann)] as const
    for (const person of people)
      for (const app of [apps.one, apps.other]) assert.equal(await askedBy(app, person), 'allowed')
    await apps.other.done(logout(), people[0])
    assert.equal(await askedBy(apps.one, people[0]), 'permission_denied')
    await apps.one.done(endSession({ session: people[1].session }), people[2])
    assert.equal(await askedBy(apps.other, people[1]), 'permission_denied')
    const newPassword = 'six copper lanterns sway'
    const fourth = await apps.other.signIn(ann)
    assert.equal(await askedBy(apps.one, fourth), 'allowed')
    await apps.one.done(changePassword({ currentPassword: password, newPassword }), people[2])
    assert.equal(await askedBy(apps.other, fourth), 'permission_denied')
    assert.equal(await askedBy(apps.other, people[2]), 'allowed')
    assert.equal(await refreshedBy(apps.other, fourth.tokens.refreshToken), undefined)
    assert.equal(await apps.other.refused(login({ email: ann, password })), 'invalid_credentials')
  })

  it('that refresh a hundred times while one ends the session leave no living token', async () => {
    await using apps = await openTwo()
    for (const end of ['one', 'other'] as const) {
      const person = end === 'one' ? await apps.one.signUp(ann) : await apps.one.signIn(ann)
      const { refreshToken } = person.tokens
      const given = await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          if (at !== 50) return refreshedBy(at % 2 === 0 ? apps.one : apps.other, refreshToken)
          await apps[end].done(logout(), person)
          return undefined
        }),
      )
      for (const text of new Set([refreshToken, ...given]))
        for (const app of [apps.one, apps.other])
          if (text !== undefined) assert.equal(await refreshedBy(app, text), undefined)
      for (const app of [apps.one, apps.other]) assert.equal(await askedBy(app, person), 'permission_denied')
    }
  })

  it('that refresh with the same token at once get the same successor', async () => {
    await using apps = await openTwo()
    const person = await apps.one.signUp(ann)
    const { refreshToken } = person.tokens
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, at) => refreshedBy(at % 2 === 0 ? apps.one : apps.other, refreshToken)),
    )
    assert.equal(new Set(all).size, 1)
    assert.ok(all[0])
  })

  it('select an identity while the session is refreshed without any grace, and lose neither', async () => {
    await using apps = await openTwo({ refreshGraceSeconds: 0 })
    const owner = await apps.one.newTenant('acme', ann)
    const selection = { tenant: 'acme', identity: owner.identity }
    for (let at = 0; at < 5; at++) {
      const person = await apps.one.signIn(ann)
      const [selected, refreshed] = await Promise.all([
        apps.other.done(selectIdentity(selection), person),
        refreshedBy(apps.one, person.tokens.refreshToken),
      ])
      assert.equal(selected.identity, owner.identity)
      assert.ok(refreshed)
      const next = await apps.other.done(refresh({ refreshToken: refreshed }))
      assert.deepEqual({ tenant: next.tenant, identity: next.identity }, selection)
    }
  })
})
