import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TracedCommand } from '@gesta/core'
import { whenCaughtUp } from '../../src/testing/when-caught-up.ts'
import { createTestBroker, takes } from '../delivery/outbox-place.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'
import { followedBy, shapeOf } from './trace-place.ts'
import { place, shopDomains } from './trace-shop.ts'

const startShop = (options?: StartedOptions): Promise<StartedApp> => startApp(shopDomains, options)

/** Until nothing that was placed is left to be done. */
async function settle({ running, clock }: StartedApp): Promise<void> {
  await clock.finish(whenCaughtUp(running, { clock, deadlineMs: 600_000 }))
}

async function placed(app: StartedApp, commandId: string, pieces: number, tenant?: string): Promise<TracedCommand> {
  const context = tenant === undefined ? {} : { tenant }
  await app.running.dispatch(place({ orderId: commandId, pieces }), { commandId, context })
  await settle(app)
  const [root, ...others] = (await app.running.commandLog.trace(commandId, { tenant }))?.commands ?? []
  assert.ok(root !== undefined && others.length === 0)
  return root
}

describe('the trace of a request', () => {
  test('leads from the command to its events, to who has seen them, and to what subscribers sent', async () => {
    await using app = await startShop()
    const { record, events, jobs, messages } = await placed(app, 'A-1', 4)
    assert.deepEqual([record.commandType, record.status], ['Order.Place', 'accepted'])
    assert.deepEqual(
      events.map(({ type, position, aggregateType, aggregateId, version }) => [
        type,
        position,
        aggregateType,
        aggregateId,
        version,
      ]),
      [['Order.Placed', 1, 'Order', 'A-1', 1]],
    )
    assert.deepEqual(events[0]?.readModels, [
      { name: 'Order.Pieces', state: 'live', seen: true, lagEvents: 0 },
      { name: 'Order.Picky', state: 'live', seen: true, lagEvents: 0 },
    ])
    assert.deepEqual(
      jobs.map(({ id, type }) => [id, type]),
      [['A-1.j0', 'Order.Remind']],
    )
    assert.deepEqual(
      messages.map(({ type, key }) => [type, key]),
      [['Order.Announced', 'Order/A-1']],
    )
    const [reserved, ...others] = events[0]?.followed ?? []
    assert.deepEqual([reserved?.record.commandType, reserved?.record.status, others], ['Stock.Reserve', 'accepted', []])
    assert.deepEqual(
      reserved?.events.map(({ type, readModels }) => [type, readModels]),
      [['Stock.Reserved', []]],
    )
  })

  test('shows a command that was refused on the way', async () => {
    await using app = await startShop()
    const root = await placed(app, 'A-1', 11)
    const [reserved] = followedBy(root)
    assert.deepEqual([reserved?.record.status, reserved?.record.error?.code], ['rejected', 'sold_out'])
    assert.deepEqual(reserved?.events, [])
    const refused = await app.running.dispatch(place({ orderId: 'A-2', pieces: 0 }))
    const trace = await app.running.commandLog.trace(refused.commandId)
    assert.deepEqual(shapeOf(trace), [refused.commandId])
    assert.equal(trace?.commands[0]?.record.error?.code, 'empty')
  })

  test('is found by what it led to as well', async () => {
    await using app = await startShop()
    const root = await placed(app, 'A-1', 4)
    const [reserved] = followedBy(root)
    for (const id of [reserved?.record.commandId, reserved?.events[0]?.id, root.messages[0]?.id, 'A-1.j0', 'A-1.0']) {
      assert.deepEqual((await app.running.commandLog.trace(id ?? ''))?.commands, [root])
    }
  })

  test('is of one tenant', async () => {
    await using app = await startShop()
    const acme = await placed(app, 'A-1', 4, 'acme')
    const bolt = await placed(app, 'A-1', 3, 'bolt')
    assert.deepEqual([acme.record.tenant, bolt.record.tenant], ['acme', 'bolt'])
    assert.deepEqual(
      [acme, bolt].map((root) => [root.events[0]?.position, followedBy(root).length]),
      [
        [1, 1],
        [3, 1],
      ],
    )
  })

  test('says that a view does not have an event yet, or has parked it', async () => {
    await using app = await startShop()
    const { control } = app.running.readModels
    await control('Order.Pieces').pause()
    await app.running.dispatch(place({ orderId: 'A-1', pieces: 13 }), { commandId: 'A-1' })
    const seen = async () => {
      const [root] = (await app.running.commandLog.trace('A-1'))?.commands ?? []
      return root?.events[0]?.readModels.map((one) => [one.name, one.state, one.seen, one.lagEvents])
    }
    for (let step = 0; control('Order.Picky').status().parked === 0; step += 1) {
      assert.ok(step < 10_000)
      await app.clock.advance(5)
    }
    const [pieces, picky] = (await seen()) ?? []
    assert.deepEqual(pieces?.slice(0, 3), ['Order.Pieces', 'paused', false])
    assert.ok(Number(pieces?.[3]) >= 1)
    assert.deepEqual(picky?.slice(0, 3), ['Order.Picky', 'live', false])
    await control('Order.Picky').discardParked({ position: 1, reason: 'a test order' })
    await control('Order.Pieces').resume()
    await settle(app)
    assert.deepEqual(
      (await seen())?.map((one) => one.slice(0, 3)),
      [
        ['Order.Pieces', 'live', true],
        ['Order.Picky', 'live', false],
      ],
    )
  })
})

describe('a message in a trace', () => {
  const messageOf = async (app: StartedApp) => (await app.running.commandLog.trace('A-1'))?.commands[0]?.messages[0]
  const until = async (app: StartedApp, state: string): Promise<void> => {
    for (let step = 0; (await messageOf(app))?.state !== state; step += 1) {
      assert.ok(step < 10_000)
      await app.clock.advance(20)
    }
  }
  const send = async (app: StartedApp) =>
    app.running.dispatch(place({ orderId: 'A-1', pieces: 1 }), { commandId: 'A-1' })

  test('waits while nobody sends it', async () => {
    await using app = await startShop()
    await send(app)
    const { state, attempts, lastError } = (await messageOf(app)) ?? {}
    assert.deepEqual([state, attempts, lastError], ['waiting', 0, undefined])
  })

  test('is sent once a broker took it', async () => {
    const broker = createTestBroker()
    await using app = await startShop({ broker })
    await send(app)
    await until(app, 'sent')
    assert.deepEqual(
      broker.batches.flat().map(({ id }) => id),
      [(await messageOf(app))?.id],
    )
  })

  test('waits for another attempt, is dead after the last, and sent when it was requeued', async () => {
    const broker = createTestBroker(() => Promise.reject(new TypeError('hidden')))
    await using app = await startShop({ broker, outbox: { attemptsMax: 2 } })
    await send(app)
    for (let step = 0; (await messageOf(app))?.attempts !== 1; step += 1) {
      assert.ok(step < 10_000)
      await app.clock.advance(1)
    }
    assert.equal((await messageOf(app))?.state, 'waiting')
    await until(app, 'dead')
    const dead = await messageOf(app)
    assert.equal(dead?.attempts, 2)
    assert.match(dead?.lastError ?? '', /TypeError/)
    assert.doesNotMatch(JSON.stringify(dead), /hidden/)
    broker.react = takes
    await app.running.outbox.requeue({ state: 'dead' })
    await until(app, 'sent')
  })
})
