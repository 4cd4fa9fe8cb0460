import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { pino } from 'pino'
import { redacted } from '../src/index.ts'
import type { Logger } from '../src/index.ts'
import { fakeApp } from './support/fake-host.ts'
import { serveRunning, serveShop } from './support/serve-shop.ts'

/** What nobody may find in a log. */
const secret = 'hunter2-5ecret'
const jwt = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIke2h1bnRlcjItNWVjcmV0fSJ9.${secret}`

describe('a log of requests', () => {
  test('has one line for each: route, status, id, trace and tenant', async () => {
    const lines: Record<string, unknown>[] = []
    const keep = (facts: Record<string, unknown>) => void lines.push(facts)
    const logger: Logger = { error: keep, warn: keep, info: keep }
    const told = Promise.withResolvers<void>()
    const info = (facts: Record<string, unknown>) => {
      keep(facts)
      told.resolve()
    }
    await using shop = await serveShop({
      logger: { ...logger, info },
      logRequests: true,
      authenticate: () => ({ tenant: 'acme', account: 'ann' }),
    })
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    await shop.get('/orders/a-private-id?token=hunter2-5ecret', {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      authorization: `Bearer ${secret}`,
    })
    await told.promise
    const [line] = lines
    assert.deepEqual(
      { ...line, durationMs: 0, requestId: '' },
      { route: '/orders/{}', method: 'GET', status: 400, durationMs: 0, requestId: '', traceId, tenant: 'acme' },
    )
    assert.doesNotMatch(JSON.stringify(lines), /hunter2|private-id/)
  })

  test('is kept by no one who did not ask for it', async () => {
    await using shop = await serveShop()
    await shop.get('/orders/a')
    assert.deepEqual(shop.logged, [])
  })

  test('names a failure as its caller was told, with trace and tenant', async () => {
    const failing = fakeApp({ query: () => Promise.reject(new TypeError('boom')) })
    await using server = await serveRunning(failing, { authenticate: () => ({ tenant: 'acme', account: 'ann' }) })
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const { problem } = await server.get('/api/queries/Order.Get?orderId=a', {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    })
    const { requestId, tenant, traceId: trace } = server.logged[0]?.facts ?? {}
    assert.deepEqual([requestId, tenant, trace], [problem.requestId, 'acme', traceId])
  })

  test('names the trace of a caller whose credentials were refused, and not these', async () => {
    const authenticate = () => {
      throw new Error('nobody has this token')
    }
    await using server = await serveRunning(fakeApp({}), { authenticate })
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const { problem } = await server.get('/api/queries/Order.Get?orderId=a', {
      authorization: `Bearer ${secret}`,
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    })
    const { requestId, traceId: trace } = server.logged[0]?.facts ?? {}
    assert.deepEqual([requestId, trace], [problem.requestId, traceId])
    assert.doesNotMatch(JSON.stringify(server.logged), /hunter2/)
  })
})

describe('credentials in what an error says', () => {
  const said = [
    `connect ECONNREFUSED postgres://shop:${secret}@db.internal:5432/shop`,
    `Authorization: Bearer ${secret}`,
    `headers { authorization: 'Basic ${Buffer.from(secret).toString('base64')}', cookie: '__Host-gesta=${secret}; a=${secret}' }`,
    `{"headers":{"set-cookie":"__Host-gesta=${secret}; Secure","x-api-key":"${secret}"}}`,
    JSON.stringify(JSON.stringify({ password: secret, refreshToken: secret, 'api-key': secret })),
    `password=${secret}&next=/`,
    `PGPASSWORD=${secret} psql`,
    `accessToken: "${secret} of two words"`,
    jwt,
    `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  ]

  test('is replaced', () => {
    for (const text of said) {
      const shown = redacted(text)
      assert.doesNotMatch(shown, /hunter2/, text)
      assert.doesNotMatch(shown, new RegExp(Buffer.from(secret).toString('base64')), text)
    }
    assert.match(redacted(said[0] ?? ''), /postgres:\/\/shop:\[redacted\]@db\.internal/)
  })

  test('leaves other text as it is', () => {
    for (const text of [
      "Unexpected token 'a' in JSON",
      'at /srv/tokens/read.ts:12:7',
      'https://shop.example/a:b',
      'Basic',
    ])
      assert.equal(redacted(text), text)
  })

  test('is replaced in lines of the standard logger, also in causes and facts', () => {
    const script = `
      import { standardErrorLogger } from ${JSON.stringify(new URL('../src/logger.ts', import.meta.url).href)}
      for (const text of ${JSON.stringify(said)}) {
        standardErrorLogger.error({ error: new Error(text, { cause: new Error(text) }), detail: text, deep: { text } }, text)
        standardErrorLogger.warn({ error: { text } }, text)
      }`
    const { stderr, status } = spawnSync(
      process.execPath,
      ['--conditions=gesta-source', '--input-type=module', '-e', script],
      {
        encoding: 'utf8',
      },
    )
    assert.equal(status, 0, stderr)
    const lines = stderr.trim().split('\n')
    assert.equal(lines.length, said.length * 2)
    for (const line of lines) {
      JSON.parse(line)
      assert.doesNotMatch(line, /hunter2/)
    }
  })

  test('is replaced in lines of pino, which stay JSON', () => {
    let written = ''
    const logger = pino({ hooks: { streamWrite: redacted } }, { write: (line: string) => void (written += line) })
    for (const text of said) logger.error({ err: new Error(text), text, deep: { password: secret } }, text)
    for (const line of written.trim().split('\n')) {
      JSON.parse(line)
      assert.doesNotMatch(line, /hunter2/)
    }
  })
})
