// What people and administrators do to accounts, and what comes of it.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isGestaError } from '@gesta/core'
import { accounts, administrator, openAccounts, passwords } from './open-accounts.ts'
import { rejected } from './rejected.ts'

const [first, second, third] = passwords
const ann = 'ann@example.com'

it('a registered address signs in once it was verified, and not before', async () => {
  await using app = await openAccounts()
  assert.ok((await app.register(ann, first)).ok)
  assert.equal(await app.signsIn(ann, first), false)
  assert.ok((await app.verify(await app.codeTo(ann))).ok)
  assert.equal(await app.signsIn(ann, first), true)
  assert.equal(await app.signsIn(ann, second), false)
})

it('a code verifies once, and only the newest one does', async () => {
  await using app = await openAccounts()
  await app.register(ann, first)
  const old = await app.codeTo(ann)
  app.pass(3 * 60_000)
  await app.running.dispatch(accounts.requestVerification({ email: ann }))
  const code = await app.codeTo(ann)
  assert.notEqual(code, old)
  assert.equal(rejected(await app.verify(old)), 'invalid_code')
  assert.ok((await app.verify(code)).ok)
  assert.equal(rejected(await app.verify(code)), 'invalid_code')
  for (const wrong of ['x', '', ...mangled(code)].filter((text) => text !== ''))
    assert.equal(rejected(await app.verify(wrong)), 'invalid_code')
})

it('a code that has expired verifies nothing', async () => {
  await using app = await openAccounts()
  await app.register(ann, first)
  const code = await app.codeTo(ann)
  app.pass(25 * 3_600_000)
  assert.equal(rejected(await app.verify(code)), 'invalid_code')
})

it('registration is closed for everybody alike unless the app opens it', async () => {
  await using app = await openAccounts({ identity: { registration: 'invited' } })
  assert.equal(rejected(await app.register(ann, first)), 'registration_closed')
})

it('a password is refused with what is expected of it', async () => {
  await using app = await openAccounts()
  const short = await app.register(ann, 'copper dew')
  assert.deepEqual(short.ok ? undefined : [short.rejection.code, short.rejection.details], [
    'password_too_short',
    { lengthMin: 12 },
  ])
  assert.equal(rejected(await app.register(ann, 'x'.repeat(257))), 'password_too_long')
  assert.equal(rejected(await app.register(ann, 'ann@example.com')), 'password_common')
})

it('a reset sets the password, ends all sessions and verifies the address, and its code counts once', async () => {
  await using app = await openAccounts()
  await app.register(ann, first)
  await app.running.dispatch(accounts.requestPasswordReset({ email: 'ANN@Example.com' }))
  const code = await app.codeTo(ann)
  assert.ok((await app.running.dispatch(accounts.resetPassword({ code, password: second }))).ok)
  assert.equal(await app.signsIn(ann, second), true)
  assert.equal(await app.signsIn(ann, first), false)
  assert.equal(rejected(await app.running.dispatch(accounts.resetPassword({ code, password: third }))), 'invalid_code')
  assert.match(app.mailsTo(ann).at(-1)?.subject ?? '', /password was changed/)
})

it('a password is changed with the current one alone', async () => {
  await using app = await openAccounts()
  const account = await signedUp(app)
  const change = (currentPassword: string, newPassword: string) =>
    app.as(account).dispatch(accounts.changePassword({ currentPassword, newPassword }))
  assert.equal(rejected(await change(second, third)), 'invalid_credentials')
  assert.equal(rejected(await change(first, 'password12345')), 'password_common')
  assert.ok((await change(first, second)).ok)
  assert.equal(await app.signsIn(ann, second), true)
  assert.equal(await app.signsIn(ann, first), false)
})

it('a hash that was replaced goes, and the one that counts stays for good', async () => {
  await using app = await openAccounts()
  const account = await signedUp(app)
  await app.as(account).dispatch(accounts.changePassword({ currentPassword: first, newPassword: second }))
  await app.settled()
  const { items } = await app.running.stores.credentials.list({ kind: 'password' })
  assert.deepEqual(
    items.map(({ subject, expiresAt }) => ({ subject, expiresAt })),
    [{ subject: account, expiresAt: undefined }],
  )
})

it('a blocked account does not sign in until it is unblocked, and no mail resets it', async () => {
  await using app = await openAccounts()
  const accountUuid = await signedUp(app)
  const byAdministrator = app.running.as(administrator)
  assert.ok((await byAdministrator.dispatch(accounts.block({ accountUuid, reason: 'asked for' }))).ok)
  assert.equal(await app.signsIn(ann, first), false)
  const before = app.mails.length
  await app.running.dispatch(accounts.requestPasswordReset({ email: ann }))
  await app.settled()
  assert.equal(app.mails.length, before)
  assert.ok((await byAdministrator.dispatch(accounts.unblock({ accountUuid }))).ok)
  assert.equal(await app.signsIn(ann, first), true)
})

it('a removed account leaves neither secrets nor its address, which somebody else may have', async () => {
  await using app = await openAccounts()
  const account = await signedUp(app)
  assert.ok((await app.as(account).dispatch(accounts.remove({ accountUuid: account }))).ok)
  await app.settled()
  const { items } = await app.running.stores.credentials.list({ subject: account })
  assert.deepEqual(items, [])
  const shown = await app.running.query(accounts.get({ accountUuid: account }), {
    context: administrator,
    history: true,
  })
  assert.equal(shown?.email, null)
  assert.equal(JSON.stringify(shown).includes(ann), false)
  await app.register(ann, second)
  assert.ok((await app.verify(await app.codeTo(ann))).ok)
  assert.equal(await app.signsIn(ann, second), true)
})

it('nobody removes the account of somebody else without the permission', async () => {
  await using app = await openAccounts()
  const accountUuid = await signedUp(app)
  await assert.rejects(app.as('somebody').dispatch(accounts.remove({ accountUuid })), (error) =>
    isGestaError(error, 'permission_denied'),
  )
})

it('administrators list accounts in pages; a person sees the own one alone', async () => {
  await using app = await openAccounts()
  const account = await signedUp(app)
  await app.register('bob@example.com', first)
  await app.settled()
  const asked = app.running.as(administrator)
  const page = await asked.query(accounts.list({ page: 2, pageSize: 1 }))
  assert.deepEqual([page.total, page.items.length, page.items[0]?.email], [2, 1, 'bob@example.com'])
  assert.equal((await asked.query(accounts.list({ status: 'active' }))).total, 1)
  assert.equal((await app.as(account).query(accounts.me()))?.email, ann)
  await assert.rejects(app.as(account).query(accounts.list({})), (error) => isGestaError(error, 'permission_denied'))
})

async function signedUp(app: Awaited<ReturnType<typeof openAccounts>>): Promise<string> {
  await app.register(ann, first)
  await app.verify(await app.codeTo(ann))
  const found = await app.find(ann)
  assert.ok(found)
  return found.account
}

/** The code with one part of it changed, and parts of it. */
function mangled(code: string): readonly string[] {
  const parts = code.split('.')
  return [
    ...parts.map((_, at) =>
      parts.map((part, place) => (place === at ? part.replace(/^./, 'A') + 'A' : part)).join('.'),
    ),
    ...parts,
    `${code}A`,
    code.slice(0, -1),
  ]
}
