import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { describe, test } from 'node:test'
import { createFanout } from '@gesta/core/registry'
import { WebSocket } from 'ws'
import { parseAnswer, requestText } from '../support/serve-shop.ts'
import { asksForCookies, bearer, serveSessions } from '../support/session-app.ts'
import type { ServedSessions } from '../support/session-app.ts'

const cookie = '__Host-gesta-access=ada; __Host-gesta-refresh=r'

/** The code of a command by cookie, with what the browser says of its page. */
async function commanded(shop: ServedSessions, headers: Record<string, string>): Promise<string | number> {
  const { status, problem } = await shop.post('/api/commands/Auth.Logout', undefined, { cookie, ...headers })
  return status === 200 ? 200 : problem.code
}
/** The same of a query; over a bare socket, because `fetch` has its own Sec-Fetch-Mode. */
async function asked(shop: ServedSessions, headers: Record<string, string>): Promise<string | number> {
  const lines = Object.entries({ cookie, ...headers }).map(([name, value]) => `${name}: ${value}`)
  const { status, problem } = parseAnswer(await shop.raw(requestText('GET', '/api/queries/Auth.Me', lines)))
  return status === 200 ? 200 : problem.code
}
const refused = 'origin_not_allowed'

describe('what cookies are sent with', () => {
  test('changes nothing unless a page of this server sent it, and no handler runs', async () => {
    await using shop = await serveSessions()
    for (const site of ['cross-site', 'same-site', 'none', 'nonsense', ''])
      assert.equal(await commanded(shop, { 'sec-fetch-site': site }), refused, site)
    assert.equal(await commanded(shop, { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }), refused)
    assert.equal(shop.known.access.size, 1)
    assert.equal(shop.known.asked, 0)
    assert.equal(await commanded(shop, { 'sec-fetch-site': 'same-origin' }), 200)
    assert.equal(shop.known.access.size, 0)
  })

  test('is told by Origin where the browser says no more, and refused where it says nothing', async () => {
    await using shop = await serveSessions()
    const { host, port } = new URL(shop.url)
    for (const origin of [
      `https://${host}`,
      'http://127.0.0.1',
      `http://localhost:${port}`,
      'null',
      'https://evil.example',
    ])
      assert.equal(await commanded(shop, { origin }), refused, origin)
    assert.equal(await commanded(shop, {}), refused)
    assert.equal(shop.known.access.size, 1)
    assert.equal(await commanded(shop, { origin: shop.url }), 200)
  })

  test('is compared with the origin that the server was told', async () => {
    await using shop = await serveSessions({ origin: 'https://shop.example' })
    assert.equal(await commanded(shop, { origin: shop.url }), refused)
    assert.equal(await commanded(shop, { origin: 'https://shop.example' }), 200)
  })

  test('is compared with what a trusted proxy says was asked for', async () => {
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example' }
    const headers = { ...forwarded, origin: 'https://shop.example' }
    await using alone = await serveSessions()
    assert.equal(await commanded(alone, headers), refused)
    await using behind = await serveSessions({ trustProxy: 1 })
    assert.equal(await commanded(behind, headers), 200)
  })

  test('shows something to whoever opens it, and to no page of others', async () => {
    await using shop = await serveSessions()
    for (const headers of [
      {},
      { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' },
    ])
      assert.equal(await asked(shop, headers), 200)
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
      { origin: 'https://evil.example' },
    ])
      assert.equal(await asked(shop, headers), refused)
  })

  test('is not asked of programs with a bearer', async () => {
    await using shop = await serveSessions()
    const headers = { ...bearer('ada'), cookie, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    assert.equal((await shop.post('/api/commands/Auth.Logout', undefined, headers)).status, 200)
  })

  test('is not asked of whoever has no session', async () => {
    await using shop = await serveSessions()
    const headers = { cookie: 'other=1; __Host-gesta-device=d', 'sec-fetch-site': 'cross-site' }
    assert.equal((await shop.post('/api/commands/Auth.Register', { email: 'a' }, headers)).status, 200)
  })
})

describe('a page of somebody else', () => {
  test('signs nobody in', async () => {
    await using shop = await serveSessions()
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
      const asking = { 'gesta-session': 'cookie', ...(headers as Record<string, string>) }
      const { status, problem, headers: answered } = await shop.post('/login', { password: 'right' }, asking)
      assert.deepEqual([status, problem.code, answered.getSetCookie()], [403, refused, []])
    }
    assert.deepEqual(shop.known.devices, [])
    assert.equal((await shop.post('/login', { password: 'right' }, asksForCookies)).status, 200)
  })

  test('is not told what it may not ask: no header lets it read an answer', async () => {
    await using shop = await serveSessions()
    const origin = 'https://evil.example'
    const { headers } = await shop.ask('OPTIONS', '/api/queries/Auth.Me', {
      headers: { origin, 'access-control-request-method': 'POST' },
    })
    for (const [name] of headers) assert.doesNotMatch(name, /^access-control/)
  })
})

describe('a stream of events by cookie', () => {
  const fanout = createFanout()
  const events = { fanout, origins: ['https://friend.example'] }

  test('is for pages of this server', async () => {
    await using shop = await serveSessions({ events })
    const stream = async (headers: Record<string, string>): Promise<number> => {
      const stop = new AbortController()
      const { status } = await fetch(`${shop.url}/api/events`, { headers: { cookie, ...headers }, signal: stop.signal })
      stop.abort()
      return status
    }
    assert.equal(await stream({ 'sec-fetch-site': 'same-origin' }), 200)
    assert.equal(await stream({}), 200)
    assert.equal(await stream({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }), 403)
    assert.equal(await stream({ origin: 'https://evil.example' }), 403)
  })

  test('over a WebSocket is for pages of this server, and for those that are listed', async () => {
    await using shop = await serveSessions({ events, origin: 'https://shop.example' })
    const opened = async (origin: string): Promise<number> => {
      const socket = new WebSocket(`${shop.url.replace('http', 'ws')}/api/events`, { origin, headers: { cookie } })
      const answered = await Promise.race([
        once(socket, 'open').then(() => 101),
        once(socket, 'unexpected-response').then((answer: unknown[]) => (answer[1] as IncomingMessage).statusCode ?? 0),
      ])
      socket.on('error', () => undefined)
      socket.terminate()
      return answered
    }
    assert.equal(await opened('https://shop.example'), 101)
    assert.equal(await opened('https://friend.example'), 101)
    assert.equal(await opened('https://evil.example'), 403)
    assert.equal(await opened(shop.url), 403)
  })
})
