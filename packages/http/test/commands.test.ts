import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

let shop: ServedShop
before(async () => void (shop = await serveShop()))
after(() => shop[Symbol.asyncDispose]())

interface Accepted {
  readonly result?: unknown
  readonly token: string
  readonly commandId: string
  readonly version?: number
}

describe('commands', () => {
  test('answer with result, token, command id and version', async () => {
    const { status, body, headers } = await shop.post('/api/commands/Order.Place', { orderId: 'c-1', pence: 4200 })
    const { result, token, commandId, version } = body as Accepted
    assert.equal(status, 200)
    assert.deepEqual(result, { pence: 4200 })
    assert.equal(version, 1)
    assert.equal(headers.get('gesta-token'), token)
    assert.match(commandId, /^[0-9a-f-]{36}$/)
    assert.match(headers.get('etag') ?? '', /^"[\w-]{8}\.1"$/)
  })

  test('without a result answer with token and command id alone', async () => {
    await shop.post('/api/commands/Order.Place', { orderId: 'c-2', pence: 1 })
    const { body } = await shop.post('/api/commands/Order.Cancel', { orderId: 'c-2', reason: 'late' })
    assert.deepEqual(Object.keys(body as Accepted), ['token', 'commandId', 'version'])
  })

  test('without an input take no body, an empty one, {} or null', async () => {
    await using one = await serveShop()
    for (const body of [undefined, '', '{}', 'null']) {
      const { problem } = await one.post('/api/commands/Order.Fail', body)
      assert.equal(problem.code, 'internal', `the handler ran with ${String(body)}`)
    }
  })

  test('are reached by a path of their own, whose parameters are fields', async () => {
    await shop.post('/api/commands/Order.Place', { orderId: 'c 3/ü', pence: 1 })
    const cancelled = await shop.post('/orders/c%203%2F%C3%BC/cancel', { reason: 'late' })
    assert.equal(cancelled.status, 200)
    assert.equal((await shop.get('/orders/c%203%2F%C3%BC')).text, '{"status":"cancelled","pence":1,"note":""}')
  })

  test('keep their default path beside a path of their own', async () => {
    const { problem } = await shop.post('/api/commands/Order.Cancel', { orderId: 'nobody', reason: 'x' })
    assert.equal(problem.code, 'not_placed')
  })

  test('take a content type with the charset UTF-8', async () => {
    const { status } = await shop.post(
      '/api/commands/Order.Place',
      { orderId: 'c-4', pence: 1 },
      { 'content-type': 'application/json; charset=UTF-8' },
    )
    assert.equal(status, 200)
  })

  test('that are for other roles are not served', async () => {
    const { status, problem } = await shop.post('/api/commands/Order.Nightly', {})
    assert.equal(status, 404)
    assert.equal(problem.code, 'missing_handler')
  })
})

describe('a rejection', () => {
  test('is a problem with its code, its reason and a mark', async () => {
    await shop.post('/api/commands/Order.Place', { orderId: 'r-1', pence: 1 })
    const { status, headers, problem } = await shop.post('/api/commands/Order.Place', { orderId: 'r-1', pence: 1 })
    assert.equal(status, 422)
    assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8')
    assert.equal(headers.get('gesta-token'), problem.token)
    const { token, commandId, title, ...rest } = problem
    assert.deepEqual(rest, {
      type: '/docs/errors#rejected',
      status: 422,
      code: 'exists',
      detail: 'This order exists.',
      rejected: true,
      version: 1,
    })
    assert.ok(token !== undefined && commandId !== undefined && title !== '')
  })

  test('carries the details that it declares', async () => {
    const { problem } = await shop.post('/api/commands/Order.Place', { orderId: 'r-2', pence: 2_000_000 })
    assert.deepEqual(problem.details, { limitPence: 1_000_000 })
  })

  test('is told from invalid input by its mark', async () => {
    const { status, problem } = await shop.post('/api/commands/Order.Place', { orderId: 'r-3', pence: 'many' })
    assert.equal(status, 422)
    assert.equal(problem.rejected, undefined)
    assert.equal(problem.code, 'invalid_input')
    assert.equal(problem.violations?.[0]?.path, 'pence')
  })
})

describe('an idempotency key', () => {
  const headers = { 'idempotency-key': '"key-1"' }

  test('is refused to an anonymous caller, in a documented way', async () => {
    const { status, problem } = await shop.post('/api/commands/Order.Place', { orderId: 'i-0', pence: 1 }, headers)
    assert.deepEqual([status, problem.code], [400, 'idempotency_refused'])
  })

  test('makes a repetition find the first outcome, and refuses another payload', async () => {
    await using known = await serveShop({ authenticate: () => ({ account: 'ada', session: 's' }) })
    const first = await known.post('/api/commands/Order.Place', { orderId: 'i-1', pence: 1 }, headers)
    const again = await known.post(
      '/api/commands/Order.Place',
      { orderId: 'i-1', pence: 1 },
      { 'idempotency-key': 'key-1' },
    )
    assert.equal(first.status, 200)
    assert.equal(again.status, 200)
    assert.deepEqual((again.body as Accepted).result, { pence: 1 })
    const other = await known.post('/api/commands/Order.Place', { orderId: 'i-1', pence: 2 }, headers)
    assert.deepEqual([other.status, other.problem.code], [422, 'idempotency_conflict'])
    assert.equal((await known.get('/orders/i-1')).text, '{"status":"placed","pence":1,"note":""}')
  })
})

describe('a command id', () => {
  const id = '01900000-0000-7000-8000-00000000000a'

  test('names the command, and finds its outcome again', async () => {
    const first = await shop.post('/api/commands/Order.Place', { orderId: 'n-1', pence: 1 }, { 'gesta-command-id': id })
    const again = await shop.post('/api/commands/Order.Place', { orderId: 'n-1', pence: 1 }, { 'gesta-command-id': id })
    assert.equal((first.body as Accepted).commandId, id)
    assert.deepEqual(again.body, first.body)
  })

  test('is refused for another command', async () => {
    const { status, problem } = await shop.post(
      '/api/commands/Order.Place',
      { orderId: 'n-2', pence: 1 },
      { 'gesta-command-id': id },
    )
    assert.deepEqual([status, problem.code], [409, 'command_conflict'])
  })
})
