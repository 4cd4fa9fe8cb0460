import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFanout } from '@gesta/core/registry'
import { ClientError, createClient } from '../../src/client/index.ts'
import { serveSessions } from '../support/session-app.ts'
import type { ServedSessions, SessionApp } from '../support/session-app.ts'

/** A fetch that keeps cookies, and says where its page is from, as a browser does. */
function browser(shop: ServedSessions): {
  readonly fetch: typeof fetch
  readonly asked: string[]
  forget(name: string): void
} {
  const jar = new Map<string, string>()
  const asked: string[] = []
  const send: typeof fetch = async (input, init = {}) => {
    assert.equal(init.credentials, 'include')
    asked.push(new URL(input as string).pathname.replace('/api/call/', ''))
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(init.headers as Record<string, string>), 'sec-fetch-site': 'same-origin', cookie }
    const response = await fetch((input as string).replace('https://shop.example', shop.url), { ...init, headers })
    for (const each of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(each) ?? []
      if (each.endsWith('Max-Age=0')) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  return { fetch: send, asked, forget: (name) => jar.delete(`__Host-gesta-${name}`) }
}

const codeOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => assert.fail('expected an error'),
    (error: unknown) => (error instanceof ClientError ? error.code : assert.fail(String(error))),
  )

/** A program that refreshes its token, held back until as many calls have failed. */
function program(shop: ServedSessions, waitFor = 1) {
  const state = { token: 'old', refreshes: 0, failed: 0, works: true }
  const { promise, resolve } = Promise.withResolvers<void>()
  const client = createClient<SessionApp>({
    baseUrl: shop.url,
    token: async () => state.token,
    fetch: async (...request) => {
      const response = await fetch(...request)
      if (response.status === 401 && ++state.failed >= waitFor) resolve()
      return response
    },
    refresh: async (plain) => {
      state.refreshes++
      await promise
      if (!state.works) return plain.Auth.Refresh({ refreshToken: 'none' })
      const signedIn = await plain.Auth.Login({ password: 'right' })
      assert.ok(signedIn.ok)
      state.token = signedIn.result.accessToken
      return signedIn
    },
  })
  return { client, state }
}

describe('a client with a token', () => {
  test('sends it', async () => {
    await using shop = await serveSessions()
    const client = createClient<SessionApp>({ baseUrl: shop.url, token: () => 'ada' })
    assert.equal(await client.Auth.Me(), 'ada')
    const anonymous = createClient<SessionApp>({ baseUrl: shop.url, token: () => undefined })
    assert.equal(await anonymous.Auth.Hello(), 'hello')
    assert.equal(await codeOf(anonymous.Auth.Me()), 'unauthenticated')
  })

  test('refreshes it once for all calls, and sends each once more', async () => {
    await using shop = await serveSessions()
    const { client, state } = program(shop, 20)
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.Auth.Me()))
    assert.deepEqual(new Set(answers), new Set(['ada']))
    assert.deepEqual([state.refreshes, state.failed], [1, 20])
    state.token = 'old again'
    assert.equal(await client.Auth.Me(), 'ada')
    assert.equal(state.refreshes, 2)
  })

  test('gives the first answer where nothing could be refreshed', async () => {
    await using shop = await serveSessions()
    const { client, state } = program(shop)
    state.works = false
    assert.equal(await codeOf(client.Auth.Me()), 'unauthenticated')
    assert.equal(state.refreshes, 1)
    const throwing = createClient<SessionApp>({
      baseUrl: shop.url,
      token: () => 'old',
      refresh: () => Promise.reject(new Error('no')),
    })
    assert.equal(await codeOf(throwing.Auth.Me()), 'unauthenticated')
  })

  test('sends nothing a third time', async () => {
    await using shop = await serveSessions()
    let sent = 0
    const client = createClient<SessionApp>({
      baseUrl: shop.url,
      token: () => 'never valid',
      refresh: () => true,
      fetch: (...request) => (sent++, fetch(...request)),
    })
    assert.equal(await codeOf(client.Auth.Me()), 'unauthenticated')
    assert.equal(sent, 2)
  })

  test('waits for a refresh no longer than the call may take', async () => {
    await using shop = await serveSessions()
    const client = createClient<SessionApp>({
      baseUrl: shop.url,
      token: () => 'stale',
      refresh: () => new Promise<never>(() => undefined),
    })
    const stop = new AbortController()
    const waiting = client.Auth.Me(undefined, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    assert.equal(await codeOf(client.Auth.Me(undefined, { deadlineMs: 1 })), 'deadline_exceeded')
  })

  test('takes a wrong password for an outcome, and refreshes nothing', async () => {
    await using shop = await serveSessions()
    let refreshes = 0
    const client = createClient<SessionApp>({ baseUrl: shop.url, refresh: () => refreshes++ })
    const refused = await client.Auth.Login({ password: 'wrong' })
    assert.ok(!refused.ok)
    assert.deepEqual([refused.rejection.code, refreshes], ['invalid_credentials', 0])
  })

  test('refreshes it for its stream of events', async () => {
    const fanout = createFanout()
    await using shop = await serveSessions({ events: { fanout } })
    const { client, state } = program(shop)
    using heard = client.Gesta.QueriesInvalidated.subscribe(() => undefined)
    await heard.opened
    assert.equal(state.refreshes, 1)
  })
})

describe('a client with cookies', () => {
  test('signs in, is known, refreshes by itself, and signs out, without seeing a token', async () => {
    await using shop = await serveSessions()
    const { fetch: send, asked, forget } = browser(shop)
    const client = createClient<SessionApp>({ baseUrl: 'https://shop.example', session: 'cookie', fetch: send })
    const signedIn = await client.Auth.Login({ password: 'right' })
    assert.ok(signedIn.ok)
    assert.deepEqual(Object.keys(signedIn.result).toSorted(), [
      'accessTokenExpiresAt',
      'account',
      'refreshTokenExpiresAt',
    ])
    assert.equal(await client.Auth.Me(), 'ada')
    forget('access')
    assert.deepEqual(await Promise.all([client.Auth.Me(), client.Auth.Me()]), ['ada', 'ada'])
    assert.equal(asked.filter((each) => each === 'Auth.Refresh').length, 1)
    assert.ok((await client.Auth.Logout()).ok)
    assert.equal(await codeOf(client.Auth.Me()), 'unauthenticated')
    await client.Auth.Login({ password: 'right' })
    assert.deepEqual(shop.known.devices, [undefined, 'device-1'])
  })
})
