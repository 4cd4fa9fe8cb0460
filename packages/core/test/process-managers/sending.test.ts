import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  command,
  domain,
  event,
  handle,
  integrationEvent,
  processManager,
  runtimeContracts,
  runtimeDomain,
  subscriber,
  systemContext,
} from '@gesta/core'
import { z } from 'zod'
import { wholeLog } from '../interfering-store.ts'
import { until } from '../pump/notes-domain.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import {
  cancel,
  Cancelled,
  hour,
  Order,
  Paid,
  pay,
  payment,
  place,
  Placed,
  reserve,
  ship,
  shopWith,
} from './order-domain.ts'

const idOf = (_: unknown, { aggregate: { id } }: { readonly aggregate: { readonly id: string } }): string => id
const typesIn = async ({ store }: StartedApp): Promise<readonly string[]> =>
  (await wholeLog(store)).map(({ type }) => type).filter((type) => !type.startsWith('Gesta.'))
const pass = (app: StartedApp, ms: number): Promise<void> => app.clock.advance(ms)

describe('what a process manager sends', () => {
  test('is decided later, when its deadline has passed', async () => {
    await using app = await startApp(shopWith([payment]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    const get = () => app.running.processManagers.get({ processManager: 'Order.Payment', key: 'a' })
    await until(app, async () => (await get()).version === 1)
    await app.running.jobs.change({ action: 'hurry', which: { type: 'Gesta.Deadline' } })
    await until(app, async () => (await typesIn(app)).includes('Order.Cancelled'))
    const { state, isOver } = await get()
    assert.deepEqual([state, isOver], [{ pence: 5, reminded: true }, true])
    const cancelled = (await wholeLog(app.store)).find(({ type }) => type === Cancelled.type)
    assert.deepEqual(JSON.parse(cancelled?.data ?? ''), { reason: 'not paid' })
  })

  test('is sent at the time of the deadline, and not before', async () => {
    const soon = processManager('Order.Soon', () => ({}))
      .on(Placed, idOf, () => ({ deadlinesMs: { unpaid: 3_000 } }))
      .onDeadline('unpaid', (_, orderId) => ({ send: [cancel({ orderId, reason: 'late' })] }))
    await using app = await startApp(shopWith([soon]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await pass(app, 2_900)
    assert.deepEqual(await typesIn(app), ['Order.Placed'])
    await until(app, async () => (await typesIn(app)).length === 2)
    assert.deepEqual(await typesIn(app), ['Order.Placed', 'Order.Cancelled'])
  })

  test('is called off with its deadline, and set anew with it', async () => {
    const seen: string[] = []
    const calling = processManager('Order.Calling', () => ({}))
      .on(Placed, idOf, () => ({ deadlinesMs: { first: 1_000, second: 1_000 } }))
      .on(Paid, idOf, () => ({ deadlinesMs: { first: null, second: 5_000 } }))
      .onDeadline('first', () => {
        seen.push('first')
        return {}
      })
      .onDeadline('second', () => {
        seen.push('second')
        return {}
      })
    await using app = await startApp(shopWith([calling]))
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    await pass(app, 3_000)
    assert.deepEqual(seen, [])
    await until(app, () => seen.length > 0)
    await pass(app, 3_000)
    assert.deepEqual(seen, ['second'])
  })

  test('comes back when it is rejected', async () => {
    const reserving = processManager('Stock.Reserving', () => ({ left: -1 }))
      .on(Placed, idOf, (_, { pence }, { aggregate: { id } }) => ({ send: [reserve({ orderId: id, pieces: pence })] }))
      .onRejected(reserve, (_, { rejection, data }) => ({
        state: { left: rejection.details.left },
        send: [cancel({ orderId: data.orderId, reason: rejection.code })],
      }))
    await using app = await startApp(shopWith([reserving]))
    await app.running.dispatch(place({ orderId: 'a', pence: 2 }))
    await app.running.dispatch(place({ orderId: 'b', pence: 2 }))
    await until(app, async () => (await typesIn(app)).includes('Order.Cancelled'))
    const get = (key: string) => app.running.processManagers.get({ processManager: 'Stock.Reserving', key })
    const states = [(await get('a')).state, (await get('b')).state]
    assert.deepEqual(
      states.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other))),
      [{ left: -1 }, { left: 1 }],
    )
  })

  test('comes back when its job has died, and again when it was requeued in vain', async () => {
    const failures: unknown[] = []
    const shipping = processManager('Order.Shipping', () => ({ failed: 0 }))
      .on(Paid, idOf, (_, __, { aggregate: { id } }) => ({ send: [ship({ orderId: id })] }))
      .onFailed(ship, ({ failed }, told) => {
        failures.push(told)
        return { state: { failed: failed + 1 } }
      })
    const ships = (): never => {
      throw new RangeError('no parcel')
    }
    await using app = await startApp(shopWith([shipping], { ships }))
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    await until(app, () => failures.length === 1, 100)
    assert.deepEqual(failures, [{ data: { orderId: 'a' }, error: 'RangeError', attempts: 2 }])
    await pass(app, 5_000)
    assert.equal(failures.length, 1)
    await app.running.jobs.change({ action: 'requeue', which: { states: ['dead_letter'] } })
    await until(app, () => failures.length === 2, 100)
    const { state } = await app.running.processManagers.get({ processManager: 'Order.Shipping', key: 'a' })
    assert.deepEqual(state, { failed: 2 })
  })

  test('comes back again when its answer fails, more and more seldom', async () => {
    let asked = 0
    let isBroken = true
    const shipping = processManager('Order.Shipping', () => ({ failed: 0 }))
      .on(Paid, idOf, (_, __, { aggregate: { id } }) => ({ send: [ship({ orderId: id })] }))
      .onFailed(ship, ({ failed }) => {
        asked++
        if (isBroken) throw new TypeError('no')
        return { state: { failed: failed + 1 } }
      })
    const ships = (): never => {
      throw new RangeError('no parcel')
    }
    await using app = await startApp(shopWith([shipping], { ships }))
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    await until(app, () => asked === 1, 100)
    for (let second = 0; second < 60; second++) await pass(app, 1_000)
    // A line of the command log for each, which nothing should fill.
    assert.ok(asked > 2 && asked < 10, `${asked}`)
    isBroken = false
    for (let second = 0; second < 60; second++) await pass(app, 1_000)
    const { state } = await app.running.processManagers.get({ processManager: 'Order.Shipping', key: 'a' })
    assert.deepEqual(state, { failed: 1 })
  })

  test('comes back when a command is denied, and is sent on behalf of whoever caused it or of the app', async () => {
    const charge = command('Bank.Charge', { input: z.object({ orderId: z.string() }) })
    const Charged = event('Bank.Charged', z.object({ orderId: z.string() }))
    const bank = (managers: readonly { readonly name: string }[]) => [
      ...shopWith(managers),
      domain('Bank', {
        permissions: 'authorized',
        roles: ['any'],
        handlers: [
          handle(charge, async ({ orderId }, { emit }) => {
            emit(Charged({ orderId }) as never)
          }),
        ],
        aggregates: [],
        subscribers: [subscriber('Bank.Watch').on(Charged, () => undefined)],
      }),
    ]
    const charging = (actor: 'cause' | 'system') =>
      processManager('Bank.Charging', () => ({ failed: '' }), { actor })
        .on(Placed, idOf, (_, __, { aggregate: { id } }) => ({ send: [charge({ orderId: id })] }))
        .onFailed(charge, (_, { error }) => ({ state: { failed: error } }))
    const get = (app: StartedApp) => app.running.processManagers.get({ processManager: 'Bank.Charging', key: 'a' })

    await using byCause = await startApp(bank([charging('cause')]))
    await byCause.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await until(byCause, async () => (await get(byCause)).version === 2, 100)
    assert.deepEqual((await get(byCause)).state, { failed: 'permission_denied of Bank.Charge' })

    await using bySystem = await startApp(bank([charging('system')]))
    await bySystem.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await until(bySystem, async () => {
      const { items } = await bySystem.running.commandLog.list({ commandType: 'Bank.Charge' })
      return items.length === 1 && items[0]?.status !== 'denied'
    })
  })

  test('stays in the tenant, the correlation and the chain of causes of the event', async () => {
    const sending = processManager('Order.Sending', () => ({})).on(Placed, idOf, (_, __, { aggregate: { id } }) => ({
      send: [cancel({ orderId: id, reason: 'x' })],
    }))
    await using app = await startApp(shopWith([sending]))
    const context = { tenant: 't-1', identity: 'ann', account: 'a', session: 's', correlationId: 'co' }
    const { commandId } = await app.running.dispatch(place({ orderId: 'a', pence: 1 }), { context })
    await until(app, async () => (await typesIn(app)).includes('Order.Cancelled'))
    const [, step, cancelled] = await wholeLog(app.store)
    assert.deepEqual([step?.tenant, cancelled?.tenant], ['t-1', 't-1'])
    assert.deepEqual(JSON.parse(step?.context ?? ''), { ...context, causationId: `${commandId}.0` })
    assert.deepEqual(JSON.parse(cancelled?.context ?? ''), { ...context, causationId: `${step?.commandId}.j0` })
  })
})

describe('what comes to a process with parked events', () => {
  test('waits for them, and is taken after they were', async () => {
    let isBroken = true
    const parking = processManager('Order.Parking', () => ({ steps: [] as string[] }), {
      attemptsMax: 1,
      onFailure: 'park',
    })
      .on(Placed, idOf, ({ steps }) => ({ state: { steps: [...steps, 'placed'] }, deadlinesMs: { unpaid: 2_000 } }))
      .on(Paid, idOf, ({ steps }) => {
        if (isBroken) throw new TypeError('no')
        return { state: { steps: [...steps, 'paid'] } }
      })
      .onDeadline('unpaid', ({ steps }) => ({ state: { steps: [...steps, 'unpaid'] } }))
    await using app = await startApp(shopWith([parking]))
    await app.running.dispatch(place({ orderId: 'a', pence: 1 }))
    await app.running.dispatch(pay({ orderId: 'a' }))
    const name = { processManager: 'Order.Parking', key: 'a' }
    const waiting = async () => app.running.jobs.total({ states: ['waiting'] })
    await until(app, async () => (await waiting()) === 1, 100)
    // It comes again, and waits once more.
    await app.running.jobs.change({ action: 'hurry', which: { states: ['waiting'] } })
    await until(app, async () => (await waiting()) === 1, 100)
    isBroken = false
    assert.equal(await app.clock.finish(app.running.processManagers.retry(name)), 0)
    await app.running.jobs.change({ action: 'hurry', which: { states: ['waiting'] } })
    await until(app, async () => (await app.running.jobs.total({ states: ['succeeded'] })) === 1, 100)
    assert.deepEqual((await app.running.processManagers.get(name)).state, { steps: ['placed', 'paid', 'unpaid'] })
  })
})

describe('a process manager', () => {
  test('reacts to integration events that a source delivers', async () => {
    const Delivered = integrationEvent('Carrier.Delivered', z.object({ orderId: z.string() }))
    const arriving = processManager('Order.Arriving', () => ({ arrived: 0 })).on(
      Delivered,
      ({ orderId }) => orderId,
      ({ arrived }) => ({ state: { arrived: arrived + 1 } }),
    )
    const envelope = { id: 'e-1', category: 'integration', type: Delivered.type, value: { orderId: 'a' } } as const
    // The same event twice, as sources may deliver it.
    const batches = [{ events: [envelope] }, { events: [{ ...envelope }] }]
    const source = {
      receiveEventBatch: async ({ signal }: { readonly signal: AbortSignal }) =>
        batches.shift() ??
        new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    }
    await using app = await startApp(shopWith([arriving]), { sources: [source] })
    const get = () => app.running.processManagers.get({ processManager: 'Order.Arriving', key: 'a' })
    await until(app, async () => (await get()).version > 0)
    await pass(app, 1_000)
    assert.deepEqual((await get()).state, { arrived: 1 })
  })

  test('is listed among the event handlers, and what it is made of is not among the contracts', async () => {
    await using app = await startApp([...shopWith([payment]), runtimeDomain()])
    const context = systemContext()
    await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
    await until(app, () => app.running.subscribers()[0]?.lag === 0)
    const ask = async <Result>(asked: Promise<Result>): Promise<Result> => app.clock.finish(asked)
    const { items } = await ask(app.running.query(runtimeContracts.EventHandlerList({ domain: 'Order' }), { context }))
    assert.deepEqual(
      items.map(({ name, kind, state }) => [name, kind, state]),
      [['Order.Payment', 'processManager', 'live']],
    )
    const jobs = await ask(app.running.query(runtimeContracts.JobList({}), { context }))
    const commands = await ask(app.running.query(runtimeContracts.CommandList({}), { context }))
    assert.deepEqual(
      [...jobs.items, ...commands.items].filter(({ name }) => name.startsWith('Gesta.')),
      [],
    )
  })

  test('that is defined wrongly is refused in words', () => {
    const empty = processManager('Order.Empty', () => ({}))
    assert.throws(() => shopWith([empty]), /Order.Empty of the domain Order has no event/)
    assert.throws(() => shopWith([Order]), /lists Order in processManagers, but it is no process manager/)
    assert.throws(() => processManager('no name', () => ({})), /a process manager's name like "Order.Payment"/)
    assert.throws(() => processManager('A', () => ({}), { onFailure: 'go' as never }), /one of stop, park/)
    const one = empty.on(Placed, idOf, () => ({}))
    assert.throws(() => one.on(Placed, idOf, () => ({})), /has .on\(Order.Placed\) twice/)
    assert.throws(() => one.onDeadline('x', 1 as never), /to be given functions/)
  })

  for (const [what, step, said] of [
    ['a promise', () => Promise.resolve({}), /to return a step such as/],
    ['an unknown field', () => ({ sends: [] }), /unknown field "sends". Did you mean "send"/],
    [
      'an unknown deadline',
      () => ({ deadlinesMs: { unpayed: hour } }),
      /sets the deadline "unpayed", .* Did you mean "unpaid"/,
    ],
    ['an event', () => ({ send: [Paid({})] }), /sends Order.Paid, which is no command and no job/],
  ] as const)
    test(`that answers with ${what} fails at the event`, async () => {
      const wrong = processManager('Order.Wrong', () => ({}), { attemptsMax: 1, onFailure: 'park' })
        .on(Placed, idOf, () => step() as never)
        .onDeadline('unpaid', () => ({}))
      await using app = await startApp(shopWith([wrong]))
      await app.running.dispatch(place({ orderId: 'a', pence: 5 }))
      const name = { processManager: 'Order.Wrong', key: 'a' }
      await until(app, async () => (await app.running.processManagers.get(name)).parked.length === 1)
      await assert.rejects(app.clock.finish(app.running.processManagers.retry(name)), said)
    })
})
