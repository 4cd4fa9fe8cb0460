import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serve } from '../../src/index.ts'
import { parseAnswer, requestText } from '../support/serve-shop.ts'
import { asksForCookies, bearer, cookieHeader, fromOwnPage, serveSessions } from '../support/session-app.ts'
import type { ServedSessions } from '../support/session-app.ts'

const right = { password: 'right' }

/** Signs in as a page does; the answer is the Cookie header of what follows. */
async function signIn(shop: ServedSessions): Promise<string> {
  const { status, headers } = await shop.post('/login', right, asksForCookies)
  assert.equal(status, 200)
  return cookieHeader(headers)
}

describe('a sign-in that asks for cookies', () => {
  test('gets its tokens as cookies, and a body without them', async () => {
    await using shop = await serveSessions()
    for (const path of ['/login', '/api/commands/Auth.Login', '/api/call/Auth.Login']) {
      const { headers, body, text } = await shop.post(path, right, asksForCookies)
      const [access, refresh, device, ...more] = headers.getSetCookie()
      assert.match(
        access ?? '',
        /^__Host-gesta-access=access-\d; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=(899|900)$/,
      )
      assert.match(
        refresh ?? '',
        /^__Host-gesta-refresh=refresh-\d; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=60\d{4}$/,
      )
      assert.match(
        device ?? '',
        /^__Host-gesta-device=device-1; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=31536000$/,
      )
      assert.deepEqual(more, [])
      assert.doesNotMatch(text, /access-|refresh-|device-/)
      assert.equal((body as { readonly result: { readonly account: string } }).result.account, 'ada')
      assert.equal(headers.get('cache-control'), 'no-store')
    }
  })

  test('gets cookies that end when its tokens do, by the clock that these were made by', async () => {
    const yearMs = 31_536_000_000
    await using shop = await serveSessions()
    await using server = await serve(shop.running, {
      port: 0,
      sessions: { ...shop.sessions, now: () => Date.now() - yearMs },
    })
    const headers = { ...asksForCookies, 'content-type': 'application/json' }
    const body = JSON.stringify(right)
    const answer = await fetch(`${server.url}/api/commands/Auth.Login`, { method: 'POST', headers, body })
    const [access] = answer.headers.getSetCookie()
    assert.match(access ?? '', /Max-Age=(31536899|31536900)$/)
  })

  test('is refused where it asks for something else', async () => {
    await using shop = await serveSessions()
    const { status, problem } = await shop.post('/login', right, { ...fromOwnPage, 'gesta-session': 'cookies' })
    assert.deepEqual([status, problem.code], [400, 'invalid_header'])
  })

  test('that is rejected sets none', async () => {
    await using shop = await serveSessions()
    const { status, headers } = await shop.post('/login', { password: 'wrong' }, asksForCookies)
    assert.deepEqual([status, headers.getSetCookie()], [401, []])
  })

  test('over plain HTTP from elsewhere is refused in production', async () => {
    await using shop = await serveSessions({ production: true })
    const proxied = { ...asksForCookies, 'x-forwarded-for': '192.0.2.1' }
    const { status, problem } = await shop.post('/login', right, proxied)
    assert.deepEqual([status, problem.code], [403, 'https_required'])
    assert.deepEqual(shop.known.devices, [])
  })
})

