import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestContext } from '@gesta/core'
import { callerOf } from '../../src/caller.ts'
import { serve } from '../../src/index.ts'
import { bySession } from '../../src/sessions/who-asks.ts'
import type { AskedRequest } from '../../src/authenticate.ts'
import { parseAnswer, requestText } from '../support/serve-shop.ts'
import { bearer, serveSessions } from '../support/session-app.ts'

describe('a bearer token', () => {
  test('says who asks, found at once or later', async () => {
    await using shop = await serveSessions()
    for (const token of ['ada', 'later'])
      assert.equal((await shop.get('/api/queries/Auth.Me', bearer(token))).text, '"ada"')
    assert.equal((await shop.get('/api/queries/Auth.Me', { authorization: 'bearer ada' })).text, '"ada"')
  })

  test('that stands for nobody is 401 with its challenge and without a reason, and no handler runs', async () => {
    await using shop = await serveSessions()
    for (const answer of [
      await shop.get('/api/queries/Auth.Hello', bearer('nobody')),
      await shop.post('/api/commands/Auth.Login', { password: 'right' }, bearer('nobody')),
    ]) {
      assert.deepEqual([answer.status, answer.problem.code], [401, 'unauthenticated'])
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="invalid_token"')
    }
    assert.deepEqual(shop.known.devices, [])
    assert.deepEqual(shop.logged, [])
  })

  test('that is none is 401', async () => {
    await using shop = await serveSessions()
    for (const authorization of [
      'Basic YTpi',
      'Bearer',
      'Bearer a b',
      'Bearer ada, Bearer ada',
      'ada',
      'Bearer "ada"',
    ]) {
      const { status, headers } = await shop.get('/api/queries/Auth.Hello', { authorization })
      assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Bearer'], authorization)
    }
    assert.equal(shop.known.asked, 0)
  })

  test('is not needed by whoever asks what is for everybody', async () => {
    await using shop = await serveSessions()
    assert.equal((await shop.get('/api/queries/Auth.Hello')).status, 200)
    assert.equal((await shop.get('/api/queries/Auth.Me')).status, 401)
    assert.equal(shop.known.asked, 0)
  })

  test('logs nobody out in an outage', async () => {
    await using shop = await serveSessions()
    const { status, problem, text } = await shop.get('/api/queries/Auth.Me', bearer('outage'))
    assert.deepEqual([status, problem.code], [503, 'store_unavailable'])
    assert.doesNotMatch(text, /secret/)
  })

  test('given twice is refused', async () => {
    await using shop = await serveSessions()
    const twice = ['authorization: Bearer ada', 'authorization: Bearer nobody']
    const answer = parseAnswer(await shop.raw(requestText('GET', '/api/queries/Auth.Me', twice)))
    assert.deepEqual([answer.status, answer.problem.code], [400, 'invalid_header'])
  })

  test('is asked for once per request', async () => {
    await using shop = await serveSessions()
    await shop.get('/api/queries/Auth.Me', bearer('ada'))
    assert.equal(shop.known.asked, 1)
  })
})

describe('the caller behind a token that is known', () => {
  const quiet = { deadlineMs: 1000, logger: { error: () => undefined, warn: () => undefined } }
  const asking = (headers: Record<string, string>): AskedRequest => {
    const raw = { headers, rawHeaders: Object.entries(headers).flat(), method: 'GET' }
    const request = { ...raw, raw, url: '/', ip: '127.0.0.1', protocol: 'http', host: 'localhost' }
    return request as object as AskedRequest
  }

  test('is there at once, by bearer and by cookie: no promise, no timer', async () => {
    const ada: RequestContext = { account: 'ada', session: 's' }
    const contracts = { starts: [], refresh: 'Auth.Refresh', ends: [] }
    const whoAsks = bySession({ contracts, callerOf: () => ada }, undefined)
    for (const headers of [bearer('ada'), { cookie: '__Host-gesta-access=ada', 'sec-fetch-site': 'same-origin' }])
      assert.equal(callerOf(whoAsks, quiet, asking(headers)), ada)
    assert.equal(callerOf(whoAsks, quiet, asking({})), undefined)
  })
})

