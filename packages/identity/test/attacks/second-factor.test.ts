// The second factor is passed by nowhere: neither by a new password nor by the ways in that need none.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { TOTP } from 'otpauth'
import type { Answer } from '../fuzz/answers.ts'
import { password, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { Session, TwoTenants } from '../fuzz/two-tenants.ts'

const email = 'alone@people.example'
const newPassword = 'eleven silent geese march'
let world: TwoTenants
let session: Session
before(async () => {
  world = await startTwoTenants()
  session = await world.signIn(email)
  const as = session.accessToken
  const { secret } = await world.tell<{ readonly secret: string }>('POST', '/api/accounts/me/totp', { password }, as)
  const code = new TOTP({ secret }).generate()
  await world.tell('POST', '/api/accounts/me/totp/confirmation', { code }, as)
})
after(() => world[Symbol.asyncDispose]())

const signIn = (given: string, more: object = {}): Promise<Answer> =>
  world.asking.ask({
    method: 'POST',
    target: '/api/v1/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: given, ...more }),
  })
const codeOf = ({ text }: Answer): unknown => (JSON.parse(text) as { readonly code?: unknown }).code

describe('an account with a second factor', () => {
  test('is asked for it by a sign-in, and told nothing before the password is right', async () => {
    assert.equal(codeOf(await signIn(password)), 'second_factor_required')
    assert.equal(codeOf(await signIn('not the one that is right')), 'invalid_credentials')
    assert.equal(codeOf(await signIn('not the one that is right', { code: '000000' })), 'invalid_credentials')
    assert.equal(codeOf(await signIn(password, { code: '000000' })), 'second_factor_required')
  })

  test('is asked for it after a reset by mail, which signs nobody in and removes nothing', async () => {
    await world.tell('POST', '/api/accounts/password-reset/request', { email })
    const reset = { code: await world.mailedCode(email), password: newPassword }
    assert.equal(await world.tell('POST', '/api/accounts/password-reset', reset), undefined)
    assert.equal(codeOf(await signIn(newPassword)), 'second_factor_required')
    assert.equal(codeOf(await signIn(password)), 'invalid_credentials')
  })
})
