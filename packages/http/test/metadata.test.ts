import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemContext } from '@gesta/core'
import { serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

/** What the command log notes of an order that is placed with these headers. */
async function noted(shop: ServedShop, headers: Record<string, string>): Promise<object | undefined> {
  const { body } = await shop.post('/api/commands/Order.Place', { orderId: crypto.randomUUID(), pence: 1 }, headers)
  const { commandId } = body as { readonly commandId: string }
  return (await shop.running.commandLog.get('', commandId))?.metadata
}

describe('the command log notes of a request', () => {
  test('the address that it came from, the program and the id that it came with', async () => {
    await using shop = await serveShop()
    const headers = { 'user-agent': 'till/7', 'x-request-id': 'r-1', 'x-forwarded-for': '10.1.2.3' }
    assert.deepEqual(await noted(shop, headers), { address: '127.0.0.1', userAgent: 'till/7', requestId: 'r-1' })
  })

  test('the address that a trusted proxy names', async () => {
    await using shop = await serveShop({ trustProxy: true })
    const headers = { 'user-agent': 'till/7', 'x-forwarded-for': '10.1.2.3' }
    assert.deepEqual(await noted(shop, headers), { address: '10.1.2.3', userAgent: 'till/7' })
  })

  test('no more than 256 characters of each', async () => {
    await using shop = await serveShop()
    const headers = { 'user-agent': 'u'.repeat(1_000), 'x-request-id': 'r'.repeat(1_000) }
    assert.deepEqual(await noted(shop, headers), {
      address: '127.0.0.1',
      userAgent: 'u'.repeat(256),
      requestId: 'r'.repeat(256),
    })
  })

  test('nothing that handlers or events could tell', async () => {
    await using shop = await serveShop()
    await noted(shop, { 'user-agent': 'till/7', 'x-request-id': 'r-1' })
    const { items } = await shop.running.commandLog.list({})
    assert.deepEqual(
      items.map(({ context }) => context),
      ['{}'],
    )
  })
})

describe('the audit log notes of a query', () => {
  test('the same, when it was denied', async () => {
    await using shop = await serveShop({ authenticate: () => ({ account: 'ann' }) })
    await shop.get('/api/queries/Order.Secret', { 'user-agent': 'till/7', 'x-request-id': 'r-1' })
    const { items } = await shop.running.audit.list(systemContext(), { action: 'Order.Secret', outcome: 'denied' })
    const { address, userAgent, requestId } = JSON.parse(items[0]?.data ?? '{}') as Record<string, unknown>
    assert.deepEqual([address, userAgent, requestId], ['127.0.0.1', 'till/7', 'r-1'])
  })
})
