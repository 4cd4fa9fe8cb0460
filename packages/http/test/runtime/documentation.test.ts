import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { runtimeRoutes } from '@gesta/core/host'
import { Validator } from '@seriousme/openapi-schema-validator'
import { as, serveWatched } from './watched-shop.ts'
import type { WatchedShop } from './watched-shop.ts'

interface Operation {
  readonly operationId: string
  readonly description: string
  readonly parameters: readonly { readonly name?: string; readonly $ref?: string }[]
}
interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } }
}

let shop: WatchedShop
let document: Document
before(async () => {
  shop = await serveWatched()
  document = (await shop.get('/docs/api', as('root'))).body as Document
})
after(() => shop[Symbol.asyncDispose]())

describe('the OpenAPI document of an app with a runtime', () => {
  test('is valid, and has an id for every operation', async () => {
    assert.deepEqual(await new Validator().validate(structuredClone(document) as object as Record<string, unknown>), {
      valid: true,
    })
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    )
    assert.equal(new Set(ids).size, ids.length)
  })

  test('has what is public of the runtime, and its stream, below both bases, and nothing for operators', () => {
    for (const base of ['/api/tenants/{tenantUuid}/runtime', '/api/runtime'])
      for (const { path, address } of [...runtimeRoutes, { path: 'events', address: 'public' }]) {
        const served = document.paths[`${base}/${path}`]
        assert.equal(served !== undefined, address === 'public', path)
        const names = Object.values(served ?? {}).flatMap(({ parameters }) => parameters.map(({ name }) => name))
        assert.equal(names.includes('tenantUuid'), address === 'public' && base.includes('{'), path)
      }
    assert.doesNotMatch(JSON.stringify(document), /Store(Event|Command|Data|Cache|Log)\.|Audit\.|ControlEventHandler/)
    assert.equal(document.paths['/api/queries/Runtime.SystemInfo'], undefined)
  })

  test('says who may', () => {
    const who = (path: string, method: string): string => document.paths[path]?.[method]?.description ?? ''
    assert.match(who('/api/queries/Order.Count', 'get'), /whoever holds the permission Order\.Count/)
    assert.match(who('/api/commands/Order.Place', 'post'), /Who may: authenticated\./)
    assert.match(who('/api/runtime/permission-list', 'post'), /whoever holds the permission Runtime\.PermissionList/)
    assert.match(who('/api/runtime/system-info', 'post'), /a rule of the app decides/)
    assert.match(who('/api/runtime/events', 'get'), /whoever holds the permission Runtime\.EventStream/)
  })
})

test('the page for people shows the runtime, with lines to copy', async () => {
  const { status, text } = await shop.get('/docs')
  assert.equal(status, 200)
  assert.match(text, /\/api\/runtime\/permission-list/)
  assert.match(text, /curl[^<]*\/runtime\/permission-list/)
})
