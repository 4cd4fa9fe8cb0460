import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseAnswer, requestText, serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

let shop: ServedShop
before(async () => void (shop = await serveShop({ bodyBytesMax: 10_000 })))
after(() => shop[Symbol.asyncDispose]())

const place = '/api/commands/Order.Place'

/** Expects a problem, and that nothing was written. */
async function refuses(body: unknown, code: string, status: number, headers?: Record<string, string>): Promise<void> {
  const answer = await shop.post(place, body, headers)
  assert.deepEqual([answer.problem.code, answer.status, answer.problem.status], [code, status, status])
  assert.equal(answer.problem.type, `/docs/errors#${code}`)
  assert.equal(answer.headers.get('content-type'), 'application/problem+json; charset=utf-8')
  assert.equal((await shop.get('/orders/bad')).text, 'null')
}

describe('a body is refused', () => {
  test('with a field that is missing or of another type', async () => {
    await refuses({ orderId: 'bad' }, 'invalid_input', 422)
    await refuses({ orderId: 'bad', pence: '1' }, 'invalid_input', 422)
    await refuses({ orderId: 'bad', pence: 1.5 }, 'invalid_input', 422)
    await refuses('{"orderId":"bad","pence":1e999}', 'invalid_input', 422)
    await refuses([], 'invalid_input', 422)
    await refuses('5', 'invalid_input', 422)
    await refuses('null', 'invalid_input', 422)
    await refuses(undefined, 'invalid_input', 422)
  })

  test('with a field that the input does not have', async () => {
    await refuses({ orderId: 'bad', pence: 1, pences: 2 }, 'unknown_field', 422)
    const { problem } = await shop.post('/api/commands/Order.Fail', { a: 1 })
    assert.equal(problem.code, 'unknown_field')
  })

  test('that is not JSON', async () => {
    for (const text of [
      '{',
      '{"orderId":"bad",}',
      "{'orderId':'bad'}",
      'undefined',
      '{"a":1}{',
      '\u0000',
      '"\u0000"',
      'NaN',
    ])
      await refuses(text, 'invalid_json', 400)
  })

  test('that is not UTF-8', async () => {
    await refuses(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_encoding', 400)
    // A lone surrogate in the bytes of UTF-8, which is no UTF-8.
    await refuses(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid_encoding', 400)
    await refuses(Buffer.from('{"orderId":"bad","pence":1}', 'utf16le'), 'invalid_json', 400)
  })

  test('with NUL or a lone surrogate, in a value or a key, at any depth', async () => {
    for (const escape of ['\\u0000', '\\ud800', '\\uDC00', '\\udfff\\ud800']) {
      await refuses(`{"orderId":"bad${escape}","pence":1}`, 'invalid_text', 400)
      await refuses(`{"orderId":"bad","pence":1,"tags":["${escape}"]}`, 'invalid_text', 400)
      await refuses(`{"orderId":"bad","pence":1,"${escape}":1}`, 'invalid_text', 400)
    }
    const paired = await shop.post(place, '{"orderId":"paired \\ud83d\\ude00","pence":1}')
    assert.equal(paired.status, 200)
  })

  test('with a key that reaches a prototype', async () => {
    await refuses('{"orderId":"bad","pence":1,"__proto__":{"a":1}}', 'forbidden_key', 400)
    await refuses('{"orderId":"bad","pence":1,"tags":[{"\\u005f_proto__":{}}]}', 'forbidden_key', 400)
    await refuses('{"orderId":"bad","pence":1,"constructor":{"prototype":{"a":1}}}', 'forbidden_key', 400)
  })

  test('that is nested too deeply', async () => {
    const deep = (levels: number): string => `{"tree":${'['.repeat(levels)}${']'.repeat(levels)}}`
    const graft = (body: string) => shop.post('/api/commands/Order.Graft', body)
    assert.equal((await graft(deep(63))).status, 200)
    assert.equal((await graft(deep(64))).problem.code, 'nested_too_deeply')
    assert.equal((await graft(deep(4000))).problem.code, 'nested_too_deeply')
    assert.equal((await graft('['.repeat(9000))).problem.code, 'invalid_json')
  })

  test('that is too large, told or found', async () => {
    await refuses({ orderId: 'bad', pence: 1, note: 'x'.repeat(10_000) }, 'body_too_large', 413)
    const chunk = `2000\r\n${'x'.repeat(0x2000)}\r\n`
    const answer = parseAnswer(
      await shop.raw(
        `${requestText('POST', place, ['content-type: application/json', 'transfer-encoding: chunked'])}${chunk}${chunk}0\r\n\r\n`,
      ),
    )
    assert.deepEqual([answer.status, answer.problem.code], [413, 'body_too_large'])
  })

  test('of another content type', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/jsonx',
      'nonsense',
      'multipart/form-data; boundary=x',
    ]) {
      await refuses('{"orderId":"bad","pence":1}', 'unsupported_media_type', 415, { 'content-type': type })
    }
    await refuses('{"orderId":"bad","pence":1}', 'unsupported_media_type', 415, { 'content-encoding': 'gzip' })
    const bare = parseAnswer(await shop.raw(requestText('POST', place, [], '{"orderId":"bad","pence":1}')))
    assert.deepEqual([bare.status, bare.problem.code], [415, 'unsupported_media_type'])
  })

  test('beside a query string', async () => {
    const { problem } = await shop.post(`${place}?orderId=bad`, { orderId: 'bad', pence: 1 })
    assert.equal(problem.code, 'unknown_parameter')
  })

  test('that gives a field of the path again', async () => {
    const { status, problem } = await shop.post('/orders/bad/cancel', { orderId: 'other', reason: 'x' })
    assert.deepEqual([status, problem.code], [400, 'repeated_parameter'])
    assert.equal((await shop.post('/orders/bad/cancel', [1])).problem.code, 'invalid_input')
  })
})

