import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fakeApp } from './support/fake-host.ts'
import { serveRunning, serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

let shop: ServedShop
before(async () => void (shop = await serveShop()))
after(() => shop[Symbol.asyncDispose]())

const answerTagOf = async (path: string): Promise<string> => (await shop.get(path)).headers.get('etag') ?? ''
const tagOf = async (orderId: string): Promise<string> => {
  const { headers } = await shop.post('/api/commands/Order.Place', { orderId, pence: 1 })
  return headers.get('etag') ?? ''
}

describe('an entity tag', () => {
  test('of a command names the version, and of a query the answer that shows it', async () => {
    const tag = await tagOf('e-1')
    assert.match(tag, /^"[\w-]{8}\.1"$/)
    assert.match(await answerTagOf('/orders/e-1'), new RegExp(`^${tag.slice(0, -1)}\\.[\\w-]{12}"$`))
  })

  test('is the same for the same answer, and another one for another answer of the same version', async () => {
    let result: unknown = { a: 1 }
    await using server = await serveRunning(fakeApp({ query: async () => ({ result, version: 1 }) }))
    const path = '/api/queries/Order.Get'
    const tag = (await server.get(path)).headers.get('etag') ?? ''
    assert.equal((await server.get(path, { 'if-none-match': tag })).status, 304)
    result = { a: 2 }
    const changed = await server.get(path, { 'if-none-match': tag })
    assert.deepEqual([changed.status, changed.text], [200, '{"a":2}'])
    assert.notEqual(changed.headers.get('etag'), tag)
  })

  test('is absent where no one aggregate is shown', async () => {
    assert.equal((await shop.get('/api/queries/Order.Ping')).headers.get('etag'), null)
  })

  test('spares an answer that the caller has', async () => {
    await tagOf('e-2')
    const tag = await answerTagOf('/orders/e-2')
    for (const header of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const { status, text, headers } = await shop.get('/orders/e-2', { 'if-none-match': header })
      assert.deepEqual([header, status, text, headers.get('etag')], [header, 304, '', tag])
      assert.equal(headers.get('vary'), 'authorization, cookie')
    }
    assert.equal((await shop.get('/orders/e-2', { 'if-none-match': '"other"' })).status, 200)
    await shop.post('/orders/e-2/cancel', { reason: 'x' })
    assert.equal((await shop.get('/orders/e-2', { 'if-none-match': tag })).status, 200)
  })
})

describe('If-Match', () => {
  test('lets a command pass at its version, and gives the next', async () => {
    const tag = await tagOf('m-1')
    const { status, headers } = await shop.post('/orders/m-1/cancel', { reason: 'x' }, { 'if-match': tag })
    assert.equal(status, 200)
    assert.equal(headers.get('etag'), tag.replace('.1"', '.2"'))
  })

  test('takes the tag of the answer that showed the version', async () => {
    await tagOf('m-0')
    const tag = await answerTagOf('/orders/m-0')
    assert.equal((await shop.post('/orders/m-0/cancel', { reason: 'x' }, { 'if-match': tag })).status, 200)
    assert.equal((await shop.post('/orders/m-0/cancel', { reason: 'x' }, { 'if-match': tag })).status, 412)
  })

  test('refuses a version that is past, and changes nothing', async () => {
    const tag = await tagOf('m-2')
    const { status, problem } = await shop.post(
      '/orders/m-2/cancel',
      { reason: 'x' },
      { 'if-match': tag.replace('.1"', '.7"') },
    )
    assert.deepEqual([status, problem.code], [412, 'version_mismatch'])
    assert.equal((await shop.get('/orders/m-2')).headers.get('etag')?.startsWith(tag.slice(0, -1)), true)
  })

  test('refuses a tag of another log, and one of somebody else', async () => {
    const tag = await tagOf('m-3')
    await using other = await serveShop()
    const foreign =
      (await other.post('/api/commands/Order.Place', { orderId: 'm-3', pence: 1 })).headers.get('etag') ?? ''
    for (const header of [foreign, '"anything"', '""', '"abcdefgh.01"', `${tag.slice(0, -1)}.short"`]) {
      const { status, problem } = await shop.post('/orders/m-3/cancel', { reason: 'x' }, { 'if-match': header })
      assert.deepEqual([status, problem.code], [412, 'version_mismatch'])
    }
    assert.equal((await shop.get('/orders/m-3')).headers.get('etag')?.startsWith(tag.slice(0, -1)), true)
  })

  test('is refused by a command that no aggregate decides', async () => {
    const { status, problem } = await shop.post('/api/commands/Order.Graft', { tree: 1 }, { 'if-match': '"a"' })
    assert.deepEqual([status, problem.code], [400, 'invalid_header'])
  })
})

describe('an aggregate that must be new', () => {
  test('passes If-None-Match: * once', async () => {
    const create = () => shop.post('/api/commands/Order.Place', { orderId: 'n-1', pence: 1 }, { 'if-none-match': '*' })
    assert.equal((await create()).status, 200)
    const again = await create()
    assert.deepEqual([again.status, again.problem.code], [412, 'version_mismatch'])
  })

  test('may be asked for by its version, 0', async () => {
    const create = () =>
      shop.post('/api/commands/Order.Place', { orderId: 'n-2', pence: 1 }, { 'gesta-expected-version': '0' })
    assert.equal((await create()).status, 200)
    assert.equal((await create()).status, 412)
  })
})
