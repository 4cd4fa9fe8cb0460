// Passkeys: how one is added, signs in, and goes; and everything that is not one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext, systemTenant } from '@gesta/core'
import { block } from '../../src/account/account-contracts.ts'
import { listSessions } from '../../src/auth/auth-contracts.ts'
import { add, login, remove, start, startLogin } from '../../src/passkey/passkey-contracts.ts'
import { passkeyKey } from '../../src/passkey/stored-passkey.ts'
import { openIdentity, password } from '../open-identity.ts'
import type { Person, TestIdentity } from '../open-identity.ts'
import { createAuthenticator } from './authenticator.ts'
import type { Authenticator, Otherwise } from './authenticator.ts'

const url = 'https://shop.example'
const email = 'ann@shop.example'
const minuteMs = 60_000

async function addTo(app: TestIdentity, person: Person, device: Authenticator): Promise<string> {
  const { options } = await app.done(start({}), person)
  const { passkey } = await app.done(add({ response: device.register(options), name: 'Phone' }), person)
  return passkey
}

/** `in`, or the code of the rejection. */
async function signsIn(app: TestIdentity, device: Authenticator, otherwise?: Otherwise): Promise<string> {
  const { options, challenge } = await app.done(startLogin())
  const outcome = await app.dispatch(login({ response: device.sign(options, otherwise), challenge }))
  return outcome.ok ? 'in' : outcome.rejection.code
}

async function withPasskey(app: TestIdentity, device: Authenticator = createAuthenticator(url)) {
  const ann = await app.signUp(email)
  return { ann, device, passkey: await addTo(app, ann, device) }
}

test('a passkey is asked for that knows its user, and signs in without a password', async () => {
  await using app = await openIdentity({ name: 'The shop' })
  const ann = await app.signUp(email)
  const device = createAuthenticator(url)
  const { options } = await app.done(start({}), ann)
  assert.deepEqual(options.rp, { id: 'shop.example', name: 'The shop' })
  assert.equal(Buffer.from(options.user.id, 'base64url').toString(), ann.account)
  assert.deepEqual(options.authenticatorSelection, {
    residentKey: 'required',
    requireResidentKey: true,
    userVerification: 'required',
  })
  const { passkey } = await app.done(add({ response: device.register(options), name: 'Phone' }), ann)
  const again = await app.done(start({}), ann)
  assert.deepEqual(again.options.excludeCredentials, [{ type: 'public-key', id: passkey }])

  const asked = await app.done(startLogin())
  const tokens = await app.done(login({ response: device.sign(asked.options), challenge: asked.challenge }))
  assert.equal(tokens.account, ann.account)
  const context = await app.identity.callerOf(tokens.accessToken)
  const listed = await app.query(listSessions(), context)
  assert.deepEqual(listed.map(({ method }) => method).toSorted(), ['passkey', 'password'])
})

const wrongRegistrations: { readonly [why: string]: Otherwise } = {
  'another origin': { origin: 'https://shop.example.evil' },
  'another relying party': { rpId: 'example' },
  'another question': { challenge: Buffer.from('another').toString('base64url') },
  'an answer to a sign-in': { type: 'webauthn.get' },
  'a user who was not verified': { isVerified: false },
  'nobody there': { isPresent: false },
  'another id than the one it holds': { id: Buffer.alloc(32, 7).toString('base64url') },
  'certificates, which nobody asked for': { attestation: 'packed' },
  'a format with certificates that would have to be fetched for': { attestation: 'android-safetynet' },
}
for (const [why, otherwise] of Object.entries(wrongRegistrations))
  test(`no passkey is added from ${why}`, async () => {
    await using app = await openIdentity()
    const ann = await app.signUp(email)
    const { options } = await app.done(start({}), ann)
    const response = createAuthenticator(url).register(options, otherwise)
    assert.equal(await app.refused(add({ response, name: 'Phone' }), ann), 'invalid_credentials')
  })

test('a registration answers one question, of its session, within five minutes', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp(email)
  const other = await app.signIn(email)
  const bob = await app.signUp('bob@shop.example')
  const device = createAuthenticator(url)
  const begin = async () => (await app.done(start({}), ann)).options
  const refused = async (options: Awaited<ReturnType<typeof begin>>, who: Person): Promise<void> => {
    const response = device.register(options)
    assert.equal(await app.refused(add({ response, name: 'Phone' }), who), 'invalid_credentials')
  }
  await refused(await begin(), other)
  await refused(await begin(), bob)
  const late = await begin()
  app.advance(5 * minuteMs)
  await refused(late, ann)
  const first = await begin()
  await begin()
  await refused(first, ann)
  const options = await begin()
  const response = device.register(options)
  await app.done(add({ response, name: 'Phone' }), ann)
  assert.equal(await app.refused(add({ response, name: 'Phone' }), ann), 'invalid_credentials')
})

test('of the same registration sent at once one counts', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp(email)
  const { options } = await app.done(start({}), ann)
  const response = createAuthenticator(url).register(options)
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => app.dispatch(add({ response, name: 'Phone' }), ann)))
  assert.equal(outcomes.filter(({ ok }) => ok).length, 1)
})

