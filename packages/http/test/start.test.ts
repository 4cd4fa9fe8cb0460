import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, createApp, domain, handle, query } from '@gesta/core'
import { z } from 'zod'
import { routes, serve } from '../src/index.ts'
import type { CustomRoute, ServeOptions } from '../src/index.ts'
import { fakeApp } from './support/fake-host.ts'
import { shop } from './support/shop.ts'
import { serveRunning } from './support/serve-shop.ts'

/** Serves the shop with these routes and expects the sentence. */
async function refuses(custom: readonly CustomRoute[], sentence: RegExp): Promise<void> {
  await using running = await shop.start()
  await assert.rejects(serve(running, { port: 0, routes: { routes: custom } }), sentence)
}
const get = (path: string, type = 'Order.Get'): CustomRoute => ({ type, method: 'GET', path })

describe('serve refuses at start', () => {
  test('a path parameter that is no field of the input', async () => {
    await refuses(
      [get('/orders/{orderID}')],
      /The route of Order\.Get: \{orderID\} in \/orders\/\{orderID\} is no field of the input\. Did you mean \{orderId\}\?/,
    )
    await refuses([get('/pings/{x}', 'Order.Ping')], /\{x\} in \/pings\/\{x\} is no field of the input\./)
  })

  test('two routes that clash', async () => {
    await refuses(
      [get('/orders/{orderId}'), get('/orders/{known}', 'Order.Open')],
      /The routes of Order\.Get and Order\.Open clash: GET \/orders\/\{\}\. Change one\./,
    )
  })

  test('a route for something that is not served', async () => {
    await refuses([get('/x', 'Order.Gett')], /no such command or query\. Did you mean Order\.Get\?/)
    await refuses([{ type: 'Order.Nightly', method: 'POST', path: '/x' }], /not for the roles web or api/)
  })

  test('a path of its own', async () => {
    for (const path of ['/docs', '/docs/x', '/healthz', '/ready', '/api/commands/x', '/api/call/x'])
      await refuses([get(path, 'Order.Ping')], /is the server's own/)
  })

  test('a path that is none', async () => {
    for (const path of ['/', '//', '/a/', '/a b', '/{}', '/a{orderId}', '/{orderId}.json', '/*', '/:x', '/a?b', '/ü'])
      await refuses([get(path)], /expected a path of literal segments/)
    await refuses([get('/{orderId}/{orderId}')], /twice/)
  })

  test('a method that does not fit', async () => {
    await refuses([get('/x', 'Order.Place')], /GET must not/)
    await refuses([{ type: 'Order.Get', method: 'DELETE', path: '/x' }], /asked with GET or POST/)
  })

  test('a domain without a role', async () => {
    const run = command('Lonely.Run')
    const lonely = createApp('lonely', {
      domains: [domain('Lonely', { permissions: 'anonymous', handlers: [handle(run, async () => undefined)] })],
    })
    await using running = await lonely.start()
    await assert.rejects(serve(running, { port: 0 }), /The domain Lonely has no roles/)
  })

  test('an option that it does not have, with the one that was meant', async () => {
    await using running = await shop.start()
    await assert.rejects(
      serve(running, { prot: 1 } as ServeOptions),
      /serve has no option "prot"\. Did you mean "port"\?/,
    )
  })

  test('an option out of bounds', async () => {
    await using running = await shop.start()
    for (const options of [
      { port: 70_000 },
      { port: 1.5 },
      { bodyBytesMax: 0 },
      { requestsInFlightMax: 0 },
      { requestsInFlightMax: 1_000_001 },
      { requestTimeoutMs: 1 },
      { deadlineMs: 0 },
      { shutdownTimeoutMs: -1 },
      { authenticate: 'x' as never },
    ]) {
      await assert.rejects(serve(running, options), /serve: expected/)
    }
  })

  test('something that is no started app', async () => {
    await assert.rejects(serve(shop as never, { port: 0 }), /Expected a started app/)
  })

  test('a port that is taken, and lets go of nothing else', async () => {
    await using first = await serveRunning(fakeApp({}))
    const port = Number(new URL(first.url).port)
    await assert.rejects(serve(fakeApp({}), { port }), { code: 'EADDRINUSE' })
    assert.equal((await first.get('/healthz')).status, 200)
  })
})

describe('routes', () => {
  test('are a list of method and path', () => {
    assert.deepEqual(routes(shop, { 'Order.Get': 'GET /orders/{orderId}' }).routes, [
      { type: 'Order.Get', method: 'GET', path: '/orders/{orderId}' },
    ])
  })

  test('of contracts that the app does not have are refused with the one that was meant', () => {
    assert.throws(() => routes(shop, { 'Order.Gte': 'GET /x' } as never), /Did you mean "Order\.Get"\?/)
    assert.throws(() => routes(shop, { 'Order.Get': 'get /x' } as never), /expected a method and a path/)
  })
})

describe('one contract whose schema cannot be converted', () => {
  test('breaks neither the start, nor the document, nor its own route', async () => {
    const when = query('Odd.When', { input: z.object({ at: z.date() }), result: z.json() })
    const throwing = {
      '~standard': {
        version: 1,
        vendor: 'odd',
        validate: (value: unknown) => ({ value }),
        jsonSchema: { input: () => assert.fail('no'), output: () => 5 },
      },
    } as const
    const odd = query('Odd.Schema', { input: throwing as never, result: throwing })
    const fine = query('Odd.Fine', { input: z.object({ a: z.int() }), result: z.int() })
    const app = createApp('odd', {
      domains: [
        domain('Odd', {
          roles: ['api'],
          permissions: 'anonymous',
          handlers: [handle(when, async () => null), handle(odd, async () => null), handle(fine, async ({ a }) => a)],
        }),
      ],
    })
    await using running = await app.start()
    await using server = await serveRunning(running)
    assert.equal((await server.get('/api/queries/Odd.Fine?a=2')).text, '2')
    assert.equal((await server.get('/api/queries/Odd.When?at=x')).status, 422)
    assert.equal((await server.get('/docs')).status, 200)
    const { paths } = (await server.get('/docs/api')).body as { readonly paths: object }
    assert.ok(
      ['/api/queries/Odd.When', '/api/queries/Odd.Schema', '/api/queries/Odd.Fine'].every((path) => path in paths),
    )
  })
})
