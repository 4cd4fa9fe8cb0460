// What mails lead to, as the browser and the app see it: invitations, verification, new passwords.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { cookiesOf, locationOf, serveFakeIdentity, signedIn, tokens, typed } from './fake-identity.ts'
import type { FakeIdentity } from './fake-identity.ts'

let served: FakeIdentity
before(async () => void (served = await serveFakeIdentity()))
after(() => served[Symbol.asyncDispose]())

describe('an invitation', () => {
  const found = { tenant: 'tenant-1', tenantName: 'Bakery', expiresAt: '2999-01-01T00:00:00Z' }
  const invited = { cookie: '__Host-gesta-invitation=a.b.c' }

  test('is shown by its code, which stays in a cookie and in no address', async () => {
    served.say({ 'Auth.Invitation': { result: found } })
    const response = await served.post('/invitation', { code: ' a.b.c ' })
    assert.equal(locationOf(response), '/invitation')
    assert.equal(cookiesOf(response)['invitation'], 'a.b.c')
  })

  test('that is not valid says so, and the code is forgotten', async () => {
    served.say({ 'Auth.Invitation': { result: null } })
    const response = await served.get('/invitation', invited)
    assert.match(await response.text(), /not valid, or not any more/)
    assert.equal(cookiesOf(response)['invitation'], '')
  })

  test('is accepted with a new account, in its tenant', async () => {
    served.say({
      'Auth.Invitation': { result: found },
      'Account.RegisterInvited': { result: tokens() },
      'Invitation.Accept': { result: { identityUuid: 'identity-1' } },
      'Auth.Identities': { result: [] },
      'Auth.SelectIdentity': { result: tokens('identity-1') },
    })
    const heard = served.heard.length
    const response = await served.post('/invitation/account', { name: ' Anna ', password: typed.password }, invited)
    assert.equal(locationOf(response), '/identity')
    assert.deepEqual(cookiesOf(response), { access: 'access-identity-1', refresh: 'refresh', invitation: '' })
    const accepted = served.heard.slice(heard).find(({ type }) => type === 'Invitation.Accept')
    assert.deepEqual(accepted?.data, { code: 'a.b.c', name: 'Anna' })
    assert.equal((accepted?.context as { readonly targetTenant?: string } | undefined)?.targetTenant, 'tenant-1')
  })

  test('leads on as the new identity at once, whether the account was told of it or not', async () => {
    served.say({ 'Auth.Identities': { result: [] } })
    const heard = served.heard.length
    const response = await served.post('/invitation/account', { name: 'Anna', password: typed.password }, invited)
    assert.equal(cookiesOf(response)['access'], 'access-identity-1')
    assert.deepEqual(
      served.heard.slice(heard).map(({ type }) => type),
      ['Auth.Invitation', 'Account.RegisterInvited', 'Invitation.Accept', 'Auth.SelectIdentity'],
    )
  })

  test('that is not accepted leaves who made an account signed in to try again', async () => {
    served.say({ 'Invitation.Accept': { no: 'account_not_active' }, 'Account.Me': { result: { email: typed.email } } })
    const response = await served.post('/invitation/account', { name: 'Anna', password: typed.password }, invited)
    const text = await response.text()
    assert.match(text, /The reason of account_not_active\.[^]*Accept the invitation/)
    assert.equal(cookiesOf(response)['access'], 'access-none')
    assert.ok(!text.includes(typed.password))
  })

  test('for an account that exists says to sign in with it', async () => {
    served.say({ 'Account.RegisterInvited': { no: 'account_exists' } })
    const response = await served.post('/invitation/account', { name: 'Anna', password: typed.password }, invited)
    assert.match(await response.text(), /This address has an account already\. Sign in/)
  })
})

describe('what mails link to', () => {
  test('verifies an address, as nobody in particular', async () => {
    served.say({ 'Account.Verify': { result: undefined } })
    assert.equal(locationOf(await served.post('/verify', { code: 'a.b.c' }, signedIn)), '/verify/done')
    assert.deepEqual(served.heard.at(-1)?.data, { code: 'a.b.c', password: undefined })
  })

  test('asks for the password where several registrations wait for the same address', async () => {
    served.say({ 'Account.Verify': { no: 'password_needed' } })
    const text = await (await served.post('/verify', { code: 'a.b.c' })).text()
    assert.match(text, /value="a\.b\.c"/)
    assert.match(text, /type="password"/)
    served.say({ 'Account.Verify': { no: 'invalid_credentials' } })
    const wrong = await served.post('/verify', { code: 'a.b.c', password: 'another one' })
    assert.match(await wrong.text(), /Nobody registered with this password and this code\./)
  })

  test('sends and sets passwords with the same words for every address', async () => {
    served.say({
      'Account.RequestPasswordReset': { result: undefined },
      'Account.ResetPassword': { result: undefined },
    })
    assert.equal(locationOf(await served.post('/forgot-password', { email: typed.email })), '/forgot-password/sent')
    const set = await served.post('/reset-password', { code: 'a.b.c', password: typed.password })
    assert.equal(locationOf(set), '/reset-password/done')
  })

  test('says what is wrong with a new password', async () => {
    served.say({ 'Account.ResetPassword': { no: 'password_too_short', details: { lengthMin: 14 } } })
    const text = await (await served.post('/reset-password', { code: 'a.b.c', password: 'short' })).text()
    assert.match(text, /id="password-error">Type at least 14 characters\./)
    assert.match(text, /value="a\.b\.c"/)
  })
})
