import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { statuses } from '../src/status.ts'
import { serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name?: string; readonly in?: string; readonly $ref?: string }[]
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: object; readonly example?: unknown } }
  }
  readonly responses: { readonly [status: string]: { readonly $ref?: string; readonly content?: object } }
}
interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: {
    readonly schemas: { readonly [name: string]: object }
    readonly responses: { readonly [name: string]: object }
  }
}

let shop: ServedShop
let document: Document
before(async () => {
  shop = await serveShop()
  document = (await shop.get('/docs/api')).body as Document
})
after(() => shop[Symbol.asyncDispose]())

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    assert.equal(document.openapi, '3.1.1')
    assert.deepEqual(await new Validator().validate(structuredClone(document) as object as Record<string, unknown>), {
      valid: true,
    })
  })

  test('refers only to what it has', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]*)"/g)].map((match) => match[1] ?? '')
    assert.ok(references.length > 100)
    for (const pointer of new Set(references)) {
      const found = pointer
        .split('/')
        .slice(1)
        .reduce<unknown>(
          (at, part) =>
            (at as { readonly [key: string]: unknown } | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
          document,
        )
      assert.notEqual(found, undefined, pointer)
    }
  })

  test('has every route, each with an id of its own', () => {
    const expected = [
      '/api/commands/Order.Place',
      '/api/call/Order.Place',
      '/api/queries/Order.Get',
      '/orders/{orderId}',
      '/orders/{orderId}/cancel',
      '/healthz',
      '/ready',
    ]
    for (const path of expected) assert.ok(path in document.paths, path)
    assert.ok(!Object.keys(document.paths).some((path) => path.includes('Nightly')))
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    )
    assert.equal(new Set(ids).size, ids.length)
  })

  test('says what a route takes', () => {
    const echo = document.paths['/api/queries/Order.Echo']?.['get']
    assert.deepEqual(
      echo?.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
      ['text', 'whole', 'number', 'flag', 'list', 'texts', 'nested', 'either', 'kind'],
    )
    const cancel = document.paths['/orders/{orderId}/cancel']?.['post']
    assert.deepEqual(cancel?.parameters[0], { name: 'orderId', in: 'path', required: true, schema: { type: 'string' } })
    assert.deepEqual(cancel?.requestBody?.content['application/json'].schema, {
      type: 'object',
      required: ['reason'],
      properties: { reason: { $ref: '#/components/schemas/Order.Cancel.Input/properties/reason' } },
      additionalProperties: false,
    })
    assert.equal(document.paths['/api/commands/Order.Fail']?.['post']?.requestBody, undefined)
  })

  test('says what a route answers, rejections and problems included', () => {
    const place = document.paths['/api/commands/Order.Place']?.['post']
    assert.deepEqual(
      Object.keys(place?.responses ?? {}).map(Number),
      [200, 400, 401, 408, 409, 412, 413, 415, 417, 422, 429, 431, 500, 503, 504, 507],
    )
    const refused = JSON.stringify(place?.responses['422'])
    for (const code of [
      '"exists"',
      '"over_limit"',
      'This order exists.',
      '#/components/schemas/Order.Place.over_limit.Details',
      'invalid_input',
    ])
      assert.ok(refused.includes(code), code)
    const query = document.paths['/api/queries/Order.Secret']?.['get']
    assert.ok(
      query?.responses['403'] !== undefined &&
        query.responses['304'] !== undefined &&
        query.responses['412'] === undefined,
    )
  })

  test('gives an example that the server takes', async () => {
    const example =
      document.paths['/api/commands/Order.Place']?.['post']?.requestBody?.content['application/json'].example
    assert.deepEqual(example, { orderId: 'A-1', pence: 1 })
    assert.equal((await shop.post('/api/commands/Order.Place', example)).status, 200)
  })

  test('names every code that it lists in the table', () => {
    const listed = [...JSON.stringify(document.components.responses).matchAll(/`(\w+)`: /g)].map(([, code]) => code)
    for (const code of listed) assert.ok(code !== undefined && code in statuses, code ?? '')
  })

  test('has the same version as long as nothing changes', async () => {
    await using again = await serveShop()
    const { info } = (await again.get('/docs/api')).body as Document
    assert.equal(info.version, document.info.version)
    await using other = await serveShop({ routes: { routes: [] } })
    assert.notEqual(((await other.get('/docs/api')).body as Document).info.version, document.info.version)
  })
})

describe('the pages for people', () => {
  test('need nothing from elsewhere and run no script', async () => {
    for (const path of ['/docs', '/docs/errors']) {
      const { status, text, headers } = await shop.get(path)
      assert.equal(status, 200)
      assert.equal(headers.get('content-type'), 'text/html; charset=utf-8')
      assert.equal(
        headers.get('content-security-policy'),
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      assert.doesNotMatch(text, /<script|<style|style=|onclick|src=|https?:\/\/(?!127\.0\.0\.1)/)
    }
    assert.equal((await shop.get('/docs/style.css')).headers.get('content-type'), 'text/css; charset=utf-8')
  })

  test('show every contract that is served, and no other', async () => {
    const { text } = await shop.get('/docs')
    for (const shown of [
      'Order.Place',
      'Order.Get',
      '/orders/{orderId}/cancel',
      '/api/commands/Order.Place',
      'This order exists.',
      'over_limit',
      'curl -X POST',
    ])
      assert.ok(text.includes(shown), shown)
    assert.ok(!text.includes('Nightly'))
  })

  test('explain every code, under the address that problems name', async () => {
    const { text } = await shop.get('/docs/errors')
    for (const code of Object.keys(statuses)) assert.ok(text.includes(`<tr id="${code}">`), code)
  })

  test('escape what they show', async () => {
    const text = await shop.raw('GET /docs HTTP/1.1\r\nhost: "><b>\r\nconnection: close\r\n\r\n')
    assert.match(text, /http:\/\/&quot;&gt;&lt;b&gt;\/api/)
    assert.doesNotMatch(text, /"><b>/)
  })

  test('are left out when they are not wanted', async () => {
    await using bare = await serveShop({ docs: false })
    for (const path of ['/docs', '/docs/api', '/docs/errors']) assert.equal((await bare.get(path)).status, 404)
  })
})