describe('a URL is refused', () => {
  const cases: readonly (readonly [target: string, code: string, status: number])[] = [
    ['/api/queries/Order.Get?orderId=a&other=1', 'unknown_parameter', 400],
    ['/api/queries/Order.Get?orderId=a&orderId=b', 'repeated_parameter', 400],
    ['/api/queries/Order.Get?orderId=a&__proto__=b', 'forbidden_key', 400],
    ['/api/queries/Order.Echo?nested=%7B%22__proto__%22:1%7D', 'forbidden_key', 400],
    ['/api/queries/Order.Echo?nested=%7B%22a%22:%22%5Cu0000%22%7D', 'invalid_text', 400],
    ['/api/queries/Order.Get?orderId=%00', 'invalid_text', 400],
    ['/api/queries/Order.Get?orderId=%ff', 'invalid_encoding', 400],
    ['/api/queries/Order.Get?orderId=%ED%A0%80', 'invalid_encoding', 400],
    ['/api/queries/Order.Get?orderId=%zz', 'invalid_encoding', 400],
    ['/api/queries/Order.Get?%ff=1', 'invalid_encoding', 400],
    ['/orders/%00', 'invalid_text', 400],
    ['/orders/%ff', 'invalid_encoding', 400],
    ['/orders/%ED%A0%80', 'invalid_encoding', 400],
    ['/orders/%', 'invalid_encoding', 400],
    ['/orders/', 'unknown_path', 404],
    ['/orders', 'unknown_path', 404],
    ['/nothing', 'unknown_path', 404],
    ['/', 'unknown_path', 404],
    ['/api/queries/Order.Gett', 'missing_handler', 404],
    ['/api/queries/Order.Place', 'missing_handler', 404],
    ['/api/queries/__proto__', 'missing_handler', 404],
  ]
  for (const [target, code, status] of cases) {
    test(`${target}: ${code}`, async () => {
      const answer = parseAnswer(await shop.raw(requestText('GET', target)))
      assert.deepEqual([answer.problem.code, answer.status], [code, status])
    })
  }

  test('with bytes that are no ASCII', async () => {
    const bytes = Buffer.from(requestText('GET', '/api/queries/Order.Get?orderId=~~'))
    bytes[bytes.indexOf('~~')] = 0xc3
    bytes[bytes.indexOf('~')] = 0xbc
    assert.equal(parseAnswer(await shop.raw(bytes)).status, 400)
  })

  test('with a hint for a name that is nearly right', async () => {
    assert.match((await shop.get('/api/queries/Order.Gett')).problem.detail ?? '', /Did you mean Order\.Get\?/)
  })

  test('with a method that the path does not have, which names those that it has', async () => {
    for (const [method, path, allow] of [
      ['GET', place, 'POST'],
      ['POST', '/api/queries/Order.Ping', 'GET, HEAD'],
      ['DELETE', '/orders/a', 'GET, HEAD'],
      ['OPTIONS', '/orders/a', 'GET, HEAD'],
      ['PUT', '/healthz', 'GET, HEAD'],
      ['POST', '/docs/api', 'GET, HEAD'],
    ] as const) {
      const { status, problem, headers } = await shop.ask(method, path)
      assert.deepEqual([status, problem.code, headers.get('allow')], [405, 'method_not_allowed', allow])
    }
  })

  test('with a path parameter that is as long as the limits allow, by the app alone', async () => {
    const { status } = await shop.get(`/orders/${'x'.repeat(4000)}`)
    assert.ok(status === 200 || status === 422)
  })
})

