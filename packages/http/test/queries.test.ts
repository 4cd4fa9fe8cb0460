import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

let shop: ServedShop
before(async () => void (shop = await serveShop()))
after(() => shop[Symbol.asyncDispose]())

describe('queries', () => {
  test('answer with their result as it is', async () => {
    const { status, text, headers } = await shop.get('/api/queries/Order.Ping')
    assert.equal(status, 200)
    assert.equal(text, '"pong"')
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('cache-control'), 'no-store')
  })

  test('answer null for nothing', async () => {
    assert.equal((await shop.get('/orders/nobody')).text, 'null')
  })

  test('show what a command wrote, with its token', async () => {
    const placed = await shop.post('/api/commands/Order.Place', { orderId: 'q-1', pence: 7 })
    const token = placed.headers.get('gesta-token') ?? ''
    const { text } = await shop.get('/api/queries/Order.Get?orderId=q-1', { 'gesta-after': token })
    assert.equal(text, '{"status":"placed","pence":7,"note":""}')
  })

  test('answer HEAD without a body', async () => {
    const { status, text, headers } = await shop.ask('HEAD', '/api/queries/Order.Ping')
    assert.deepEqual([status, text, headers.get('content-length')], [200, '', '6'])
  })

  test('that fail say nothing of the inner reason, and the log has it under the id that they tell', async () => {
    await using one = await serveShop()
    const { status, problem, text } = await one.post('/api/commands/Order.Fail')
    assert.equal(status, 500)
    assert.doesNotMatch(text, /secret/)
    assert.equal(one.logged.length, 1)
    assert.equal(one.logged[0]?.facts['requestId'], problem.requestId)
    assert.match(String(one.logged[0]?.facts['error']), /a secret of the handler/)
  })
})

describe('a query string', () => {
  const echo = async (queryString: string): Promise<unknown> =>
    (await shop.get(`/api/queries/Order.Echo?${queryString}`)).body

  test('is read by the types of the fields, and by nothing else', async () => {
    assert.deepEqual(await echo('text=12&whole=12&number=1.5e2&flag=true&kind=a'), {
      text: '12',
      whole: 12,
      number: 150,
      flag: true,
      kind: 'a',
    })
    assert.deepEqual(await echo('text=null&number=null'), { text: 'null', number: null })
    assert.deepEqual(await echo('text='), { text: '' })
    assert.deepEqual(await echo('text'), { text: '' })
  })

  test('gives an array by repetition, once or often', async () => {
    assert.deepEqual(await echo('list=1'), { list: [1] })
    assert.deepEqual(await echo('list=1&list=2&texts=a&texts=2'), { list: [1, 2], texts: ['a', '2'] })
  })

  test('gives an object as JSON', async () => {
    assert.deepEqual(await echo(`nested=${encodeURIComponent('{"a":1}')}`), { nested: { a: 1 } })
  })

  test('gives text to a field that may be text', async () => {
    assert.deepEqual(await echo('either=5'), { either: '5' })
  })

  test('is decoded, plus signs too', async () => {
    assert.deepEqual(await echo('text=a+b%20c%2B%C3%BC%26&&whole=1'), { text: 'a b c+ü&', whole: 1 })
  })

  test('is refused where a value is none of its type', async () => {
    for (const bad of [
      'whole=x',
      'whole=1.5',
      'whole=0x10',
      'whole=',
      'whole=%201',
      'flag=yes',
      'flag=1',
      'number=NaN',
      'number=Infinity',
      'number=01',
      'nested=x',
      'nested=5',
      'list=a',
      'kind=c',
    ]) {
      const { status, problem } = await shop.get(`/api/queries/Order.Echo?${bad}`)
      assert.deepEqual([bad, status, problem.code], [bad, 422, 'invalid_input'])
    }
  })

  test('may have other fields where the schema takes them', async () => {
    assert.equal(
      (await shop.get('/api/queries/Order.Open?known=1&other=2&more=text')).text,
      '{"known":1,"other":2,"more":"text"}',
    )
  })

  test('gives an input that is no object as JSON, in the parameter input', async () => {
    assert.equal((await shop.get('/api/queries/Order.Sum?input=%5B1,2,3%5D')).text, '6')
    assert.equal((await shop.get('/api/queries/Order.Sum?other=1')).problem.code, 'unknown_parameter')
  })

  test('is read as JSON where it is JSON, when the schema does not describe itself', async () => {
    assert.equal((await shop.get('/api/queries/Order.Plain?id=A-1&size=3')).text, '{"id":"A-1","size":3}')
    assert.equal((await shop.get('/api/queries/Order.Plain?id=%221%22')).text, '{"id":"1"}')
    assert.equal((await shop.get('/api/queries/Order.Plain?id=1')).problem.code, 'invalid_input')
  })

  test('works for a schema that cannot be converted', async () => {
    assert.equal((await shop.get('/api/queries/Order.Since?at=2026-01-02')).text, '"2026-01-02T00:00:00.000Z"')
  })
})
