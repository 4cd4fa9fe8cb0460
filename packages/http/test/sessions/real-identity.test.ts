import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { createApp, memory, runtimeDomain } from '@gesta/core'
import type { Running } from '@gesta/core'
import { createIdentity } from '@gesta/identity'
import type { OpenIdentity } from '@gesta/identity'
import { createClient } from '../../src/client/index.ts'
import { serveRunning } from '../support/serve-shop.ts'
import type { Answered, ServedShop } from '../support/serve-shop.ts'
import { asksForCookies, bearer, cookieHeader, fromOwnPage } from '../support/session-app.ts'

const password = 'nine purple tractors hum'
const email = 'ada@shop.example'
/** Another clock than that of the server. */
const now = (): number => Date.now() + 86_400_000
const definition = createIdentity({ url: 'https://shop.example', now, mailer: { send: async () => undefined } })
const app = createApp('shop', { domains: [...definition.domains, runtimeDomain()] })

let running: Running<string, string>
let identity: OpenIdentity
let shop: ServedShop
before(async () => {
  running = await app.start({
    store: memory(),
    encryption: { secrets: [{ id: 'test', secret: 'a secret of tests that is long enough to seal with' }] },
    directory: definition.directory,
  })
  identity = await definition.open(running)
  shop = await serveRunning(running, { sessions: identity, routes: [definition.routes] })
})
after(async () => {
  await shop[Symbol.asyncDispose]()
  await identity[Symbol.asyncDispose]()
  await running[Symbol.asyncDispose]()
})

/** The browser's cookies. */
let cookie = ''
const keep = ({ headers }: Answered): void => {
  const jar = new Map<string, string>()
  for (const each of [...cookie.split('; '), ...cookieHeader(headers).split('; ')]) {
    const [name = '', value = ''] = each.split('=', 2)
    jar.set(name, value)
  }
  cookie = [...jar].flatMap(([name, value]) => (value === '' ? [] : [`${name}=${value}`])).join('; ')
}
const post = (path: string, body?: unknown): Promise<Answered> => shop.post(path, body, { ...asksForCookies, cookie })
const resultOf = <Result>({ status, body, text }: Answered): Result => {
  assert.equal(status, 200, text)
  return (body as { readonly result: Result }).result
}

