import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, createApp, cron, domain, event, handle, job, processManager } from '@gesta/core'
import { z } from 'zod'
import { postgres } from '../src/index.ts'
import { newSchema, runtime, skip } from './place.ts'

const place = command('Order.Place', { input: z.object({ orderId: z.string() }) })
const cancel = command('Order.Cancel', { input: z.object({ orderId: z.string() }) })
const Placed = event('Order.Placed', z.object({}))
const Cancelled = event('Order.Cancelled', z.object({}))
const tidy = job('Order.Tidy', { input: z.object({ at: z.string() }) })
/** Nobody works on its queue. */
const tidyLater = job('Order.TidyLater', { input: z.object({ at: z.string() }), queue: 'later' })
const Order = aggregate('Order', () => ({}))
  .on(Placed, () => ({}))
  .on(Cancelled, () => ({}))
const payment = processManager('Order.Payment', () => ({}))
  .on(
    Placed,
    (_, { aggregate: { id } }) => id,
    () => ({ deadlinesMs: { unpaid: 200 } }),
  )
  .onDeadline('unpaid', (_, orderId) => ({ send: [cancel({ orderId })], end: true }))

const shop = createApp('shop', {
  domains: [
    domain('Order', {
      permissions: 'anonymous',
      roles: ['any'],
      handlers: [
        Order.decide(place, 'orderId', () => [Placed({})]),
        // Each time that it is decided, and not once for all times: a second command would be seen.
        Order.decide(cancel, 'orderId', () => [Cancelled({})]),
        handle(tidy, async () => undefined),
        handle(tidyLater, async () => undefined),
      ],
      processManagers: [payment],
      crons: [
        cron('Order.Nightly', { schedule: '0 3 1 1 *', job: ({ at }) => tidyLater({ at }) }),
        cron('Order.Seconds', { schedule: '* * * * * *', missed: 'all', job: ({ at }) => tidy({ at }) }),
      ],
    }),
  ],
})

describe('of several processes on one store', { skip }, () => {
  test('a run that somebody asks for is told of the one that has not ended, also where no worker is', async () => {
    const options = await newSchema()
    await using web = await shop.start({ store: postgres(options), role: 'web' })
    await using worker = await shop.start({
      store: postgres(options),
      role: 'worker',
      jobs: { queues: { later: { concurrency: 0 } } },
    })
    const first = await web.crons.runNow('Order.Nightly')
    const second = await worker.crons.runNow('Order.Nightly')
    const third = await web.crons.runNow('Order.Nightly')
    assert.deepEqual(
      [first, second, third].map(({ skippedFor }) => skippedFor),
      [undefined, first.jobId, first.jobId],
    )
    assert.equal((await web.jobs.get(second.jobId))?.state, 'cancelled')
  })

  test('each deadline passes once, and each time of a schedule fires once', async () => {
    const options = await newSchema()
    await using one = await shop.start({ store: postgres(options) })
    await using _ = await shop.start({ store: postgres(options), role: 'worker' })
    await using __ = await shop.start({ store: postgres(options), role: 'cron' })
    const orders = Array.from({ length: 20 }, (_order, at) => `o-${at}`)
    await Promise.all(orders.map((orderId) => one.dispatch(place({ orderId }))))
    await using backend = await postgres(options).open(runtime)
    const found = async () => {
      const log = await backend.events.readAll({ after: 0, limit: 10_000 })
      return {
        cancelled: log.filter(({ type }) => type === Cancelled.type).map(({ aggregateId }) => aggregateId),
        ticks: log
          .filter(({ type }) => type === 'Gesta.CronTicked')
          .map(({ data }) => Date.parse((JSON.parse(data) as { readonly at: string }).at)),
      }
    }
    for (;;) {
      const { cancelled, ticks } = await found()
      if (new Set(cancelled).size === orders.length && ticks.length >= 3) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const { cancelled, ticks } = await found()
    assert.deepEqual(cancelled.toSorted(), orders.toSorted())
    const [first = 0] = ticks
    assert.deepEqual(
      ticks,
      ticks.map((_tick, at) => first + at * 1_000),
    )
  })
})
