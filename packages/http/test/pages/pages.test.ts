// What pages answer, header by header: what they set, what they refuse, and what they never say.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serve } from '../../src/index.ts'
import type { ServeOptions } from '../../src/index.ts'
import { fakeApp } from '../support/fake-host.ts'
import { callerOf, contracts, fakeContracts, locationOf, serveFakeIdentity, tokens, typed } from './fake-identity.ts'
import type { FakeIdentity } from './fake-identity.ts'

let served: FakeIdentity
before(async () => void (served = await serveFakeIdentity()))
after(() => served[Symbol.asyncDispose]())

test('a page says how long a password must be as the sessions say, and else nothing of it', async () => {
  const hint = async (server: FakeIdentity): Promise<string> => (await server.get('/reset-password')).text()
  assert.doesNotMatch(await hint(served), /At least/)
  await using told = await serveFakeIdentity({ sessions: { callerOf, contracts, passwordLengthMin: 20 } })
  assert.match(await hint(told), /At least 20 characters\. Several words/)
})

describe('pages at the start', () => {
  const refuses = (options: ServeOptions, expected: RegExp): Promise<void> =>
    assert.rejects(serveFakeIdentity(options), expected)

  test('need sessions', () =>
    assert.rejects(
      serve(fakeApp({ contracts: fakeContracts }), { port: 0, pages: true }),
      /pages sign people in, so they need sessions/,
    ))

  test('need the contracts of the identity, and name what is missing', async () => {
    const app = fakeApp({ contracts: fakeContracts.filter(({ contract }) => contract.type !== 'Auth.Invitation') })
    await assert.rejects(
      serve(app, { port: 0, sessions: { callerOf, contracts }, pages: true }),
      /The app does not serve Auth\.Invitation\. Give createApp\(\) the domains/,
    )
  })

  test('lead to no other origin', () =>
    refuses({ pages: { after: '//evil.example' } }, /pages\.after to be a path of this server/))

  test('have known options alone', () =>
    refuses({ pages: { afterwards: '/' } as never }, /serve\(\{ pages \}\) has no option "afterwards"/))

  test('share no path with a route of the app', () =>
    refuses(
      { routes: { routes: [{ type: 'Auth.Login', method: 'POST', path: '/sign-in' }] } as never },
      /the route of Auth\.Login is \/sign-in, which is a page/,
    ))

  test('are not served unless they are asked for', async () => {
    await using plain = await serveFakeIdentity({ pages: undefined })
    assert.equal((await fetch(`${plain.url}/sign-in`)).status, 404)
  })
})

