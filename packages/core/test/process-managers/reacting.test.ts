import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { later, processManager } from '@gesta/core'
import { startApp } from '../started-app.ts'
import { until } from '../pump/notes-domain.ts'
import { cancel, hour, Paid, payment, place, Placed, pay, shopWith } from './order-domain.ts'

const idOf = (_: unknown, { aggregate: { id } }: { readonly aggregate: { readonly id: string } }): string => id

describe('a process manager', () => {
  test('keeps a state for each key, and stores what it sends in the same commit', async () => {
    await using app = await startApp(shopWith([payment]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await app.running.dispatch(place({ orderId: 'b', pence: 7 }))
    await until(app, async () => (await statusOf(app, 'b')).version === 1)
    const { state, deadlines, isOver } = await statusOf(app, 'a')
    assert.deepEqual(
      { state, deadlines, isOver },
      { state: { pence: 5, reminded: false }, deadlines: ['remind', 'unpaid'], isOver: false },
    )
    const [step] = (await app.store.list({ aggregateType: 'Gesta.Process/Order.Payment', aggregateId: 'b' })).items
    assert.ok(step !== undefined)
    const { jobs } = (await app.store.parts('', step.commandId)) ?? {}
    assert.deepEqual(
      jobs?.map(({ type, data }) => [type, JSON.parse(data)]),
      [
        ['Gesta.Deadline', { manager: 'Order.Payment', key: 'b', name: 'remind', no: 1 }],
        ['Gesta.Deadline', { manager: 'Order.Payment', key: 'b', name: 'unpaid', no: 2 }],
      ],
    )
  })

  test('that has ended passes over what still happens to its key', async () => {
    const ending = processManager('Order.Ending', () => ({ seen: 0 }))
      .on(Placed, idOf, ({ seen }) => ({ state: { seen: seen + 1 }, end: true }))
      .on(Paid, idOf, ({ seen }) => ({ state: { seen: seen + 1 } }))
    await using app = await startApp(shopWith([ending]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    await until(app, () => app.running.subscribers().every(({ position }) => (position ?? 0) >= 3))
    const { state, isOver } = await app.running.processManagers.get({ processManager: 'Order.Ending', key: 'a' })
    assert.deepEqual([state, isOver], [{ seen: 1 }, true])
  })

  test('sends a command in a job of its own, at once or later', async () => {
    const sending = processManager('Order.Sending', () => ({})).on(Placed, idOf, (_, __, { aggregate: { id } }) => ({
      send: [cancel({ orderId: id, reason: 'now' }), later(hour, cancel({ orderId: id, reason: 'later' }))],
    }))
    await using app = await startApp(shopWith([sending]), { role: 'web' })
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    const step = async () => (await app.store.list({ aggregateType: 'Gesta.Process/Order.Sending' })).items[0]
    await until(app, async () => (await step()) !== undefined)
    const { jobs = [] } = (await app.store.parts('', (await step())?.commandId ?? '')) ?? {}
    assert.deepEqual(
      jobs.map(({ type, data, terms }) => [type, JSON.parse(data).data.reason, 'dueAt' in JSON.parse(terms ?? '{}')]),
      [
        ['Gesta.Send', 'now', false],
        ['Gesta.Send', 'later', true],
      ],
    )
  })

  test('is asked once for an event, however often its place is lost', async () => {
    let asked = 0
    const counting = processManager('Order.Counting', () => ({ seen: 0 })).on(Placed, idOf, ({ seen }) => {
      asked++
      return { state: { seen: seen + 1 } }
    })
    await using app = await startApp(shopWith([counting]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    const get = () => app.running.processManagers.get({ processManager: 'Order.Counting', key: 'a' })
    await until(app, async () => (await get()).version === 1)
    // The same event again, as a process would see it that took over before the place was kept.
    await using second = await startApp(shopWith([counting]), { beside: app })
    await second.running.dispatch(place({ orderId: 'a', pence: 6 }))
    await until(app, async () => (await get()).version === 2)
    assert.deepEqual((await get()).state, { seen: 2 })
    assert.equal(asked, 2)
  })

  test('that fails at an event stops there, and tells why', async () => {
    const failing = processManager('Order.Failing', () => ({}), { attemptsMax: 2 }).on(Placed, idOf, () => {
      throw new TypeError('no')
    })
    await using app = await startApp(shopWith([failing]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await until(app, () => app.running.subscribers()[0]?.state === 'failed')
    assert.equal(app.running.subscribers()[0]?.lastError, 'TypeError')
  })

  test('that parks keeps what fails with its key and what follows for it, and goes on for others', async () => {
    let isBroken = true
    const parking = processManager('Order.Parking', () => ({ steps: [] as string[] }), {
      attemptsMax: 2,
      onFailure: 'park',
    })
      .on(Placed, idOf, ({ steps }, { pence }) => {
        if (isBroken && pence === 13) throw new TypeError('no')
        return { state: { steps: [...steps, 'placed'] } }
      })
      .on(Paid, idOf, ({ steps }) => ({ state: { steps: [...steps, 'paid'] } }))
    await using app = await startApp(shopWith([parking]))
    const get = (key: string) => app.running.processManagers.get({ processManager: 'Order.Parking', key })
    for (const [orderId, pence] of [
      ['bad', 13],
      ['good', 1],
    ] as const) {
      await app.running.dispatch(place({ orderId, pence }))
      await app.running.dispatch(pay({ orderId }))
    }
    await until(app, async () => (await get('good')).version === 2)
    assert.deepEqual((await get('good')).state, { steps: ['placed', 'paid'] })
    const items = await app.running.processManagers.parked('Order.Parking')
    assert.deepEqual(
      items.map(({ key, parked }) => [key, parked.map(({ type, error }) => [type, error])]),
      [
        [
          'bad',
          [
            ['Order.Placed', 'TypeError'],
            ['Order.Paid', undefined],
          ],
        ],
      ],
    )
    const name = { processManager: 'Order.Parking', key: 'bad' }
    await assert.rejects(app.clock.finish(app.running.processManagers.retry(name)), TypeError)
    assert.equal((await get('bad')).parked.length, 2)
    isBroken = false
    assert.equal(await app.clock.finish(app.running.processManagers.retry(name)), 0)
    assert.deepEqual((await get('bad')).state, { steps: ['placed', 'paid'] })
    assert.deepEqual(await app.running.processManagers.parked('Order.Parking'), [])
  })

  test('gives up a parked event when it is told to', async () => {
    const parking = processManager('Order.Parking', () => ({ steps: 0 }), { attemptsMax: 1, onFailure: 'park' })
      .on(Placed, idOf, () => {
        throw new TypeError('no')
      })
      .on(Paid, idOf, ({ steps }) => ({ state: { steps: steps + 1 } }))
    await using app = await startApp(shopWith([parking]))
    await app.running.dispatch(place({ orderId: 'a', pence: 13 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    const name = { processManager: 'Order.Parking', key: 'a' }
    await until(app, async () => (await app.running.processManagers.get(name)).parked.length === 2)
    assert.equal(await app.clock.finish(app.running.processManagers.discard(name)), 1)
    assert.equal(await app.clock.finish(app.running.processManagers.retry(name)), 0)
    assert.deepEqual((await app.running.processManagers.get(name)).state, { steps: 1 })
  })

  test('lets nobody send what takes an event to a process', async () => {
    await using app = await startApp(shopWith([payment]))
    const forged = {
      kind: 'command',
      type: 'Gesta.React/Order.Payment',
      data: { key: 'a', cause: 'x', happened: { kind: 'deadline', name: 'unpaid', no: 1 } },
    }
    await assert.rejects(app.running.dispatch(forged as never), { code: 'permission_denied' })
  })
})

function statusOf(app: Awaited<ReturnType<typeof startApp>>, key: string) {
  return app.running.processManagers.get({ processManager: 'Order.Payment', key })
}
