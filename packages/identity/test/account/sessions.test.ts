// Sessions after a new password, a block, a removal: which go on is decided with the commit that changes the account.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isPermissionDenied, systemContext, systemTenant } from '@gesta/core'
import { TOTP } from 'otpauth'
import {
  block,
  changePassword,
  me,
  remove,
  requestPasswordReset,
  resetPassword,
  unblock,
} from '../../src/account/account-contracts.ts'
import { login, refresh } from '../../src/auth/auth-contracts.ts'
import { confirmTotp, startTotp } from '../../src/second-factor/second-factor-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import type { Person, TestIdentity } from '../open-identity.ts'
import { storesOfOne } from '../stores.ts'

const email = 'ann@example.com'
const next = 'copper lantern dew'
const administrator = systemContext(systemTenant)

for (const [name, open] of Object.entries(storesOfOne)) {
  it(`a changed password ends all sessions but the one that changed it: ${name}`, async () => {
    await using place = await open()
    await using test = await openIdentity({ store: place.store })
    const [own, other] = [await test.signUp(email), await test.signIn(email)]
    await test.done(changePassword({ currentPassword: password, newPassword: next }), own)
    assert.deepEqual([await isAlive(test, own), await isAlive(test, other)], [true, false])
    assert.equal(await test.refused(login({ email, password })), 'invalid_credentials')
    await test.done(login({ email, password: next }))
  })

  it(`a reset ends every session, and does not pass by the second factor: ${name}`, async () => {
    await using place = await open()
    await using test = await openIdentity({ store: place.store })
    const ann = await test.signUp(email)
    const { secret } = await test.done(startTotp({}), ann)
    await test.done(confirmTotp({ code: new TOTP({ secret }).generate({ timestamp: test.now() }) }), ann)
    await test.done(requestPasswordReset({ email }))
    await test.settled()
    const code = test.codeOf(test.mails.findLast(({ subject }) => /set a new password/.test(subject)))
    await test.done(resetPassword({ code, password: next }))
    assert.equal(await isAlive(test, ann), false)
    assert.equal(await test.refused(login({ email, password: next })), 'second_factor_required')
  })

  it(`a blocked account's sessions end at once, and do not come back with it: ${name}`, async () => {
    await using place = await open()
    await using test = await openIdentity({ store: place.store })
    const ann = await test.signUp(email)
    await test.done(block({ accountUuid: ann.account, reason: 'asked for' }), administrator)
    assert.equal(await isAlive(test, ann), false)
    await test.done(unblock({ accountUuid: ann.account }), administrator)
    assert.equal(await isAlive(test, ann), false)
    assert.equal(await isAlive(test, await test.signIn(email)), true)
  })

  it(`a removed account's sessions end at once: ${name}`, async () => {
    await using place = await open()
    await using test = await openIdentity({ store: place.store })
    const ann = await test.signUp(email)
    await test.done(remove({ accountUuid: ann.account }), ann)
    assert.equal(await isAlive(test, ann), false)
    assert.equal(await test.refused(login({ email, password })), 'invalid_credentials')
  })
}

/** Whether a session is let in, and its refresh token exchanged. */
async function isAlive(test: TestIdentity, person: Person): Promise<boolean> {
  const isIn = await test.query(me(), person).then(
    () => true,
    (error: unknown) => {
      assert.ok(isPermissionDenied(error))
      return false
    },
  )
  const { refreshToken } = person.tokens
  const outcome = await test.app.dispatch(refresh({ refreshToken }))
  assert.equal(outcome.ok, isIn)
  return isIn
}