describe('every page', () => {
  test('is kept by nobody, framed by nobody, and runs one script of its own', async () => {
    for (const path of ['/sign-in', '/set-up', '/invitation', '/verify', '/forgot-password', '/sign-out']) {
      const response = await served.get(path)
      assert.equal(response.status, 200, path)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.equal(
        response.headers.get('content-security-policy'),
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      assert.equal(response.headers.get('referrer-policy'), 'same-origin')
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
      assert.doesNotMatch(
        await response.text(),
        /<script(?! src="\/sign-in\/script\.js" defer><\/script>)|style=|onclick/,
      )
    }
  })

  test('that only a form leads to begins anew for who opens its address', async () => {
    for (const path of ['/sign-in/passkey', '/sign-in/passkey/answer'])
      assert.equal(locationOf(await served.get(path)), '/sign-in')
    for (const path of ['/invitation/account', '/invitation/accept'])
      assert.equal(locationOf(await served.get(path)), '/invitation')
  })

  test('is HTTPS alone in production, for who comes through a proxy', async () => {
    await using live = await serveFakeIdentity({ production: true })
    const response = await fetch(`${live.url}/sign-in`, { headers: { 'x-forwarded-for': '192.0.2.1' } })
    assert.equal(response.status, 403)
    assert.match(await response.text(), /This page needs HTTPS/)
  })

  test('shows what was typed, and never as HTML', async () => {
    served.say({ 'Auth.Login': { no: 'invalid_credentials' } })
    const email = '"><script>alert(1)</script>@shop.example'
    const text = await (await served.post('/sign-in', { ...typed, email })).text()
    assert.ok(text.includes('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;@shop.example"'))
    assert.ok(!text.includes('<script>alert'))
    assert.ok(!text.includes(typed.password))
  })

  test('tells nothing of what failed in the server but a number', async () => {
    served.say({ 'Auth.Login': new Error('secret of the store') })
    const response = await served.post('/sign-in', typed)
    assert.equal(response.status, 500)
    const text = await response.text()
    const { requestId } = served.logged.at(-1) as { readonly requestId: string }
    assert.ok(text.includes(requestId) && !text.includes('secret of the store') && !text.includes(typed.password))
  })
})

describe('a form', () => {
  const heardNothing = async (send: () => Promise<Response>, status: number): Promise<string> => {
    const heard = served.heard.length
    const response = await send()
    assert.equal(response.status, status)
    assert.equal(served.heard.length, heard)
    assert.match(response.headers.get('content-type') ?? '', /text\/html/)
    return response.text()
  }

  test('from another origin, or from nobody knows where, does nothing', async () => {
    const strange: readonly Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'cross-site', origin: served.url },
    ]
    for (const headers of strange)
      assert.match(await heardNothing(() => served.post('/sign-in', typed, headers), 403), /This came from elsewhere/)
    const old = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${served.url}/sign-in`, { method: 'POST', body: new URLSearchParams(typed), headers })
    for (const headers of [{ origin: 'null' }, { origin: 'https://evil.example' }])
      await heardNothing(() => old(headers), 403)
  })

  test('of a browser that says its origin alone is taken from here', async () => {
    served.say({ 'Auth.Login': { no: 'invalid_credentials' } })
    const headers = { origin: served.url }
    const response = await fetch(`${served.url}/sign-in`, { method: 'POST', body: new URLSearchParams(typed), headers })
    assert.equal(response.status, 422)
  })

  test('of another type, too long, or with a field twice is read by nobody', async () => {
    const send = (body: string, type: string): Promise<Response> =>
      fetch(`${served.url}/sign-in`, {
        method: 'POST',
        body,
        headers: { 'sec-fetch-site': 'same-origin', 'content-type': type },
      })
    const form = 'application/x-www-form-urlencoded'
    await heardNothing(() => send(JSON.stringify(typed), 'application/json'), 415)
    await heardNothing(() => send('email=a&password=b', 'text/plain'), 415)
    await heardNothing(() => send(`email=${'a'.repeat(40_000)}`, form), 413)
    await heardNothing(() => send('email=a&email=b&password=c', form), 400)
    await heardNothing(() => send('email=a%00&password=b', form), 400)
  })

  test('that is no UTF-8 is read by nobody, however it is written', async () => {
    for (const body of ['email=%ff&password=b', 'email=a&password=%', 'email=a&%c3=b'])
      await heardNothing(
        () =>
          fetch(`${served.url}/sign-in`, {
            method: 'POST',
            body,
            headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' },
          }),
        400,
      )
  })

  test('is not counted when it lets somebody in; a made-up session that a page would refresh is', async () => {
    await using strict = await serveFakeIdentity({ rateLimit: { attemptsPerMinute: 2 } })
    strict.say({ 'Auth.Login': { result: tokens('identity-1') }, 'Auth.Refresh': { no: 'invalid_refresh_token' } })
    for (let i = 0; i < 4; i++) assert.equal((await strict.post('/sign-in', typed)).status, 303)
    const madeUp = { cookie: '__Host-gesta-refresh=x' }
    for (let i = 0; i < 2; i++) assert.equal((await strict.get('/sign-in', madeUp)).status, 200)
    const heard = strict.heard.length
    assert.equal((await strict.get('/sign-in', madeUp)).status, 429)
    assert.equal(strict.heard.length, heard)
    assert.equal((await strict.get('/sign-in')).status, 200)
  })

  test('is answered in a sentence when it comes too often from one address', async () => {
    await using strict = await serveFakeIdentity({ rateLimit: { attemptsPerMinute: 1 } })
    strict.say({ 'Auth.Login': { no: 'invalid_credentials' } })
    assert.equal((await strict.post('/sign-in', typed)).status, 422)
    const refused = await strict.post('/sign-in', typed)
    assert.equal(refused.status, 429)
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    assert.match(await refused.text(), /Too many requests/)
  })
})
