// Requests that try to be more than they are: fields too many, other hosts, bodies beyond measure, texts that would break a header.
import assert from 'node:assert/strict'
import { after, before, describe, mock, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { whenCaughtUp } from '@gesta/core/testing'
import type { Answer } from '../fuzz/answers.ts'
import { OpenApi } from '../fuzz/operations.ts'
import { isAsked } from '../fuzz/requests.ts'
import { bearer, issuer, password, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { TwoTenants } from '../fuzz/two-tenants.ts'

let world: TwoTenants
const posted = mock.method(Worker.prototype, 'postMessage')
before(async () => void (world = await startTwoTenants()))
after(() => world[Symbol.asyncDispose]())

const json = { 'content-type': 'application/json' }
const post = (target: string, body: unknown, headers: { readonly [name: string]: string } = {}): Promise<Answer> =>
  world.asking.ask({ method: 'POST', target, headers: { ...json, ...headers }, body: JSON.stringify(body) })
const codeOf = ({ text }: Answer): unknown => (JSON.parse(text) as { readonly code?: unknown }).code

describe('fields that nobody asked for', () => {
  test('are refused by every operation, whoever sends them', async () => {
    const { text } = await world.asking.ask({ method: 'GET', target: '/docs/api' })
    const openApi = new OpenApi(JSON.parse(text) as never)
    const operations = openApi.operations.filter((one) => isAsked(one) && one.body !== undefined)
    assert.ok(operations.length > 60)
    const more = { isAdministrator: true, tenant2: 'SYSTEM', role: 'admin', holds: '*', generation: 0 }
    const headers = { ...json, ...bearer(world.people.administrator.accessToken) }
    for (const { method, path } of operations) {
      const target = path.replaceAll(/\{\w+\}/g, 'tenant-a')
      for (const [name, value] of Object.entries(more)) {
        const answer = await world.asking.ask({ method, target, headers, body: JSON.stringify({ [name]: value }) })
        assert.ok([403, 422].includes(answer.status), `${method} ${path}: ${answer.text}`)
        if (answer.status === 422) assert.equal(codeOf(answer), 'unknown_field', `${method} ${path}: ${answer.text}`)
      }
    }
  })

  test('do not name who asks, in headers neither', async () => {
    const claimed = { 'x-user': 'root', 'x-account': world.people.administrator.account, 'x-tenant': 'SYSTEM' }
    const answer = await world.asking.ask({ method: 'GET', target: '/api/accounts', headers: claimed })
    assert.equal(answer.status, 401)
  })
})

describe('a host that is not ours', () => {
  const evil = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }

  test('is in no mail: links lead to where the app was told that people reach it', async () => {
    const email = 'alone@people.example'
    const sentBefore = world.mails.length
    assert.equal((await post('/api/accounts/password-reset/request', { email }, evil)).status, 200)
    await whenCaughtUp(world.running)
    assert.equal(world.mails.length, sentBefore + 1)
    const { text } = world.mails.at(-1) ?? { text: '' }
    assert.ok(text.includes(`${issuer}/`) && !text.includes('evil'), text)
    // The code stands behind the sign that browsers keep to themselves.
    assert.match(text, /http:\/\/localhost\/[\w/-]+#\S+/)
  })

  test('is in no answer, and sends nobody anywhere', async () => {
    // The page of documentation shows lines to copy, with the host that it was asked for; nobody keeps it.
    for (const target of ['/', '/api/accounts/me', '/api/v1/auth/jwks', '/login', '/nowhere', '//evil.example/']) {
      const { status, headers, text } = await world.asking.ask({ method: 'GET', target, headers: evil })
      assert.ok(status < 300 || status >= 400, `${target}: ${status}`)
      assert.equal(headers['location'], undefined)
      assert.ok(!`${JSON.stringify(headers)}${text}`.includes('evil.example') || target.includes('evil'), target)
    }
  })
})

describe('a body beyond measure', () => {
  test('is refused before a password is hashed', async () => {
    const hashedBefore = posted.mock.callCount()
    const long = await post('/api/v1/auth/login', { email: 'alone@people.example', password: 'x'.repeat(2_000) })
    assert.equal(codeOf(long), 'invalid_input')
    const huge = await post('/api/v1/auth/login', { email: 'alone@people.example', password: 'x'.repeat(2_000_000) })
    assert.equal(codeOf(huge), 'body_too_large')
    const many = await post('/api/accounts', { email: `${'a'.repeat(300)}@people.example`, password })
    assert.equal(codeOf(many), 'invalid_input')
    assert.equal(posted.mock.callCount(), hashedBefore)
  })

  test('is refused where lists are taken, too', async () => {
    const as = bearer(world.people.a.accessToken)
    const permissions = Array.from({ length: 501 }, (_, at) => `Note.P${at}`)
    const answer = await post('/api/tenants/tenant-a/groups', { name: 'Many', permissions }, as)
    assert.equal(codeOf(answer), 'invalid_input')
  })
})

describe('text that would break a header or a line', () => {
  const texts = ['A\r\nset-cookie: a=b', 'A\nBcc: x@evil.example', 'A\u2028B', 'A\u202EB', 'A\u0007B']

  test('is refused in names, which stand in mails', async () => {
    const as = bearer(world.people.administrator.accessToken)
    for (const name of texts)
      for (const [target, body] of [
        ['/api/tenants', { name }],
        ['/api/tenants/tenant-a/groups', { name, permissions: [] }],
        ['/api/tenants/tenant-a/workspaces', { name }],
        ['/api/tenants/tenant-a/service-accounts', { name, groups: [] }],
      ] as const)
        assert.equal(codeOf(await post(target, body, as)), 'invalid_input', `${target} ${JSON.stringify(name)}`)
  })

  test('is refused in addresses of mail', async () => {
    for (const email of [
      'a@b.example\r\nBcc: x@evil.example',
      'a@b.example,x@evil.example',
      '<a@b.example>',
      'a b@c.example',
    ])
      for (const target of ['/api/accounts/password-reset/request', '/api/accounts/verification/request'])
        assert.equal(codeOf(await post(target, { email })), 'invalid_input', email)
  })

  test('of any mail is on lines of its own: its head is one line each', () => {
    assert.ok(world.mails.length > 5)
    for (const { to, subject } of world.mails) assert.doesNotMatch(`${to}${subject}`, /[\p{Cc}\u2028\u2029]/u)
  })
})

describe('what the server has no part in', () => {
  test('TRACE, files and folders are not served', async () => {
    assert.notEqual((await world.asking.ask({ method: 'TRACE', target: '/api/accounts/me' })).status, 200)
    for (const target of [
      '/.git/HEAD',
      '/.env',
      '/package.json',
      '/src/',
      '/docs/../package.json',
      '/..%2f..%2fetc/passwd',
    ]) {
      const { status } = await world.asking.ask({ method: 'GET', target })
      assert.ok(status === 404 || status === 400, `${target}: ${status}`)
    }
  })

  test('no answer allows another origin, and none that tells of somebody may be kept', async () => {
    const as = bearer(world.people.a.accessToken)
    const origin = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const [method, target] of [
      ['OPTIONS', '/api/v1/auth/login'],
      ['GET', '/api/accounts/me'],
      ['GET', '/api/v1/auth/sessions'],
      ['GET', '/api/tenants/tenant-a/identities'],
      ['GET', '/nowhere'],
    ] as const) {
      const { headers } = await world.asking.ask({ method, target, headers: { ...as, ...origin } })
      const allowed = Object.keys(headers).filter((name) => name.startsWith('access-control-'))
      assert.deepEqual(allowed, [], `${method} ${target}`)
      assert.match(String(headers['cache-control']), /no-store|private, no-cache/, `${method} ${target}`)
      assert.equal(headers['x-content-type-options'], 'nosniff')
    }
  })

  test('tokens are never kept', async () => {
    const answer = await post('/api/v1/auth/login', { email: 'few@people.example', password })
    assert.deepEqual([answer.status, answer.headers['cache-control']], [200, 'no-store'])
  })
})
