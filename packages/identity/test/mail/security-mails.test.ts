// Mails that tell a person what happened to the ways to sign in, in an app with everything.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { systemContext, systemTenant } from '@gesta/core'
import { refresh } from '../../src/auth/auth-contracts.ts'
import { invite } from '../../src/invitation/invitation-contracts.ts'
import {
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  startTotp,
} from '../../src/second-factor/second-factor-contracts.ts'
import { create as createTenant } from '../../src/tenant/tenant-contracts.ts'
import { TOTP } from 'otpauth'
import { openIdentity, password } from '../open-identity.ts'
import type { TestIdentity } from '../open-identity.ts'

const email = 'ann@example.com'

it('a session that ended because its token was used twice is told to its owner', async () => {
  await using test = await openIdentity()
  const { tokens } = await test.signUp(email)
  await test.done(refresh({ refreshToken: tokens.refreshToken }))
  test.advance(60_000)
  assert.equal(await test.refused(refresh({ refreshToken: tokens.refreshToken })), 'invalid_refresh_token')
  assert.deepEqual(await newSubjects(test, 1), ['a session was ended'])
})

it('each change of the second factor is told', async () => {
  await using test = await openIdentity()
  const ann = await test.signUp(email)
  const { secret } = await test.done(startTotp({}), ann)
  const code = new TOTP({ secret }).generate({ timestamp: test.now() })
  await test.done(confirmTotp({ code }), ann)
  await test.done(replaceRecoveryCodes({ password }), ann)
  await test.done(removeTotp({ password }), ann)
  assert.deepEqual(await newSubjects(test, 3), [
    'an authenticator was added',
    'new recovery codes',
    'the authenticator was removed',
  ])
})

it('an invitation is mailed with the name of its tenant', async () => {
  await using test = await openIdentity()
  await test.done(createTenant({ tenantUuid: 'acme', name: 'Acme & Sons' }), systemContext(systemTenant))
  await test.done(invite({ email, groups: [] }), systemContext('acme'))
  assert.deepEqual(await newSubjects(test, 1), ['you are invited'])
  assert.match(test.mails.at(-1)?.text ?? '', /You are invited to Acme & Sons/)
})

async function newSubjects(test: TestIdentity, count: number): Promise<readonly string[]> {
  await test.settled()
  return test.mails.slice(-count).map(({ subject }) => subject.replace(/^[^:]*: /, ''))
}
