// An authenticator and recovery codes, from set-up to removal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemTenant } from '@gesta/core'
import {
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  startTotp,
} from '../../src/second-factor/second-factor-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import { codeOf, email, signsIn, withTotp } from './with-totp.ts'

const minuteMs = 60_000
const wrongPassword = 'nine purple tractors hummed'

test('a right code makes the authenticator count, and gives ten recovery codes', async () => {
  await using app = await openIdentity({ name: 'The shop' })
  const ann = await app.signUp(email)
  const { secret, uri } = await app.done(startTotp({}), ann)
  assert.match(secret, /^[A-Z2-7]{32}$/)
  const { protocol, host, pathname, searchParams } = new URL(uri)
  assert.deepEqual([protocol, host, searchParams.get('secret')], ['otpauth:', 'totp', secret])
  assert.equal(decodeURIComponent(pathname), `/The shop:${email}`)

  const code = codeOf(secret, app.now())
  assert.equal(await app.refused(confirmTotp({ code: '1234567' }), ann), 'invalid_code')
  const { recoveryCodes } = await app.done(confirmTotp({ code }), ann)
  assert.equal(new Set(recoveryCodes).size, 10)
  for (const one of recoveryCodes) assert.match(one, /^([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}$/)

  assert.equal(await signsIn(app, code), 'second_factor_required', 'the code that confirmed does not sign in too')
  assert.equal(await signsIn(app, undefined), 'second_factor_required')
  assert.equal(await app.refused(startTotp({}), ann), 'totp_active')
})

test('what was begun is over after 15 minutes, and whoever begins again has the last one', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp(email)
  const first = await app.done(startTotp({}), ann)
  const second = await app.done(startTotp({}), ann)
  assert.equal(await app.refused(confirmTotp({ code: codeOf(first.secret, app.now()) }), ann), 'invalid_code')
  app.advance(15 * minuteMs)
  assert.equal(await app.refused(confirmTotp({ code: codeOf(second.secret, app.now()) }), ann), 'not_started')
})

test('of two that confirm at once one is told yes, and its recovery codes are those that count', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp(email)
  const { secret } = await app.done(startTotp({}), ann)
  const code = codeOf(secret, app.now())
  const outcomes = await Promise.all([1, 2, 3].map(() => app.dispatch(confirmTotp({ code }), ann)))
  const [told, ...others] = outcomes.filter(({ ok }) => ok)
  assert.deepEqual(others, [])
  assert.ok(told?.ok)
  assert.equal(await signsIn(app, told.result.recoveryCodes[0]), 'in')
})

test('a code signs in once, also one step early or late, and none from before it', async () => {
  await using app = await openIdentity()
  const { secret } = await withTotp(app)
  const at = app.now()
  const [early, present, late] = [-30_000, 0, 30_000].map((ms) => codeOf(secret, at + ms))
  assert.equal(await signsIn(app, early), 'in')
  assert.equal(await signsIn(app, early), 'second_factor_required')
  assert.equal(await signsIn(app, late), 'in')
  assert.equal(await signsIn(app, present), 'second_factor_required', 'a later step was used')
  app.advance(5 * minuteMs)
  assert.equal(await signsIn(app, codeOf(secret, app.now() - 90_000)), 'second_factor_required')
  assert.equal(await signsIn(app, codeOf(secret, app.now() + 90_000)), 'second_factor_required')
})

test('a recovery code signs in once, however it is typed', async () => {
  await using app = await openIdentity()
  const { recoveryCodes } = await withTotp(app)
  const [one = '', other] = recoveryCodes
  assert.equal(await signsIn(app, one.toLowerCase().replaceAll('-', ' ')), 'in')
  assert.equal(await signsIn(app, one), 'second_factor_required')
  assert.equal(await signsIn(app, other), 'in')
})

test('new recovery codes need the password, and end those of before', async () => {
  await using app = await openIdentity()
  const { ann, recoveryCodes } = await withTotp(app)
  const wrong = replaceRecoveryCodes({ password: wrongPassword })
  assert.equal(await app.refused(wrong, ann), 'invalid_credentials')
  const replaced = await app.done(replaceRecoveryCodes({ password }), ann)
  assert.equal(await signsIn(app, recoveryCodes[0]), 'second_factor_required')
  assert.equal(await signsIn(app, replaced.recoveryCodes[0]), 'in')
})

test('to remove the authenticator takes the password, ends all other sessions, and nothing of it is kept', async () => {
  await using app = await openIdentity()
  const { ann, other } = await withTotp(app)
  assert.equal(await app.refused(removeTotp({ password: wrongPassword }), ann), 'invalid_credentials')
  await app.done(removeTotp({ password }), ann)
  await assert.rejects(app.dispatch(startTotp({}), other), { code: 'permission_denied' })
  assert.equal(await signsIn(app, undefined), 'in')
  await app.settled()
  for (const kind of ['totp', 'totp-pending', 'recovery-codes']) {
    const { items } = await app.app.stores.credentials.list({ tenant: systemTenant, kind })
    assert.deepEqual(items, [], kind)
  }
  await app.done(startTotp({ password }), ann)
})

test('what was confirmed stays, and what was written for nothing expires', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp(email)
  const { secret } = await app.done(startTotp({}), ann)
  const code = codeOf(secret, app.now())
  // All of them write a seed and codes; the event of one names its own.
  await Promise.all([1, 2, 3].map(() => app.dispatch(confirmTotp({ code }), ann)))
  await app.settled()
  for (const kind of ['totp', 'recovery-codes']) {
    const { items } = await app.app.stores.credentials.list({ tenant: systemTenant, kind })
    const lasting = items.filter(({ expiresAt }) => expiresAt === undefined)
    assert.equal(lasting.length, 1, kind)
    assert.ok(items.length > 1, `of ${kind} only one was written`)
  }
})

test('a session that is not fresh sets up nothing without the password', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp(email)
  app.advance(16 * minuteMs)
  assert.equal(await app.refused(startTotp({}), ann), 'sign_in_again')
  assert.equal(await app.refused(startTotp({ password: wrongPassword }), ann), 'invalid_credentials')
  await app.done(startTotp({ password }), ann)
})

test('the password is tried a few times and not more', async () => {
  await using app = await openIdentity()
  const { ann } = await withTotp(app)
  const tries = async (): Promise<void> => {
    for (let at = 0; at < 40; at += 1) await app.dispatch(removeTotp({ password: `${wrongPassword} ${at}` }), ann)
  }
  await assert.rejects(tries(), { code: 'rate_limited' })
})

test('changes of the second factor are told by mail', async () => {
  await using app = await openIdentity()
  const { ann } = await withTotp(app)
  await app.settled()
  const before = app.mails.length
  assert.equal(app.mails.at(-1)?.to, email)
  await app.done(replaceRecoveryCodes({ password }), ann)
  await app.done(removeTotp({ password }), ann)
  await app.settled()
  assert.equal(app.mails.length, before + 2)
})
