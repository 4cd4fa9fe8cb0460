// A sign-in that is decided again, because its account changed meanwhile, still counts what it was given: the code is not lost.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { login } from '../../src/auth/auth-contracts.ts'
import { requestPasswordReset } from '../../src/account/account-contracts.ts'
import { replaceRecoveryCodes } from '../../src/second-factor/second-factor-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import { codeOf, email, withTotp } from './with-totp.ts'

test('a code of the authenticator signs in while the account changes', async () => {
  await using app = await openIdentity()
  const { ann, secret } = await withTotp(app)
  for (let round = 0; round < 8; round += 1) {
    app.advance(5 * 60_000)
    const [changed, reset, told] = await Promise.all([
      app.dispatch(replaceRecoveryCodes({ password }), ann),
      app.dispatch(requestPasswordReset({ email })),
      app.dispatch(login({ email, password, code: codeOf(secret, app.now()) })),
    ])
    assert.ok(changed.ok && reset.ok)
    assert.ok(told.ok, JSON.stringify(told))
  }
})
