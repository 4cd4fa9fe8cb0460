// Signing in, step by step, as the browser and the app see it: which cookies are set, what the app is told, and where it leads.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  anna,
  cookiesOf,
  locationOf,
  rateLimited,
  serveFakeIdentity,
  signedIn,
  tokens,
  typed,
} from './fake-identity.ts'
import type { FakeIdentity } from './fake-identity.ts'

const brewer = { tenant: 'tenant-2', tenantName: 'Brewery', identity: 'identity-2', name: 'Anna' }
let served: FakeIdentity
before(async () => void (served = await serveFakeIdentity()))
after(() => served[Symbol.asyncDispose]())

describe('signing in', () => {
  test('with one identity chooses it at once, and leaves tokens in cookies alone', async () => {
    served.say({
      'Auth.Login': { result: tokens() },
      'Auth.Identities': { result: [anna] },
      'Auth.SelectIdentity': { result: tokens('identity-1') },
    })
    const response = await served.post('/sign-in', { ...typed, after: '/orders?page=2' })
    assert.equal(locationOf(response), '/orders?page=2')
    assert.deepEqual(cookiesOf(response), { access: 'access-identity-1', refresh: 'refresh' })
    assert.equal(response.headers.getSetCookie().length, 2)
    assert.equal(await response.text(), '')
    for (const text of response.headers.getSetCookie())
      assert.match(text, /; Path=\/; Secure; HttpOnly; SameSite=(Lax|Strict)/)
  })

  test('with several or none leads to the choice, and remembers where to go on', async () => {
    for (const choices of [[anna, brewer], []]) {
      served.say({ 'Auth.Login': { result: tokens() }, 'Auth.Identities': { result: choices } })
      const response = await served.post('/sign-in', { ...typed, after: '/orders' })
      assert.equal(locationOf(response), '/identity?after=%2Forders')
      assert.equal(cookiesOf(response)['access'], 'access-none')
    }
  })

  test('goes on nowhere else than here, whatever the form says', async () => {
    served.say({ 'Auth.Login': { result: tokens('identity-1') } })
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])
      assert.equal(locationOf(await served.post('/sign-in', { ...typed, after: to })), '/identity')
  })

  test('too often says when to try again', async () => {
    served.say({ 'Auth.Login': rateLimited(59_001) })
    const response = await served.post('/sign-in', typed)
    assert.equal(response.status, 429)
    assert.equal(response.headers.get('retry-after'), '60')
    assert.match(await response.text(), /Try again in 60 seconds\./)
  })

  test('is nobody, whoever sits at this browser already', async () => {
    served.say({ 'Auth.Login': { no: 'invalid_credentials' } })
    await served.post('/sign-in', typed, signedIn)
    assert.deepEqual(served.heard.at(-1)?.context, {})
  })
})

describe('a sign-in where somebody is signed in', () => {
  test('ends that session, once, when it was right', async () => {
    const other = { ...tokens(), session: 'session-2' }
    served.say({
      'Auth.Login': { result: other },
      'Auth.Logout': { result: undefined },
      'Auth.Identities': { result: [anna] },
      'Auth.SelectIdentity': { result: { ...tokens('identity-1'), session: 'session-2' } },
    })
    const heard = served.heard.length
    await served.post('/sign-in', typed, signedIn)
    const ended = served.heard.slice(heard).filter(({ type }) => type === 'Auth.Logout')
    assert.deepEqual(
      ended.map(({ context }) => (context as { readonly session: string }).session),
      ['session-1'],
    )
  })

  test('leaves it as it is when it was wrong', async () => {
    served.say({ 'Auth.Login': { no: 'invalid_credentials' } })
    const heard = served.heard.length
    const response = await served.post('/sign-in', typed, signedIn)
    assert.deepEqual(
      served.heard.slice(heard).map(({ type }) => type),
      ['Auth.Login'],
    )
    assert.deepEqual(cookiesOf(response), {})
  })
})

