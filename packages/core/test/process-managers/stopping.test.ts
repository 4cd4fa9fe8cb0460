// An app that stops while its processes and crons are in trouble: nothing of them keeps it, or its process, alive.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cron, domain, GestaError, processManager } from '@gesta/core'
import { until } from '../pump/notes-domain.ts'
import { startApp } from '../started-app.ts'
import { pay, place, Paid, Placed, ship, shopWith } from './order-domain.ts'

const idOf = (_: unknown, { aggregate: { id } }: { readonly aggregate: { readonly id: string } }): string => id
const failing = (): never => {
  throw new TypeError('no')
}

for (const isAway of [false, true])
  test(`leaves no timer behind when all it does fails${isAway ? ' and the store is away' : ''}`, async () => {
    let away = false
    const stuck = processManager('Order.Stuck', () => ({}), { attemptsMax: Number.POSITIVE_INFINITY }).on(
      Placed,
      idOf,
      failing,
    )
    const shipping = processManager('Order.Shipping', () => ({}))
      .on(Paid, idOf, (_, __, { aggregate: { id } }) => ({
        send: [ship({ orderId: id })],
        deadlinesMs: { unpaid: 100 },
      }))
      .onDeadline('unpaid', failing)
      .onFailed(ship, failing)
    const nightly = cron('Order.Often', { schedule: '* * * * * *', job: failing })
    const own = [
      ...shopWith([stuck, shipping], { ships: failing }),
      domain('Cron', { permissions: 'anonymous', handlers: [], crons: [nightly] }),
    ]
    const app = await startApp(own, {
      interfere: async (_, next) => {
        if (away) throw new GestaError('store_unavailable', 'away')
        return next()
      },
    })
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    await until(app, () => app.running.processManagers.untold().length === 1, 100)
    await until(app, () => app.running.subscribers()[0]?.state === 'retrying', 100)
    assert.equal((await app.running.crons.list())[0]?.lastError, 'TypeError')
    away = isAway
    await app.clock.advance(30_000)
    assert.ok(app.clock.timers > 0)
    await app[Symbol.asyncDispose]()
    assert.equal(app.clock.timers, 0)
  })