describe('headers are refused', () => {
  const body = '{"orderId":"bad","pence":1}'
  const json = 'content-type: application/json'
  const cases: readonly (readonly [name: string, headers: readonly string[]])[] = [
    ['a repeated idempotency key', ['idempotency-key: a', 'Idempotency-Key: b']],
    ['an empty idempotency key', ['idempotency-key:']],
    ['an idempotency key that is too long', [`idempotency-key: ${'x'.repeat(256)}`]],
    ['an idempotency key that is no ASCII', ['idempotency-key: \u00fc']],
    ['a command id that is no UUID', ['gesta-command-id: 1']],
    [
      'a repeated command id',
      [
        'gesta-command-id: 01900000-0000-7000-8000-00000000000b',
        'gesta-command-id: 01900000-0000-7000-8000-00000000000b',
      ],
    ],
    ['a deadline that is no number', ['gesta-deadline-ms: soon']],
    ['a deadline of nothing', ['gesta-deadline-ms: 0']],
    ['a negative version', ['gesta-expected-version: -1']],
    ['two versions', ['gesta-expected-version: 1', 'if-match: "a"']],
    ['a weak tag', ['if-match: W/"abcdefgh.1"']],
    ['a tag without quotes', ['if-match: abcdefgh.1']],
    ['several tags', ['if-match: "abcdefgh.1", "abcdefgh.2"']],
    ['a repeated tag', ['if-match: "abcdefgh.1"', 'if-match: "abcdefgh.1"']],
    ['any version', ['if-match: *']],
    ['another version than', ['if-none-match: "abcdefgh.1"']],
  ]
  for (const [name, headers] of cases) {
    test(name, async () => {
      const answer = parseAnswer(await shop.raw(requestText('POST', place, [json, ...headers], body)))
      assert.deepEqual([answer.problem.code, answer.status], ['invalid_header', 400])
      assert.equal((await shop.get('/orders/bad')).text, 'null')
    })
  }

  test('a token of another log, or none at all', async () => {
    const answer = await shop.get('/api/queries/Order.Get?orderId=a', { 'gesta-after': 'nonsense' })
    assert.deepEqual([answer.status, answer.problem.code], [400, 'invalid_token'])
    await using other = await serveShop()
    const { headers } = await other.post(place, { orderId: 'a', pence: 1 })
    const foreign = await shop.get('/api/queries/Order.Get?orderId=a', {
      'gesta-after': headers.get('gesta-token') ?? '',
    })
    assert.ok([400, 409].includes(foreign.status))
  })

  test('that are too large', async () => {
    const answer = parseAnswer(await shop.raw(requestText('GET', '/healthz', [`x-large: ${'x'.repeat(20_000)}`])))
    assert.deepEqual([answer.status, answer.problem.code], [431, 'headers_too_large'])
  })

  test('an expectation that nobody has', async () => {
    const answer = parseAnswer(await shop.raw(requestText('GET', '/healthz', ['expect: a miracle'])))
    assert.deepEqual([answer.status, answer.problem.code], [417, 'expectation_failed'])
  })
})

describe('what is no HTTP', () => {
  test('is refused', async () => {
    for (const text of [
      'nonsense\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      requestText('POST', place, ['content-length: x']),
    ]) {
      const answer = parseAnswer(await shop.raw(text))
      assert.deepEqual([answer.status, answer.problem.code], [400, 'invalid_request'])
    }
  })

  test('and what does not arrive in time is given up', async () => {
    await using hasty = await serveShop({ requestTimeoutMs: 100 })
    const answer = parseAnswer(
      await hasty.raw(
        'POST /api/commands/Order.Place HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
      ),
    )
    assert.deepEqual([answer.status, answer.problem.code], [408, 'request_timeout'])
  })
})