describe('cookies', () => {
  test('say who asks', async () => {
    await using shop = await serveSessions()
    const cookie = await signIn(shop)
    assert.equal((await shop.get('/api/queries/Auth.Me', { ...fromOwnPage, cookie })).text, '"ada"')
    assert.equal((await shop.post('/api/call/Auth.Me', undefined, { ...fromOwnPage, cookie })).status, 200)
  })

  test('beside a bearer are not looked at', async () => {
    await using shop = await serveSessions()
    const cookie = await signIn(shop)
    const other = { cookie: '__Host-gesta-access=nobody; __Host-gesta-access=nobody' }
    assert.equal((await shop.get('/api/queries/Auth.Me', { ...other, ...bearer('ada') })).status, 200)
    assert.equal((await shop.get('/api/queries/Auth.Me', { cookie, ...bearer('nobody') })).status, 401)
    const refreshed = await shop.post('/api/commands/Auth.Refresh', {}, { cookie, ...bearer('ada') })
    assert.deepEqual([refreshed.status, refreshed.problem.code], [422, 'invalid_input'])
  })

  test('that stand for nobody are as none', async () => {
    await using shop = await serveSessions()
    const headers = { ...fromOwnPage, cookie: '__Host-gesta-access=gone' }
    assert.equal((await shop.get('/api/queries/Auth.Hello', headers)).status, 200)
    assert.equal((await shop.get('/api/queries/Auth.Me', headers)).status, 401)
    assert.equal((await shop.post('/login', right, { ...asksForCookies, ...headers })).status, 200)
  })

  test('of others are let be, whatever they look like', async () => {
    await using shop = await serveSessions()
    const cookie = await signIn(shop)
    for (const others of [
      'a=b; a=c',
      '=;;;',
      'x',
      '__Host-other=1',
      '__Host-gesta-constructor=1',
      'a="__Host-gesta-access=x"',
    ])
      assert.equal(
        (await shop.get('/api/queries/Auth.Me', { ...fromOwnPage, cookie: `${others}; ${cookie}` })).status,
        200,
      )
  })

  test('with a blank before their name that browsers take for a part of it are not ours', async () => {
    await using shop = await serveSessions()
    const cookie = await signIn(shop)
    // A page of a neighbouring host may set such a name for the whole domain: browsers guard the bare prefix __Host- alone.
    const tossed = '\u00a0__Host-gesta-access=ada'
    assert.equal((await shop.get('/api/queries/Auth.Me', { ...fromOwnPage, cookie: tossed })).status, 401)
    for (const both of [`${tossed}; ${cookie}`, `${cookie};${tossed}`])
      assert.equal((await shop.get('/api/queries/Auth.Me', { ...fromOwnPage, cookie: both })).status, 200)
  })

  test('of ours that are given twice, or cannot be ours, are refused', async () => {
    await using shop = await serveSessions()
    for (const cookie of [
      '__Host-gesta-access=a; __Host-gesta-access=b',
      '__Host-gesta-refresh=a; __Host-gesta-refresh=a',
      '__Host-gesta-access=',
      '__Host-gesta-access="a"',
      '__Host-gesta-access=a b',
      '__Host-gesta-access=a,b',
    ]) {
      const { status, problem } = await shop.get('/api/queries/Auth.Hello', { ...fromOwnPage, cookie })
      assert.deepEqual([status, problem.code], [400, 'invalid_header'], cookie)
    }
    const lines = ['cookie: __Host-gesta-access=a', 'cookie: __Host-gesta-access=b']
    const two = parseAnswer(await shop.raw(requestText('GET', '/api/queries/Auth.Hello', lines)))
    assert.deepEqual([two.status, two.problem.code], [400, 'invalid_header'])
  })

  test('that no browser would keep are never set', async () => {
    await using shop = await serveSessions()
    shop.known.accessSeconds = Number.NaN
    const { status, headers } = await shop.post('/login', right, asksForCookies)
    assert.deepEqual([status, headers.getSetCookie()], [500, []])
  })
})

describe('the refresh token in a cookie', () => {
  test('is exchanged for cookies, whatever the request asks for', async () => {
    await using shop = await serveSessions()
    let cookie = await signIn(shop)
    for (const asked of [asksForCookies, fromOwnPage]) {
      const { status, headers, text } = await shop.post('/api/commands/Auth.Refresh', {}, { ...asked, cookie })
      assert.equal(status, 200)
      assert.doesNotMatch(text, /access-|refresh-/)
      cookie = cookieHeader(headers)
      assert.match(cookie, /^__Host-gesta-access=access-\d; __Host-gesta-refresh=refresh-\d$/)
    }
    assert.equal((await shop.post('/api/commands/Auth.Refresh', undefined, { ...fromOwnPage, cookie })).status, 200)
  })

  test('counts less than the one in the body', async () => {
    await using shop = await serveSessions()
    const cookie = await signIn(shop)
    const { status } = await shop.post(
      '/api/commands/Auth.Refresh',
      { refreshToken: 'none' },
      { ...fromOwnPage, cookie },
    )
    assert.equal(status, 401)
    assert.equal(shop.known.refresh.size, 1)
  })

  test('that is refused is taken back', async () => {
    await using shop = await serveSessions()
    const cookie = '__Host-gesta-refresh=old; __Host-gesta-device=device-1'
    const { status, headers } = await shop.post('/api/commands/Auth.Refresh', {}, { ...fromOwnPage, cookie })
    assert.equal(status, 401)
    assert.deepEqual(
      headers.getSetCookie().map((each) => each.replace(/; Path.*(?=; Max)/, '')),
      ['__Host-gesta-access=; Max-Age=0', '__Host-gesta-refresh=; Max-Age=0'],
    )
  })
})

describe('the end of a session', () => {
  test('takes the cookies back, all but that of the device', async () => {
    await using shop = await serveSessions()
    const cookie = await signIn(shop)
    const { status, headers } = await shop.post('/api/commands/Auth.Logout', undefined, { ...fromOwnPage, cookie })
    assert.equal(status, 200)
    assert.deepEqual(
      headers.getSetCookie().map((each) => each.replace(/=;.*/, '')),
      ['__Host-gesta-access', '__Host-gesta-refresh'],
    )
    for (const each of headers.getSetCookie()) assert.match(each, /; Path=\/; Secure; HttpOnly; .*; Max-Age=0$/)
  })

  test('by a bearer sets no cookie', async () => {
    await using shop = await serveSessions()
    const { status, headers } = await shop.post('/api/commands/Auth.Logout', undefined, bearer('ada'))
    assert.deepEqual([status, headers.getSetCookie()], [200, []])
  })
})

describe('the device', () => {
  test('is known at the next sign-in', async () => {
    await using shop = await serveSessions()
    const cookie = '__Host-gesta-device=device-7'
    await shop.post('/login', right, { ...asksForCookies, cookie })
    await shop.post('/login', { ...right, device: 'mine' }, { ...asksForCookies, cookie })
    await shop.post('/login', right, asksForCookies)
    assert.deepEqual(shop.known.devices, ['device-7', 'mine', undefined])
  })
})
