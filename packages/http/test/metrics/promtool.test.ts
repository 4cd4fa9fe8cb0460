// What Prometheus's own tool says of the metrics of a real app. It is no dependency: where it is not installed this is skipped.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { operatorAt } from '../admin/operator.ts'
import { serveShop } from '../support/serve-shop.ts'

const skip = spawnSync('promtool', ['--version']).error === undefined ? false : 'promtool is not installed'

describe('the text of /metrics', { skip }, () => {
  test('is read by promtool without a complaint', async () => {
    await using shop = await serveShop({ admin: { port: 0, metrics: true } })
    await shop.post('/api/commands/Order.Place', { orderId: 'a', pence: 1 })
    await shop.get('/orders/a')
    await shop.running.caughtUp().catch(() => undefined)
    const { text } = await operatorAt(shop.server.adminUrl ?? '').get('/metrics')
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    assert.equal(stdout + stderr, '')
    assert.equal(status, 0)
  })
})
