// An account with the code of an invitation: whoever reads the mail is signed in at once.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { systemContext, systemTenant } from '@gesta/core'
import { me, register, registerInvited, verify } from '../../src/account/account-contracts.ts'
import { login } from '../../src/auth/auth-contracts.ts'
import { accept, invite, withdraw } from '../../src/invitation/invitation-contracts.ts'
import { create as createTenant } from '../../src/tenant/tenant-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import type { TestIdentity } from '../open-identity.ts'

const email = 'ann@example.com'
const theirs = 'copper lantern dew'

it('somebody who was invited has an account, is signed in and may accept, also where registration is closed', async () => {
  await using test = await openIdentity({ registration: 'invited' })
  const { code } = await invited(test)
  const tokens = await test.done(registerInvited({ code, password }))
  const context = await test.identity.callerOf(tokens.accessToken)
  assert.equal(context?.account, tokens.account)
  await test.settled()
  assert.deepEqual(
    [(await test.query(me(), context))?.email, (await test.query(me(), context))?.status],
    [email, 'active'],
  )
  await test.done(accept({ code, name: 'Ann' }), context, 'acme')
  await test.done(login({ email, password }))
})

it('an address that has an account is told to sign in, and nothing of the account changes', async () => {
  await using test = await openIdentity()
  await test.signUp(email)
  const { code } = await invited(test)
  assert.equal(await test.refused(registerInvited({ code, password: theirs })), 'account_exists')
  assert.equal(await test.refused(login({ email, password: theirs })), 'invalid_credentials')
  await test.done(login({ email, password }))
})

it('an account that somebody else asked for and nobody verified is taken over with the code', async () => {
  await using test = await openIdentity()
  await test.done(register({ email, password: theirs }))
  await test.settled()
  const verification = test.codeOf(test.mails.at(-1))
  const { code } = await invited(test)
  await test.done(registerInvited({ code, password }))
  assert.equal(await test.refused(verify({ code: verification })), 'invalid_code')
  assert.equal(await test.refused(login({ email, password: theirs })), 'invalid_credentials')
  await test.done(login({ email, password }))
})

it('a code that was withdrawn, has expired or is none makes no account', async () => {
  await using test = await openIdentity()
  const { code, invitationUuid } = await invited(test)
  assert.equal(await test.refused(registerInvited({ code: `${code}A`, password })), 'invalid_code')
  await test.done(withdraw({ invitationUuid }), systemContext('acme'))
  await test.settled()
  assert.equal(await test.refused(registerInvited({ code, password })), 'invalid_code')
  const other = await invited(test, 'globex')
  test.advance(366 * 86_400_000)
  assert.equal(await test.refused(registerInvited({ code: other.code, password })), 'invalid_code')
  assert.equal(await test.refused(login({ email, password })), 'invalid_credentials')
})

async function invited(test: TestIdentity, tenant = 'acme') {
  await test.done(createTenant({ tenantUuid: tenant, name: tenant }), systemContext(systemTenant))
  const { invitationUuid } = await test.done(invite({ email, groups: [] }), systemContext(tenant))
  await test.settled()
  return { invitationUuid, code: test.codeOf(test.mails.findLast(({ to }) => to === email)) }
}
