// docs/guides/troubleshooting.md, "Metrics of an event handler do not change": why they stand still, where that is seen, what mends it.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  aggregate,
  command,
  createApp,
  domain,
  event,
  memory,
  readModel,
  runtimeDomain,
  subscriber,
  systemContext,
  systemTenant,
} from '@gesta/core'
import type { Running } from '@gesta/core'
import { z } from 'zod'
import { EventHandlerList } from '../../src/runtime-domain/contracts.ts'

const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
const cancel = command('Order.Cancel', { input: z.object({ orderId: z.string() }) })
const Placed = event('Order.Placed', z.object({}))
const Cancelled = event('Order.Cancelled', z.object({}))
const Order = aggregate('Order', () => ({}))
  .on(Placed, (order) => order)
  .on(Cancelled, (order) => order)

async function started(isBroken: () => boolean = () => false) {
  const totals = readModel('Order.Totals', () => ({ orders: 0 }), { attemptsMax: 1 }).on(
    Placed,
    () => 'all',
    (row) => {
      if (isBroken()) throw new TypeError('broken')
      return { orders: row.orders + 1 }
    },
  )
  const mails = subscriber('Order.Mails').on(Placed, async () => {})
  const orders = domain('Order', {
    permissions: 'anonymous',
    aggregates: [Order],
    readModels: [totals],
    subscribers: [mails],
    handlers: [
      Order.decide(place, 'orderId', () => [Placed({})]),
      Order.decide(cancel, 'orderId', () => [Cancelled({})]),
    ],
  })
  return createApp('orders', { domains: [orders, runtimeDomain()] }).start({ store: memory() })
}

/** A row of the list of event handlers, as whoever runs the app sees it. */
async function rowOf(running: Running<string, string>, name = 'Order.Totals') {
  const { items } = await running.query(EventHandlerList({}), { context: systemContext(systemTenant) })
  const row = items.find((each) => each.name === name)
  assert.ok(row !== undefined)
  return row
}

describe('metrics of an event handler that do not change', () => {
  test('there are no events for it: what it is not for is skipped, and what it is for is counted', async () => {
    await using running = await started()
    await running.dispatch(cancel({ orderId: 'A-1' }))
    await running.caughtUp()
    const before = (await rowOf(running)).metrics
    assert.deepEqual([before.applied, before.lagEvents], [0, 0])
    await running.dispatch(place({ orderId: 'A-1' }))
    await running.caughtUp()
    assert.equal((await rowOf(running)).metrics.applied, 1)
  })

  test('somebody paused it: the state says so, and it goes on when it is resumed', async () => {
    await using running = await started()
    const control = running.readModels.control('Order.Totals')
    await running.caughtUp()
    await control.pause()
    await running.dispatch(place({ orderId: 'A-1' }))
    const { state, metrics } = await rowOf(running)
    assert.deepEqual([state, metrics.applied], ['paused', 0])
    await control.resume()
    await running.caughtUp()
    const after = await rowOf(running)
    assert.deepEqual([after.state, after.metrics.applied], ['live', 1])
  })

  test('it failed at an event: state and last error say so, and it goes on when it is mended and started', async () => {
    let isBroken = true
    await using running = await started(() => isBroken)
    await running.dispatch(place({ orderId: 'A-1' }))
    await assert.rejects(running.caughtUp())
    const { state, lastError, metrics } = await rowOf(running)
    assert.deepEqual([state, metrics.applied], ['failed', 0])
    assert.match(lastError ?? '', /TypeError/)
    assert.ok(Number(metrics.failed) > 0)
    isBroken = false
    await running.readModels.control('Order.Totals').start()
    await running.caughtUp()
    const after = await rowOf(running)
    assert.deepEqual([after.state, after.metrics.applied], ['live', 1])
  })

  test('a subscriber is no read model: it tells position and distance, and cannot be restored', async () => {
    await using running = await started()
    await running.dispatch(place({ orderId: 'A-1' }))
    await running.caughtUp()
    const row = await rowOf(running, 'Order.Mails')
    assert.deepEqual([row.kind, row.restorable, row.metrics.applied], ['subscriber', false, undefined])
  })
})
