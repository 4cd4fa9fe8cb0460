import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeApp } from './support/fake-host.ts'
import { serveRunning, serveShop } from './support/serve-shop.ts'

describe('health', () => {
  test('/healthz answers while the process lives', async () => {
    await using server = await serveRunning(
      fakeApp({ state: 'stopping', unready: () => assert.fail('it asks the app nothing') }),
    )
    assert.deepEqual(
      [(await server.get('/healthz')).status, (await server.get('/healthz')).text],
      [200, '{"status":"ok"}'],
    )
  })

  test('/ready answers while the app takes requests', async () => {
    await using shop = await serveShop()
    assert.deepEqual([(await shop.get('/ready')).status, (await shop.get('/ready')).text], [200, '{"status":"ready"}'])
  })

  test('/ready is 503 when the app stops', async () => {
    await using server = await serveRunning(fakeApp({ state: 'stopping' }))
    const { status, problem } = await server.get('/ready')
    assert.deepEqual([status, problem.code], [503, 'not_ready'])
  })

  test('/ready is 503 when a read model failed, and names it without its reason', async () => {
    const unready = () => [{ readModel: 'Order.Brittle', state: 'failed', reason: 'a secret of the read model' }]
    await using server = await serveRunning(fakeApp({ unready }))
    const { status, problem, text } = await server.get('/ready')
    assert.equal(status, 503)
    assert.deepEqual(problem.readModels, [{ readModel: 'Order.Brittle', state: 'failed' }])
    assert.doesNotMatch(text, /secret/)
  })

  test('/ready is 503 for a read model that really failed', async () => {
    await using shop = await serveShop()
    await shop.post('/api/commands/Order.Place', { orderId: 'a', pence: 1, note: 'break the read model' })
    await assert.rejects(shop.running.caughtUp())
    const { status, problem } = await shop.get('/ready')
    assert.deepEqual([status, problem.readModels?.[0]?.readModel], [503, 'Order.Brittle'])
  })
})
