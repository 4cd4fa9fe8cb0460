// Dead letters of what processes have sent: none is missed, whoever looks and whenever, and what cannot be told is known.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GestaError, processManager } from '@gesta/core'
import { until } from '../pump/notes-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import { pay, place, Paid, Placed, reserve, ship, shopWith } from './order-domain.ts'

const idOf = (_: unknown, { aggregate: { id } }: { readonly aggregate: { readonly id: string } }): string => id
const ships = (): never => {
  throw new RangeError('no parcel')
}
const shipping = (failed: () => void = () => {}) =>
  processManager('Order.Shipping', () => ({ failed: 0 }))
    .on(Paid, idOf, (_, __, { aggregate: { id } }) => ({ send: [ship({ orderId: id })] }))
    .onFailed(ship, (state) => {
      failed()
      return { state: { failed: state.failed + 1 } }
    })
const stateOf = async ({ running }: StartedApp, key: string): Promise<unknown> =>
  (await running.processManagers.get({ processManager: 'Order.Shipping', key })).state

describe('dead letters', () => {
  test('of more than one page come back to their processes, each once, though two processes look', async () => {
    const orders = Array.from({ length: 230 }, (_, at) => `o-${at}`)
    const jobs = { queues: { default: { concurrency: 300 } } }
    await using one = await startApp(shopWith([shipping()], { ships }), { jobs })
    await using two = await startApp(shopWith([shipping()], { ships }), { beside: one, role: 'worker' })
    for (const orderId of orders) {
      await one.running.dispatch(place({ orderId, pence: 1 }))
      await one.running.dispatch(pay({ orderId }))
    }
    await until(one, async () => (await two.running.jobs.total({ states: ['dead_letter'] })) === orders.length, 100)
    for (let second = 0; second < 5; second++) await one.clock.advance(1_000)
    for (const orderId of orders) assert.deepEqual(await stateOf(two, orderId), { failed: 1 }, orderId)
  })

  test('that died where nobody could look any more come back in the next process', async () => {
    let told = 0
    const own = shopWith([shipping(() => told++)], { ships })
    const first = await startApp(own)
    await first.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await first.running.dispatch(pay({ orderId: 'a' }))
    await until(first, async () => (await first.running.jobs.total({ states: ['dead_letter'] })) === 1)
    assert.equal(told, 0)
    await first[Symbol.asyncDispose]()
    await using second = await startApp(own, { beside: first })
    await until(second, () => told === 1)
    assert.deepEqual(await stateOf(second, 'a'), { failed: 1 })
  })

  test('are told soon after the store is back, however long it was away', async () => {
    let isAway = false
    let told = 0
    await using app = await startApp(shopWith([shipping(() => told++)], { ships }), {
      interfere: async (_, next) => {
        if (isAway) throw new GestaError('store_unavailable', 'away')
        return next()
      },
    })
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    await until(app, async () => (await app.running.jobs.total({ states: ['dead_letter'] })) === 1)
    isAway = true
    for (let minute = 0; minute < 20; minute++) await app.clock.advance(60_000)
    isAway = false
    told = 0
    await app.clock.advance(15_000)
    assert.equal(told, 1)
    assert.deepEqual(await stateOf(app, 'a'), { failed: 1 })
  })

  test('that a process cannot take are listed until it has', async () => {
    let isBroken = true
    await using app = await startApp(
      shopWith(
        [
          shipping(() => {
            if (isBroken) throw new TypeError('no')
          }),
        ],
        { ships },
      ),
    )
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    await until(app, () => (app.running.processManagers.untold()[0]?.attempts ?? 0) === 2, 100)
    const [letter] = (await app.running.jobs.list({ states: ['dead_letter'] })).items
    assert.deepEqual(app.running.processManagers.untold(), [
      {
        processManager: 'Order.Shipping',
        tenant: '',
        key: 'a',
        jobId: `${letter?.commandId}.j0`,
        attempts: 2,
        error: 'TypeError',
      },
    ])
    isBroken = false
    await until(app, () => app.running.processManagers.untold().length === 0, 100)
    assert.deepEqual(await stateOf(app, 'a'), { failed: 1 })
  })
})

describe('an answer at which a process fails', () => {
  test('after a rejection becomes a dead letter, which comes back as one', async () => {
    const told: unknown[] = []
    let asked = 0
    const reserving = processManager('Stock.Reserving', () => ({ isOver: false }))
      .on(Placed, idOf, (_, __, { aggregate: { id } }) => ({ send: [reserve({ orderId: id, pieces: 9 })] }))
      .onRejected(reserve, () => {
        asked++
        throw new TypeError('no')
      })
      .onFailed(reserve, (_, { error }) => {
        told.push(error)
        return { state: { isOver: true } }
      })
    await using app = await startApp(shopWith([reserving]))
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await until(app, () => told.length === 1, 60_000)
    assert.deepEqual(told, ['TypeError'])
    const { items } = await app.running.jobs.list({ type: 'Gesta.Send' })
    assert.deepEqual(
      items.map(({ state, attempt }) => [state, attempt]),
      [['dead_letter', asked]],
    )
    // Decided once, however often its answer was tried.
    const { items: decided } = await app.running.commandLog.list({ commandType: 'Stock.Reserve' })
    assert.deepEqual(
      decided.map(({ status }) => status),
      ['rejected'],
    )
  })

  test('after a deadline becomes a dead letter, which passes when it is requeued', async () => {
    let isBroken = true
    const soon = processManager('Order.Soon', () => ({ isLate: false }))
      .on(Placed, idOf, () => ({ deadlinesMs: { unpaid: 1_000 } }))
      .onDeadline('unpaid', () => {
        if (isBroken) throw new TypeError('no')
        return { state: { isLate: true } }
      })
    await using app = await startApp(shopWith([soon]))
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await until(app, async () => (await app.running.jobs.total({ states: ['dead_letter'] })) === 1, 60_000)
    const name = { processManager: 'Order.Soon', key: 'a' }
    assert.deepEqual((await app.running.processManagers.get(name)).deadlines, ['unpaid'])
    isBroken = false
    await app.running.jobs.change({ action: 'requeue', which: { states: ['dead_letter'] } })
    await until(app, async () => (await app.running.processManagers.get(name)).version === 2, 100)
    const { state, deadlines } = await app.running.processManagers.get(name)
    assert.deepEqual([state, deadlines], [{ isLate: true }, []])
  })
})
