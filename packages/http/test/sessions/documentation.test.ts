import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { serveShop } from '../support/serve-shop.ts'
import { serveSessions } from '../support/session-app.ts'
import type { ServedSessions } from '../support/session-app.ts'

interface Operation {
  readonly security?: readonly object[]
  readonly parameters: readonly { readonly name?: string; readonly in?: string }[]
  readonly responses: { readonly [status: string]: object }
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } }
}
interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
  readonly components: {
    readonly securitySchemes?: { readonly [name: string]: object }
    readonly schemas: { readonly [name: string]: { readonly required?: readonly string[] } }
  }
}

let shop: ServedSessions
let document: Document
before(async () => {
  shop = await serveSessions()
  document = (await shop.get('/docs/api')).body as Document
})
after(() => shop[Symbol.asyncDispose]())

const operation = (path: string, method = 'get'): Operation =>
  document.paths[path]?.[method] ?? assert.fail(`no ${method} ${path}`)
const ofSession = [{ bearer: [] }, { cookie: [] }]

describe('the OpenAPI document of an app with sessions', () => {
  test('is valid, and says how callers are known', async () => {
    assert.deepEqual(await new Validator().validate(structuredClone(document) as object as Record<string, unknown>), {
      valid: true,
    })
    assert.deepEqual(Object.keys(document.components.securitySchemes ?? {}), ['bearer', 'cookie', 'apiKey'])
    assert.match(JSON.stringify(document.components.securitySchemes), /"__Host-gesta-access"/)
  })

  test('says of each operation what its contract asks for', () => {
    assert.deepEqual(operation('/api/queries/Auth.Hello').security, [])
    assert.deepEqual(operation('/api/queries/Auth.Me').security, ofSession)
    assert.deepEqual(operation('/api/tenants/{tenantUuid}/places').security, [...ofSession, { apiKey: [] }])
  })

  test('has 401, 403 and 429, and a rejected sign-in as 401', () => {
    const { responses } = operation('/api/tenants/{tenantUuid}/places')
    for (const status of ['401', '403', '429']) assert.ok(status in responses, status)
    const login = operation('/login', 'post').responses
    assert.match(JSON.stringify(login['401']), /invalid_credentials/)
    assert.doesNotMatch(JSON.stringify(login['422']), /invalid_credentials/)
  })

  test('asks no answer for tokens that a browser gets as cookies', () => {
    const required = document.components.schemas['Auth.Login.Result']?.required ?? assert.fail('no result')
    assert.ok(required.includes('accessTokenExpiresAt'))
    for (const name of ['accessToken', 'refreshToken', 'device']) assert.ok(!required.includes(name), name)
  })

  test('has the tenant as a parameter of the path, and not of the body', () => {
    const { parameters, requestBody } = operation('/api/tenants/{tenantUuid}/notes/{noteId}', 'put')
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
    assert.deepEqual(inPath, ['tenantUuid', 'noteId'])
    assert.doesNotMatch(JSON.stringify(requestBody), /tenantUuid/)
  })

  test('has nothing of it where there are no sessions', async () => {
    await using plain = await serveShop()
    assert.doesNotMatch((await plain.get('/docs/api')).text, /securitySchemes|"security"|origin_not_allowed/)
  })
})

describe('the pages of an app with sessions', () => {
  test('say how callers are known, and what a refused sign-in is', async () => {
    const { text } = await shop.get('/docs')
    assert.match(text, /authorization: Bearer/)
    assert.match(text, /Rejections \(401\)/)
    await using plain = await serveShop()
    assert.doesNotMatch((await plain.get('/docs')).text, /Callers are known by/)
  })
})
