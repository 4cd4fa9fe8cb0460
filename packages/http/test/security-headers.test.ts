import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { serve } from '../src/index.ts'
import { createFanout } from '@gesta/core/registry'
import { serveShop } from './support/serve-shop.ts'

const expected = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
}
const policy = "default-src 'none'; frame-ancestors 'none'"

describe('every answer', () => {
  test('says that no page of others may frame, load or learn from it', async () => {
    await using shop = await serveShop({ events: { fanout: createFanout() } })
    const ping = '/api/queries/Order.Ping'
    const placed = await shop.post('/api/commands/Order.Place', { orderId: 'h-1', pence: 1 })
    const got = await shop.get('/orders/h-1')
    const answers = [
      placed,
      got,
      await shop.get('/orders/h-1', { 'if-none-match': got.headers.get('etag') ?? '' }),
      await shop.post('/api/commands/Order.Place', { orderId: 'h-1', pence: 1 }),
      await shop.get(ping),
      await shop.get('/api/queries/Order.Secret'),
      await shop.post('/api/commands/Order.Fail'),
      await shop.get('/nowhere'),
      await shop.ask('DELETE', ping),
      await shop.ask('HEAD', ping),
      await shop.get('/healthz'),
      await shop.get('/ready'),
      await shop.get('/docs'),
      await shop.get('/docs/errors'),
      await shop.get('/docs/style.css'),
      await shop.get('/docs/api'),
      await shop.get('/api/events?types=!'),
    ]
    const stop = new AbortController()
    const stream = await fetch(`${shop.url}/api/events`, { signal: stop.signal })
    const statuses = new Set<number>()
    for (const { status, headers } of [...answers, stream]) {
      statuses.add(status)
      for (const [name, value] of Object.entries(expected)) assert.equal(headers.get(name), value, `${status} ${name}`)
      assert.match(headers.get('content-security-policy') ?? '', /^default-src 'none';.*frame-ancestors 'none'/)
      assert.equal(headers.get('strict-transport-security'), null)
      assert.notEqual(headers.get('cache-control'), null)
    }
    assert.equal(placed.headers.get('content-security-policy'), policy)
    stop.abort()
    assert.deepEqual(
      [...statuses].toSorted((a, b) => a - b),
      [200, 304, 401, 404, 405, 422, 500],
    )
  })

  test('that never became a request says so too', async () => {
    await using shop = await serveShop()
    for (const bytes of [
      'nonsense\r\n\r\n',
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      'POST / HTTP/1.1\r\nhost: a\r\nexpect: 200-ok\r\ncontent-length: 1\r\n\r\n',
    ]) {
      const [head = ''] = (await shop.raw(bytes)).split('\r\n\r\n', 1)
      for (const [name, value] of Object.entries({ ...expected, 'content-security-policy': policy }))
        assert.ok(head.toLowerCase().includes(`${name}: ${value.toLowerCase()}`), head)
    }
  })

  test('that came by HTTPS over a trusted proxy says that it stays so', async () => {
    await using shop = await serveShop({ trustProxy: '127.0.0.1' })
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' }
    for (const path of ['/api/queries/Order.Ping', '/nowhere', '/docs', '/healthz']) {
      const { headers } = await shop.get(path, https)
      assert.equal(headers.get('strict-transport-security'), 'max-age=31536000; includeSubDomains')
      assert.equal((await shop.get(path)).headers.get('strict-transport-security'), null)
    }
    await using alone = await serveShop()
    assert.equal((await alone.get('/healthz', https)).headers.get('strict-transport-security'), null)
  })

  test('says so for its own host alone, or not at all, where it was told to', async () => {
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.1' }
    for (const [hsts, expectedHeader] of [
      ['host', 'max-age=31536000'],
      [false, null],
    ] as const) {
      await using shop = await serveShop({ trustProxy: '127.0.0.1', hsts })
      for (const path of ['/api/queries/Order.Ping', '/nowhere', '/docs', '/healthz']) {
        const { headers } = await shop.get(path, https)
        assert.equal(headers.get('strict-transport-security'), expectedHeader)
        assert.equal(headers.get('x-content-type-options'), 'nosniff')
      }
    }
    await using other = await serveShop()
    await assert.rejects(serve(other.running, { hsts: true as never }), /expected hsts to be subdomains, host or false/)
  })
})
