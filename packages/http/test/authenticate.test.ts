import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestContext } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import type { HttpRequest } from '../src/index.ts'
import { fakeApp } from './support/fake-host.ts'
import { parseAnswer, requestText, serveRunning, serveShop } from './support/serve-shop.ts'

const ada: RequestContext = { account: 'ada', session: 's-1' }

describe('a caller', () => {
  test('is anonymous without authenticate, and asked for credentials where it takes more', async () => {
    await using shop = await serveShop()
    const { status, problem, headers } = await shop.get('/api/queries/Order.Secret')
    assert.deepEqual([status, problem.code, headers.get('www-authenticate')], [401, 'unauthenticated', 'Bearer'])
  })

  test('is who authenticate says', async () => {
    await using shop = await serveShop({
      authenticate: ({ headers }) => (headers.authorization === 'Bearer ada' ? ada : undefined),
    })
    assert.equal((await shop.get('/api/queries/Order.Secret', { authorization: 'Bearer ada' })).text, '"ada"')
    assert.equal((await shop.get('/api/queries/Order.Secret')).status, 401)
    assert.equal((await shop.get('/api/queries/Order.Ping')).status, 200)
  })

  test('may be found out by asking elsewhere', async () => {
    await using shop = await serveShop({ authenticate: async () => ada })
    assert.equal((await shop.get('/api/queries/Order.Secret')).text, '"ada"')
  })

  test('that authenticate refuses gets 401 without its reason, and no handler runs', async () => {
    await using shop = await serveShop({
      authenticate: () => {
        throw new Error('a secret of authenticate')
      },
    })
    for (const answer of [
      await shop.get('/api/queries/Order.Ping'),
      await shop.post('/api/commands/Order.Fail'),
      await shop.post('/api/call/Order.Ping'),
    ]) {
      assert.deepEqual([answer.status, answer.problem.code], [401, 'unauthenticated'])
      assert.doesNotMatch(answer.text, /secret/)
    }
  })

  test('that nobody can make out in time is told so', async () => {
    await using shop = await serveShop({ deadlineMs: 5, authenticate: () => new Promise(() => undefined) })
    const { status, problem } = await shop.get('/api/queries/Order.Ping')
    assert.deepEqual([status, problem.code], [504, 'deadline_exceeded'])
  })

  test('is not logged out by an outage', async () => {
    await using shop = await serveShop({
      authenticate: () => Promise.reject(new GestaError('store_unavailable', 'a secret of the store')),
    })
    const { status, problem, text } = await shop.get('/api/queries/Order.Ping')
    assert.deepEqual([status, problem.code], [503, 'store_unavailable'])
    assert.doesNotMatch(text, /secret/)
  })

  test('that is known and may not is told no more than that', async () => {
    await using shop = await serveShop({ authenticate: () => ada })
    const { status, problem, text } = await shop.post('/api/commands/Order.Forbidden', { orderId: 'a' })
    assert.deepEqual([status, problem.code], [403, 'permission_denied'])
    assert.doesNotMatch(text, /secret/)
  })

  test('cannot send credentials twice', async () => {
    await using shop = await serveShop({ authenticate: () => ada })
    const answer = parseAnswer(
      await shop.raw(requestText('GET', '/api/queries/Order.Ping', ['authorization: a', 'authorization: b'])),
    )
    assert.deepEqual([answer.status, answer.problem.code], [400, 'invalid_header'])
  })

  test('is seen with its own address, or with the one that a trusted proxy names', async () => {
    const seen: string[] = []
    const authenticate = ({ ip }: HttpRequest): undefined => void seen.push(ip)
    const forwarded = { 'x-forwarded-for': '192.0.2.7' }
    await using plain = await serveShop({ authenticate })
    await plain.get('/api/queries/Order.Ping', forwarded)
    await using trusting = await serveShop({ authenticate, trustProxy: '127.0.0.1' })
    await trusting.get('/api/queries/Order.Ping', forwarded)
    assert.deepEqual(seen, ['127.0.0.1', '192.0.2.7'])
  })

  test('passes its context, its role and the trace of the request on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const seen: unknown[] = []
    const running = fakeApp({
      query: async (_message, { context, role }) => {
        seen.push({ context, role })
        return { result: null, version: undefined }
      },
    })
    await using server = await serveRunning(running, { authenticate: () => ada })
    await server.get('/api/queries/Order.Get?orderId=a', { traceparent })
    await server.get('/api/queries/Order.Get?orderId=a', { traceparent: 'nonsense' })
    assert.deepEqual(seen, [
      { context: { ...ada, traceparent }, role: 'web' },
      { context: ada, role: 'web' },
    ])
  })
})