describe('the second step', () => {
  const begin = async (): Promise<string> => {
    served.say({ 'Auth.Login': { no: 'second_factor_required' } })
    const response = await served.post('/sign-in', { ...typed, after: '/orders' })
    assert.equal(locationOf(response), '/sign-in/code?after=%2Forders')
    const { step = '' } = cookiesOf(response)
    assert.ok(!decodeURIComponent(step).includes(typed.password))
    assert.ok(
      !Buffer.from(step.split('.')[1] ?? '', 'base64url')
        .toString('latin1')
        .includes(typed.password),
    )
    return step
  }

  test('sends the password of the first, and takes it away when it was right', async () => {
    const cookie = `__Host-gesta-step=${await begin()}`
    served.say({ 'Auth.Login': { result: tokens('identity-1') } })
    const response = await served.post('/sign-in/code', { code: ' 123456 ', after: '/orders' }, { cookie })
    assert.deepEqual(served.heard.at(-1)?.data, { ...typed, code: '123456', device: undefined })
    assert.equal(locationOf(response), '/orders')
    assert.equal(cookiesOf(response)['step'], '')
    const again = await served.post('/sign-in/code', { code: '123456' }, { cookie })
    assert.match(await again.text(), /Sign in again\./)
  })

  test('asks for the next code when one was wrong, and for the password when that no longer is right', async () => {
    const cookie = `__Host-gesta-step=${await begin()}`
    const wrong = await served.post('/sign-in/code', { code: '123456' }, { cookie })
    assert.match(await wrong.text(), /This code is wrong, or it was used before\./)
    served.say({ 'Auth.Login': { no: 'invalid_credentials' } })
    const changed = await served.post('/sign-in/code', { code: '123456' }, { cookie })
    assert.match(await changed.text(), /<h1>Sign in<\/h1>[^]*The address or the password is wrong\./)
  })

  test('opens for nobody with a ticket that was changed or made up', async () => {
    const [id = '', key = ''] = (await begin()).split('.')
    const heard = served.heard.length
    const other = Buffer.from(key, 'base64url').map((byte, at) => (at === 0 ? byte ^ 1 : byte))
    const tickets = [
      `${id}.${Buffer.from(other).toString('base64url')}`,
      `${'A'.repeat(22)}.${key}`,
      'nonsense',
      `${id}.`,
    ]
    for (const ticket of tickets) {
      const response = await served.post('/sign-in/code', { code: '123456' }, { cookie: `__Host-gesta-step=${ticket}` })
      assert.match(await response.text(), /Sign in again\./)
    }
    assert.equal(served.heard.length, heard)
  })

  test('without a first leads to the first', async () =>
    assert.equal(locationOf(await served.get('/sign-in/code')), '/sign-in'))
})

describe('a session', () => {
  test('whose access token ran out is refreshed by the page', async () => {
    served.say({ 'Auth.Refresh': { result: tokens('identity-1') }, 'Auth.Identities': { result: [anna] } })
    const response = await served.get('/identity', { cookie: '__Host-gesta-access=stale; __Host-gesta-refresh=old' })
    assert.match(await response.text(), /You act as/)
    assert.deepEqual(cookiesOf(response), { access: 'access-identity-1', refresh: 'refresh' })
  })

  test('that cannot be refreshed is none, and the browser forgets it', async () => {
    served.say({ 'Auth.Refresh': { no: 'invalid_refresh_token' } })
    const response = await served.get('/verify', { cookie: '__Host-gesta-refresh=old' })
    assert.deepEqual(cookiesOf(response), { access: '', refresh: '' })
  })

  test('ends in the app and in the browser by signing out', async () => {
    served.say({ 'Auth.Logout': { result: undefined } })
    const response = await served.post('/sign-out', {}, signedIn)
    assert.equal(served.heard.at(-1)?.type, 'Auth.Logout')
    assert.equal(locationOf(response), '/sign-out')
    assert.deepEqual(cookiesOf(response), { access: '', refresh: '' })
  })

  test('is not ended in the browser alone when the app could not end it', async () => {
    served.say({ 'Auth.Logout': rateLimited(1_000) })
    const response = await served.post('/sign-out', {}, signedIn)
    assert.match(await response.text(), /You are still signed in/)
    assert.deepEqual(cookiesOf(response), {})
  })
})
