import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReadModelStatus } from '@gesta/core/host'
import { operatorOf } from './operator.ts'
import type { AdminAnswer, Operator } from './operator.ts'
import { gate, placeMany, refused, revenueOf, steeredShop } from './steered-shop.ts'
import type { SteeredShop } from './steered-shop.ts'

const model = '/admin/read-models/Order.RevenueByDay'
const parked = '/admin/read-models/Order.Picky/parked'
const day = '2026-01-05'

interface Steered extends AsyncDisposable {
  readonly running: SteeredShop
  readonly operator: Operator
}

/** The shop with orders of these sums, all of them in its read models. */
async function steered(...pence: readonly number[]): Promise<Steered> {
  await using opening = new AsyncDisposableStack()
  const running = opening.use(await steeredShop.start())
  await placeMany(running, 'first', day, pence)
  await running.caughtUp()
  const operator = opening.use(await operatorOf(running))
  const opened = opening.move()
  return { running, operator, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

function statusIn({ status, body, text }: AdminAnswer, expected = 200): ReadModelStatus {
  assert.equal(status, expected, text)
  return body as unknown as ReadModelStatus
}

/** Holds up what is built from the start of the log, until it is told. */
function closeGate(): () => void {
  const opened = Promise.withResolvers<void>()
  gate.opened = opened.promise
  return opened.resolve
}

describe('an operator', () => {
  test('sees every read model, and how it is', async () => {
    await using shop = await steered(100, 250)
    const { body } = await shop.operator.get('/admin/read-models')
    const items = body['items'] as readonly ReadModelStatus[]
    assert.deepEqual(
      items.map(({ name, state, parked: waiting }) => [name, state, waiting]),
      [
        ['Order.RevenueByDay', 'live', 0],
        ['Order.Picky', 'live', 0],
      ],
    )
    const { metrics } = statusIn(await shop.operator.get(model))
    assert.deepEqual([metrics.applied, metrics.lastPosition, metrics.lagEvents], [2, 2, 0])
  })

  test('is told which read model was meant', async () => {
    await using shop = await steered()
    const { status, problem } = await shop.operator.get('/admin/read-models/Order.RevenueByDya')
    assert.deepEqual([status, problem.code], [404, 'read_model_unknown'])
    assert.match(problem.detail ?? '', /Order\.RevenueByDay/)
  })

  for (const [holds, state, goesOn] of [
    ['stop', 'stopped', 'start'],
    ['pause', 'paused', 'resume'],
  ] as const)
    test(`holds a read model with ${holds}, and lets it go on with ${goesOn}`, async () => {
      await using shop = await steered(100)
      assert.equal(statusIn(await shop.operator.post(model, { action: holds })).state, state)
      await placeMany(shop.running, 'second', day, [250])
      assert.deepEqual(await shop.running.query(revenueOf({ day })), { orders: 1, pence: 100 })
      assert.equal(statusIn(await shop.operator.get(model)).state, state)
      statusIn(await shop.operator.post(model, { action: goesOn }))
      await shop.running.caughtUp()
      assert.deepEqual(await shop.running.query(revenueOf({ day })), { orders: 2, pence: 350 })
      assert.equal(statusIn(await shop.operator.get(model)).state, 'live')
    })

  test('restarts a read model, which takes nothing twice', async () => {
    await using shop = await steered(100, 250)
    statusIn(await shop.operator.post(model, { action: 'restart' }))
    await shop.running.caughtUp()
    assert.deepEqual(await shop.running.query(revenueOf({ day })), { orders: 2, pence: 350 })
  })

  test('builds a new generation beside the one that queries read, and gives it up again', async () => {
    await using shop = await steered(100)
    const before = statusIn(await shop.operator.get(model)).generation ?? 0
    const open = closeGate()
    const building = statusIn(await shop.operator.post(model, { action: 'restore', restoreFromZero: true }), 202)
    assert.equal(building.generation, before)
    assert.ok(building.restore !== undefined && building.restore.generation > before)
    assert.deepEqual(await shop.running.query(revenueOf({ day })), { orders: 1, pence: 100 })
    const { generation, restore } = statusIn(await shop.operator.post(model, { action: 'cancel' }))
    assert.deepEqual([generation, restore], [before, undefined])
    open()
  })

  test('restores from zero while commands come in, and the verification finds no difference', async () => {
    await using shop = await steered(...Array.from({ length: 200 }, (_, index) => index))
    const before = statusIn(await shop.operator.get(model)).generation ?? 0
    const open = closeGate()
    const restored = shop.operator.post(model, { action: 'restore', restoreFromZero: true, wait: true })
    const written = Promise.all(
      ['b', 'c', 'd', 'e'].map((name) => placeMany(shop.running, name, `${day}-${name}`, Array<number>(50).fill(7))),
    )
    open()
    const { generation = 0 } = statusIn(await restored)
    assert.ok(generation > before)
    await written
    await shop.running.caughtUp()
    const { status, body } = await shop.operator.post(`${model}/verify`, {})
    assert.equal(status, 200)
    const { differences, listed, rows, position } = body
    assert.deepEqual({ differences, listed, rows, position }, { differences: 0, listed: [], rows: 5, position: 400 })
    assert.equal(body['generation'], generation)
    assert.deepEqual(await shop.running.query(revenueOf({ day })), { orders: 200, pence: 19_900 })
  })

  test('waits no longer for a restore than was asked, and it goes on', async () => {
    await using shop = await steered(100)
    const before = statusIn(await shop.operator.get(model)).generation ?? 0
    const open = closeGate()
    const body = { action: 'restore', restoreFromZero: true, wait: true, deadlineMs: 5 }
    assert.equal((await shop.operator.post(model, body)).status, 504)
    open()
    await until(async () => (statusIn(await shop.operator.get(model)).generation ?? 0) > before)
  })
})

describe('parked events', () => {
  test('are listed, and tried again once the cause is mended', async () => {
    refused.add(13)
    await using shop = await steered(100, 13, 250)
    const { body, text } = await shop.operator.get(parked)
    const items = body['items'] as readonly {
      readonly position: number
      readonly key: string
      readonly tenant: string
    }[]
    assert.deepEqual(
      items.map(({ position, key }) => [position, key]),
      [
        [2, day],
        [3, day],
      ],
    )
    assert.doesNotMatch(text, /secret/)
    assert.equal(((await shop.operator.get(`${parked}?after=2&limit=1`)).body['items'] as unknown[]).length, 1)
    assert.deepEqual((await shop.operator.get(`${parked}?key=another`)).body, { items: [] })
    refused.delete(13)
    const retried = await shop.operator.post(parked, { action: 'retry', tenant: items[0]?.tenant, key: day })
    assert.deepEqual([retried.status, retried.body], [200, { events: 2 }])
    await shop.running.caughtUp()
    await until(async () => (await shop.operator.get(parked)).text === '{"items":[]}')
  })

  test('are passed over for good with a reason, which is kept', async () => {
    refused.add(13)
    await using shop = await steered(100, 13)
    const discard = { action: 'discard', position: 2, reason: 'a test order' }
    assert.deepEqual((await shop.operator.post(parked, discard)).body, { events: 1 })
    await until(async () => (await shop.operator.get(parked)).text === '{"items":[]}')
    const { body } = await shop.operator.get(`${parked}?discarded=true`)
    const items = body['items'] as readonly { readonly position: number; readonly reason: string }[]
    assert.deepEqual(
      items.map(({ position, reason }) => [position, reason]),
      [[2, 'a test order']],
    )
    assert.deepEqual((await shop.operator.post(parked, discard)).body, { events: 0 })
    refused.delete(13)
  })
})

/** Until what was told to the owner is done. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}