describe('the real identity over HTTP', () => {
  test('is set up by its code, in a browser that never sees a token', async () => {
    assert.equal((await post('/api/v1/auth/set-up', { code: 'wrong', email, password, name: 'Ada' })).status, 401)
    const answer = await post('/api/v1/auth/set-up', { code: identity.setUpCode, email, password, name: 'Ada' })
    const tokens = resultOf<Record<string, unknown>>(answer)
    assert.ok(!('accessToken' in tokens) && !('refreshToken' in tokens) && typeof tokens['account'] === 'string')
    const set = answer.headers.getSetCookie()
    assert.ok(set.length >= 2)
    assert.match(set[0] ?? '', /Max-Age=(899|900)$/)
    for (const each of set) assert.ok(each.length < 4096, `${each.length} bytes`)
    assert.ok(cookieHeader(answer.headers).length < 4096)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    keep(answer)
    assert.equal((await shop.get('/api/accounts/me', { ...fromOwnPage, cookie })).status, 200)
  })

  test('signs in, refreshes and signs out', async () => {
    keep(await post('/api/v1/auth/login', { email, password }))
    const first = cookie
    assert.match(first, /__Host-gesta-device=/)
    const refreshed = await shop.post('/api/v1/auth/refresh', {}, { ...fromOwnPage, cookie })
    assert.equal(refreshed.status, 200, refreshed.text)
    keep(refreshed)
    assert.notEqual(cookie, first)
    const out = await post('/api/v1/auth/logout')
    assert.equal(out.status, 200, out.text)
    // The session has ended, also for whoever kept its cookies.
    assert.equal((await shop.get('/api/accounts/me', { ...fromOwnPage, cookie })).status, 401)
    assert.equal((await shop.post('/api/v1/auth/refresh', {}, { ...fromOwnPage, cookie })).status, 401)
    keep(out)
    assert.match(cookie, /^__Host-gesta-device=[^;]*$/)
  })

  test('answers the same for a wrong password and for nobody, and says no more', async () => {
    const wrong = await shop.post('/api/v1/auth/login', { email, password: 'not the right one' })
    const nobody = await shop.post('/api/v1/auth/login', { email: 'eve@shop.example', password: 'not the right one' })
    for (const { status, problem } of [wrong, nobody])
      assert.deepEqual([status, problem.code, problem.rejected], [401, 'invalid_credentials', true])
    const told = ({ text, headers }: Answered): unknown => [
      Object.keys(JSON.parse(text) as object),
      text.replaceAll(/"(?:token|commandId)":"[^"]*"/g, ''),
      [...headers.keys()].toSorted(),
    ]
    assert.deepEqual(told(wrong), told(nobody))
  })

  test('takes the paths of tenants, refuses those of others, and takes API keys', async () => {
    const client = createClient<typeof app>({ baseUrl: shop.url })
    const signedIn = await client.Auth.Login({ email, password })
    assert.ok(signedIn.ok)
    const nobodyYet = bearer(signedIn.result.accessToken)
    const tenant = { tenantUuid: 'acme', name: 'Acme' }
    assert.equal((await shop.post('/api/tenants', tenant, nobodyYet)).status, 403)
    const own = await createClient<typeof app>({ baseUrl: shop.url, headers: nobodyYet }).Auth.Identities()
    const unknown = await shop.post('/api/v1/auth/identity', { tenant: 'acme', identity: 'i-1' }, nobodyYet)
    // Who asks is known, so nobody has to sign in for that.
    assert.deepEqual([unknown.status, unknown.problem.code], [422, 'unknown_identity'])
    assert.equal(unknown.headers.get('www-authenticate'), null)
    const chosen = { tenant: own[0]?.tenant, identity: own[0]?.identity }
    const selected = await shop.post('/api/v1/auth/identity', chosen, nobodyYet)
    const administrator = bearer(resultOf<{ readonly accessToken: string }>(selected).accessToken)
    resultOf(await shop.post('/api/tenants', tenant, administrator))

    const group = { name: 'clerks', permissions: ['Group.List'], groups: [] }
    assert.equal((await shop.post('/api/tenants/acme/groups', group, nobodyYet)).status, 403)
    const { groupUuid } = resultOf<{ groupUuid: string }>(
      await shop.post('/api/tenants/acme/groups', group, administrator),
    )
    const robots = '/api/tenants/acme/service-accounts'
    const robot = await shop.post(robots, { name: 'robot', groups: [groupUuid] }, administrator)
    const { identityUuid } = resultOf<{ identityUuid: string }>(robot)
    const made = await shop.post(`${robots}/${identityUuid}/api-keys`, { name: 'nightly' }, administrator)
    assert.equal(made.headers.get('cache-control'), 'no-store')
    const { key, keyUuid } = resultOf<{ key: string; keyUuid: string }>(made)

    const groups = (tenantUuid: string): Promise<Answered> => shop.get(`/api/tenants/${tenantUuid}/groups`, bearer(key))
    assert.equal((await groups('acme')).status, 200)
    assert.equal((await groups('SYSTEM')).status, 403)
    assert.equal((await groups('bolt')).status, 403)
    assert.equal((await shop.get('/api/accounts/me', bearer(key))).status, 403)
    const revoked = await shop.ask('DELETE', `/api/tenants/acme/api-keys/${keyUuid}`, { headers: administrator })
    assert.equal(revoked.status, 200, revoked.text)
    assert.equal((await groups('acme')).status, 401)
  })

  test('shows its public keys, bare and for some minutes', async () => {
    const { body, headers } = await shop.get('/api/v1/auth/jwks')
    const { keys } = body as { readonly keys: readonly { readonly kty: string; readonly d?: string }[] }
    assert.ok(keys.length > 0 && keys.every(({ kty, d }) => kty === 'OKP' && d === undefined))
    assert.equal(headers.get('cache-control'), 'public, max-age=300')
  })

  test('is described by a valid document', async () => {
    const { body } = await shop.get('/docs/api')
    assert.deepEqual(await new Validator().validate(body as Record<string, unknown>), { valid: true })
  })

  test('leaves no secret in a log of failures', () => assert.deepEqual(shop.logged, []))
})