describe('serve refuses at start', () => {
  test('sessions beside authenticate, and what is none', async () => {
    await using shop = await serveSessions()
    const { sessions } = shop
    const both = { sessions, authenticate: () => undefined }
    await assert.rejects(serve(shop.running, both), /both authenticate and sessions say who asks/)
    await assert.rejects(
      serve(shop.running, { sessions: {} as never }),
      /expected sessions to have callerOf and contracts/,
    )
  })

  test('sessions whose contracts the app does not have', async () => {
    await using shop = await serveSessions()
    const contracts = { ...shop.sessions.contracts, starts: ['Auth.Logon'] }
    await assert.rejects(
      serve(shop.running, { port: 0, sessions: { ...shop.sessions, contracts } }),
      /sessions name Auth\.Logon: the app has no such command or query\. Did you mean Auth\.Login\?/,
    )
    const keys = { ...shop.sessions.contracts, keys: 'Auth.Logout', ends: [] }
    await assert.rejects(
      serve(shop.running, { port: 0, sessions: { ...shop.sessions, contracts: keys } }),
      /is a command/,
    )
  })

  test('an origin that is none, and proxies that are none', async () => {
    await using shop = await serveSessions()
    for (const origin of ['shop.example', 'https://shop.example/', 'https://shop.example/x'])
      await assert.rejects(serve(shop.running, { origin }), /expected origin to be where people reach the server/)
    await assert.rejects(serve(shop.running, { trustProxy: 0 }), /1 to 16 proxies in a row/)
    await assert.rejects(
      serve(shop.running, { trustProxy: true, production: true }),
      /in production trustProxy: true would believe whoever connects/,
    )
  })
})

describe('what carries tokens', () => {
  test('is kept by nobody', async () => {
    await using shop = await serveSessions()
    const login = await shop.post('/login', { password: 'right' })
    assert.equal(login.headers.get('cache-control'), 'no-store')
    const { refreshToken } = (login.body as { readonly result: { readonly refreshToken: string } }).result
    const refreshed = await shop.post('/api/commands/Auth.Refresh', { refreshToken })
    assert.deepEqual([refreshed.status, refreshed.headers.get('cache-control')], [200, 'no-store'])
    assert.equal(refreshed.headers.get('etag'), null)
    assert.deepEqual(login.headers.getSetCookie(), [])
  })

  test('that is refused is 401 with the code of the rejection', async () => {
    await using shop = await serveSessions()
    const login = await shop.post('/login', { password: 'wrong' })
    assert.deepEqual([login.status, login.problem.code, login.problem.rejected], [401, 'invalid_credentials', true])
    assert.equal(login.problem.status, 401)
    const refreshed = await shop.post('/api/call/Auth.Refresh', { refreshToken: 'none' })
    assert.deepEqual([refreshed.status, refreshed.problem.code], [401, 'invalid_refresh_token'])
    assert.equal(refreshed.headers.get('cache-control'), 'no-store')
  })
})

describe('the public keys', () => {
  test('are the bare answer, and may be kept for some minutes', async () => {
    await using shop = await serveSessions()
    const { status, headers, body } = await shop.get('/jwks')
    assert.deepEqual([status, body], [200, { keys: ['key-1'] }])
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(headers.get('cache-control'), 'public, max-age=300')
  })
})

describe('a tenant in the path', () => {
  test('is the tenant whose data is concerned, where the input has no such field', async () => {
    await using shop = await serveSessions()
    const places = await shop.get('/api/tenants/acme/places', bearer('ada'))
    assert.deepEqual(places.body, { tenant: 'acme', target: 'acme' })
    const written = await shop.ask('PUT', '/api/tenants/acme/notes/n-1', {
      body: { text: 'a' },
      headers: bearer('ada'),
    })
    assert.equal(written.status, 200)
  })

  test('that is not the caller’s is refused', async () => {
    await using shop = await serveSessions()
    for (const tenant of ['bolt', 'SYSTEM', 'ACME', '%20acme']) {
      assert.equal((await shop.get(`/api/tenants/${tenant}/places`, bearer('ada'))).status, 403)
      const path = `/api/tenants/${tenant}/notes/n-1`
      assert.equal((await shop.ask('PUT', path, { body: { text: 'a' }, headers: bearer('ada') })).status, 403)
      assert.equal((await shop.ask('PUT', path, { body: { text: 'a' } })).status, 401)
    }
    const nothing = await shop.get('/api/tenants//places', bearer('ada'))
    assert.deepEqual([nothing.status, nothing.problem.code], [404, 'unknown_path'])
    const nul = await shop.get('/api/tenants/a%00/places', bearer('ada'))
    assert.deepEqual([nul.status, nul.problem.code], [400, 'invalid_text'])
  })

  test('is a field of the input where that has one', async () => {
    await using shop = await serveSessions()
    assert.equal((await shop.get('/api/tenants/bolt', bearer('ada'))).text, '"bolt"')
  })

  test('changes nothing for contracts whose domain has a tenant of its own', async () => {
    await using shop = await serveSessions()
    for (const tenant of ['acme', 'bolt'])
      assert.deepEqual((await shop.get(`/api/tenants/${tenant}/place`, bearer('ada'))).body, { target: 'SYSTEM' })
  })
})
