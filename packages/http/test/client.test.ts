import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ClientError, createClient } from '../src/client/index.ts'
import type { Client } from '../src/client/index.ts'
import type { shop as shopApp } from './support/shop.ts'
import { serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

type Shop = typeof shopApp

let shop: ServedShop
let client: Client<Shop>
before(async () => {
  shop = await serveShop()
  client = createClient<Shop>({ baseUrl: shop.url })
})
after(() => shop[Symbol.asyncDispose]())

/** A fetch that loses the answers of its first calls. */
function losing(count: number): { readonly fetch: typeof fetch; calls: number } {
  const lost = {
    calls: 0,
    fetch: async (...request: Parameters<typeof fetch>): Promise<Response> => {
      const response = await fetch(...request)
      if (lost.calls++ < count) throw new TypeError('the connection was reset')
      return response
    },
  }
  return lost
}

const failed = async (call: Promise<unknown>): Promise<ClientError> => {
  const error = await call.then(
    () => assert.fail('expected an error'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ClientError)
  return error
}

describe('the client', () => {
  test('runs a command and gives its outcome, as in process', async () => {
    const placed = await client.Order.Place({ orderId: 'k-1', pence: 5 })
    assert.ok(placed.ok)
    assert.deepEqual(placed.result, { pence: 5 })
    assert.equal(placed.version, 1)
    const direct = await shop.running.dispatch({
      kind: 'command',
      type: 'Order.Place',
      data: { orderId: 'k-1b', pence: 5 },
    } as never)
    assert.deepEqual(Object.keys(placed).toSorted(), Object.keys(direct).toSorted())
  })

  test('gives a rejection as a value, with its details', async () => {
    const refused = await client.Order.Place({ orderId: 'k-2', pence: 2_000_000 })
    assert.ok(!refused.ok)
    assert.deepEqual(refused.rejection, {
      rejected: true,
      code: 'over_limit',
      reason: 'The order is too large.',
      details: { limitPence: 1_000_000 },
    })
    assert.equal(refused.version, 0)
    assert.equal(typeof refused.token, 'string')
  })

  test('asks a query, and reads what it wrote', async () => {
    const placed = await client.Order.Place({ orderId: 'k-3', pence: 5 })
    assert.deepEqual(await client.Order.Get({ orderId: 'k-3' }, { after: placed.token }), {
      status: 'placed',
      pence: 5,
      note: '',
    })
    assert.equal(await client.Order.Get({ orderId: 'nobody' }), null)
    assert.equal(await client.Order.Ping(), 'pong')
    assert.equal(await client.Order.Sum([1, 2]), 3)
  })

  test('gives no result where the command has none', async () => {
    await client.Order.Place({ orderId: 'k-4', pence: 5 })
    const cancelled = await client.Order.Cancel({ orderId: 'k-4', reason: 'x' })
    assert.ok(cancelled.ok)
    assert.equal(cancelled.result, undefined)
  })

  test('expects a version', async () => {
    await client.Order.Place({ orderId: 'k-5', pence: 5 }, { expectedVersion: 0 })
    const error = await failed(client.Order.Cancel({ orderId: 'k-5', reason: 'x' }, { expectedVersion: 7 }))
    assert.deepEqual([error.code, error.status], ['version_mismatch', 412])
  })

  test('throws every problem with its code, its status and what the server said', async () => {
    const error = await failed(client.Order.Place({ orderId: 'k-6', pence: -1 }))
    assert.deepEqual(
      [error.code, error.status, error.problem?.type],
      ['invalid_input', 422, '/docs/errors#invalid_input'],
    )
    assert.equal((await failed(client.Order.Secret())).code, 'unauthenticated')
    assert.equal((await failed(client.Order.Fail())).code, 'internal')
  })

  test('keeps to a deadline', async () => {
    const error = await failed(client.Order.Get({ orderId: 'a' }, { deadlineMs: 0 }))
    assert.deepEqual([error.code, error.status], ['invalid_header', 400])
  })

  test('sends headers, asked for before each call', async () => {
    await using known = await serveShop({
      authenticate: ({ headers }) =>
        headers.authorization === undefined ? undefined : { account: headers.authorization, session: 's' },
    })
    let calls = 0
    const asked = createClient<Shop>({
      baseUrl: `${known.url}/`,
      headers: async () => ({ authorization: `ada ${++calls}` }),
    })
    assert.equal(await asked.Order.Secret(), 'ada 1')
    assert.equal(await asked.Order.Secret(), 'ada 2')
    const fixed = createClient<Shop>({ baseUrl: known.url, headers: { authorization: 'bob' } })
    assert.equal(await fixed.Order.Secret(), 'bob')
  })

  test('can be awaited, logged and asked for symbols', async () => {
    assert.equal(await Promise.resolve(client), client)
    assert.equal(await Promise.resolve(client.Order), client.Order)
    assert.equal(client.Order.Get, client.Order.Get)
    assert.equal(Object.prototype.toString.call(client), '[object Object]')
  })
})

describe('a lost answer', () => {
  test('is asked for again when the call has an idempotency key, and the command ran once', async () => {
    await using known = await serveShop({ authenticate: () => ({ account: 'ada', session: 's' }) })
    const lost = losing(2)
    const placed = await createClient<Shop>({ baseUrl: known.url, fetch: lost.fetch }).Order.Place(
      { orderId: 'l-1', pence: 5 },
      { idempotencyKey: 'a "key" \\' },
    )
    assert.ok(placed.ok)
    assert.equal(placed.version, 1)
    assert.equal(lost.calls, 3)
  })

  test('is asked for again when the call has a command id', async () => {
    const lost = losing(1)
    const commandId = '01900000-0000-7000-8000-0000000000c1'
    const placed = await createClient<Shop>({ baseUrl: shop.url, fetch: lost.fetch }).Order.Place(
      { orderId: 'l-2', pence: 5 },
      { commandId },
    )
    assert.ok(placed.ok)
    assert.equal(placed.commandId, commandId)
  })

  test('is not asked for again otherwise', async () => {
    const lost = losing(1)
    const error = await failed(
      createClient<Shop>({ baseUrl: shop.url, fetch: lost.fetch }).Order.Place({ orderId: 'l-3', pence: 5 }),
    )
    assert.deepEqual([error.code, error.status, lost.calls], ['unreachable', 0, 1])
  })

  test('is given up after four attempts', async () => {
    const lost = losing(100)
    const commandId = '01900000-0000-7000-8000-0000000000c2'
    const error = await failed(
      createClient<Shop>({ baseUrl: shop.url, fetch: lost.fetch }).Order.Place(
        { orderId: 'l-4', pence: 5 },
        { commandId },
      ),
    )
    assert.deepEqual([error.code, lost.calls], ['unreachable', 4])
  })

  test('is given up when the caller does', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const fetch = async (): Promise<Response> => {
      controller.abort(reason)
      throw new TypeError('the connection was reset')
    }
    const call = createClient<Shop>({ baseUrl: shop.url, fetch }).Order.Place(
      { orderId: 'l-5', pence: 5 },
      { idempotencyKey: 'k', signal: controller.signal },
    )
    await assert.rejects(call, reason)
  })

  test('and an answer of somebody else are told apart', async () => {
    for (const response of [
      new Response('<html>', { status: 502 }),
      new Response('{}'),
      new Response('{"error":"x"}', { status: 404 }),
    ]) {
      const error = await failed(createClient<Shop>({ baseUrl: shop.url, fetch: async () => response }).Order.Ping())
      assert.equal(error.code, 'unexpected_answer')
    }
  })
})

describe('the call route', () => {
  test('takes commands and queries alike, and says which it was', async () => {
    const query = await shop.post('/api/call/Order.Get', { orderId: 'nobody' })
    assert.deepEqual(query.body, { kind: 'query', result: null })
    const placed = await shop.post('/api/call/Order.Place', { orderId: 'p-1', pence: 1 })
    assert.equal((placed.body as { readonly kind: string }).kind, 'command')
    assert.equal((await shop.post('/api/call/Order.Nothing', {})).problem.code, 'missing_handler')
  })
})