const wrongSignIns: { readonly [why: string]: Otherwise } = {
  'another key': { isForged: true },
  'another origin': { origin: 'https://evil.example' },
  'another relying party': { rpId: 'evil.example' },
  'another question': { challenge: Buffer.from('another').toString('base64url') },
  'an answer to a registration': { type: 'webauthn.create' },
  'a user who was not verified': { isVerified: false },
  'nobody there': { isPresent: false },
  'somebody else': { userHandle: Buffer.from('bob').toString('base64url') },
  'a passkey that nobody has': { id: Buffer.alloc(32, 9).toString('base64url') },
}
for (const [why, otherwise] of Object.entries(wrongSignIns))
  test(`nobody signs in with ${why}`, async () => {
    await using app = await openIdentity()
    const { device } = await withPasskey(app)
    assert.equal(await signsIn(app, device, otherwise), 'invalid_credentials')
    assert.equal(await signsIn(app, device), 'in')
  })

test('an answer signs in once, and within five minutes', async () => {
  await using app = await openIdentity()
  const { device } = await withPasskey(app, createAuthenticator(url, { counts: false }))
  const asked = await app.done(startLogin())
  const response = device.sign(asked.options)
  const sent = await Promise.all([1, 2, 3, 4].map(() => app.dispatch(login({ response, challenge: asked.challenge }))))
  assert.equal(sent.filter(({ ok }) => ok).length, 1)
  const late = await app.done(startLogin())
  app.advance(5 * minuteMs)
  const command = login({ response: device.sign(late.options), challenge: late.challenge })
  assert.equal(await app.refused(command), 'invalid_credentials')
})

test('a copied device is noticed by its count, refused, and told to the audit log', async () => {
  await using app = await openIdentity()
  const { ann, device } = await withPasskey(app)
  const copy = device.copy()
  assert.equal(await signsIn(app, device), 'in')
  assert.equal(await signsIn(app, device), 'in')
  assert.equal(await signsIn(app, copy), 'invalid_credentials')
  const { items } = await app.app.audit.list(systemContext(systemTenant), {
    tenant: systemTenant,
    action: 'Passkey.CounterWentBack',
  })
  assert.deepEqual(
    items.map(({ resource, outcome }) => [resource, outcome]),
    [[ann.account, 'denied']],
  )
  assert.equal(await signsIn(app, device), 'in')
})

test('of a device and its copy that bring the same count at once one signs in', async () => {
  await using app = await openIdentity()
  const { device } = await withPasskey(app)
  const copy = device.copy()
  const told = await Promise.all([device, copy].map((one) => signsIn(app, one)))
  assert.deepEqual(told.toSorted(), ['in', 'invalid_credentials'])
})

test('a blocked account and a passkey that was removed sign nobody in', async () => {
  await using app = await openIdentity()
  const { ann, device, passkey } = await withPasskey(app)
  await app.done(remove({ passkey }), ann)
  assert.equal(await signsIn(app, device), 'invalid_credentials')
  await app.settled()
  assert.equal(await app.app.stores.credentials.get(passkeyKey(passkey)), undefined)

  const other = createAuthenticator(url)
  await addTo(app, ann, other)
  assert.equal(await signsIn(app, other), 'in')
  await app.done(block({ accountUuid: ann.account, reason: 'A test.' }), systemContext(systemTenant))
  assert.equal(await signsIn(app, other), 'invalid_credentials')
})

test('to remove a passkey ends the other sessions, and takes the password when the sign-in was a while ago', async () => {
  await using app = await openIdentity()
  const { ann, passkey } = await withPasskey(app)
  const other = await app.signIn(email)
  app.advance(16 * minuteMs)
  assert.equal(await app.refused(start({}), ann), 'sign_in_again')
  assert.equal(await app.refused(remove({ passkey }), ann), 'sign_in_again')
  assert.equal(await app.refused(remove({ passkey, password: 'ten purple tractors' }), ann), 'invalid_credentials')
  assert.equal(await app.refused(remove({ passkey: 'AAAA', password }), ann), 'unknown_passkey')
  await app.done(remove({ passkey, password }), ann)
  await assert.rejects(app.query(listSessions(), other), { code: 'permission_denied' })
  assert.equal((await app.query(listSessions(), ann)).length, 1)
})

test('an account has 20 passkeys at most', async () => {
  await using app = await openIdentity()
  const ann = await app.signUp(email)
  for (let at = 0; at < 20; at += 1) await addTo(app, ann, createAuthenticator(url))
  assert.equal(await app.refused(start({}), ann), 'too_many_passkeys')
})

test('a passkey belongs to one account, whoever brings it', async () => {
  await using app = await openIdentity()
  const { device, passkey } = await withPasskey(app)
  const bob = await app.signUp('bob@shop.example')
  const { options } = await app.done(start({}), bob)
  const thief = createAuthenticator(url)
  const response = thief.register(options, { id: passkey, isCloned: true })
  assert.equal(await app.refused(add({ response, name: 'Mine' }), bob), 'invalid_credentials')
  assert.equal(await signsIn(app, device), 'in')
})
