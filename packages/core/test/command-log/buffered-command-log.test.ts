// A logged bus that does not wait for its log: batches, bounds, what is lost and that it is told, and that nothing else is.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { withCommandLog } from '@gesta/core'
import type { BusCommand, LostBecause } from '@gesta/core'
import { isGestaError } from '../../src/errors/gesta-error.ts'
import type { CommandRecord } from '../../src/stores/command-log/command-record.ts'
import { cancel, order, place } from '../registry/orders.ts'
import { away, back, busPlace, contracts, registerOrders } from './bus-place.ts'

const policy = 'buffered'
const never = (): Promise<void> => new Promise(() => undefined)

describe('a logged bus that buffers', () => {
  test('writes intent and outcome of one command as one record, with others, after a while', async () => {
    const { registry, bus, log, runtime, clock, told } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts, runtime, policy, flushAfterMs: 100 })
    await logged.dispatch(place(order), { commandId: 'c1' })
    await clock.advance(60)
    await logged.dispatch(place({ ...order, pence: 20_000 }), { commandId: 'c2' })
    assert.deepEqual([told, logged.status.waiting, clock.timers], [[], 2, 1])
    await clock.advance(40)
    assert.deepEqual(told, [['c1 accepted', 'c2 rejected']])
    assert.deepEqual(logged.status, { recorded: 2, lost: 0, waiting: 0, lastError: undefined })
  })

  test('writes at once when a batch is full, and at a flush', async () => {
    const { registry, bus, log, runtime, told } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts, runtime, policy, batchMax: 2, flushAfterMs: 60_000 })
    await Promise.all(['c1', 'c2', 'c3'].map((commandId) => logged.dispatch(place(order), { commandId })))
    await logged.flush()
    assert.deepEqual(told.flat().filter((one) => one.endsWith('accepted')).length, 3)
    assert.ok(told.every((batch) => batch.length <= 2))
    assert.equal(logged.status.waiting, 0)
  })

  test('records what has begun, and replaces it by the outcome, also when that comes while the intent is written', async () => {
    const { registry, bus, log, runtime, clock, told, onRecord, statusOf } = await busPlace()
    const work = Promise.withResolvers<void>()
    const writing = Promise.withResolvers<void>()
    registerOrders(registry, () => work.promise)
    onRecord(() => writing.promise)
    await using logged = withCommandLog(bus, log, { contracts, runtime, policy })
    const dispatched = logged.dispatch(cancel({ orderId: 'A-1' }), { commandId: 'c1' })
    await clock.advance(100)
    assert.deepEqual(told, [['c1 started']])
    work.resolve()
    await dispatched
    writing.resolve()
    await clock.advance(100)
    assert.deepEqual([told, await statusOf('c1')], [[['c1 started'], ['c1 accepted']], 'accepted'])
    assert.equal(logged.status.recorded, 1)
  })

  test('a log that does not answer delays no command; beyond the bound records are lost, counted and told', async () => {
    const { registry, bus, log, runtime, clock, onRecord } = await busPlace()
    registerOrders(registry)
    onRecord(never)
    const lost: string[] = []
    const onLost = ({ commandId, status }: CommandRecord, because: LostBecause): void =>
      void lost.push(`${commandId} ${status} ${because}`)
    const bounds = { bufferMax: 3, batchMax: 2, drainMs: 1_000 }
    const logged = withCommandLog(bus, log, { contracts, runtime, policy, onLost, ...bounds })
    for (let number = 1; number <= 5; number += 1)
      assert.equal((await logged.dispatch(place(order), { commandId: `c${number}` })).ok, true)
    assert.deepEqual(lost, ['c4 accepted full', 'c5 accepted full'])
    await clock.finish(Promise.resolve(logged[Symbol.asyncDispose]()))
    assert.deepEqual(lost.slice(2), ['c1 accepted closed', 'c2 accepted closed', 'c3 accepted closed'])
    assert.deepEqual([logged.status.recorded, logged.status.lost, logged.status.waiting], [0, 5, 0])
    // Commands run on; that they are not recorded is counted too.
    assert.equal((await logged.dispatch(place(order), { commandId: 'c6' })).ok, true)
    assert.equal(lost.at(-1), 'c6 accepted closed')
  })

  test('large payloads are written a few at a time, and wait up to a size: a log that is away takes no more memory', async () => {
    const { log, runtime, clock, told, onRecord } = await busPlace()
    const bus = { dispatch: async (_command: BusCommand) => ({ ok: true }) }
    const large = { type: 'Order.Cancel', data: { orderId: 'x'.repeat(1_048_000) } }
    onRecord(away)
    await using logged = withCommandLog(bus, log, { contracts, runtime, policy })
    for (let number = 0; number < 70; number += 1) await logged.dispatch(large)
    assert.deepEqual([logged.status.waiting, logged.status.lost], [64, 6])
    onRecord(back)
    await clock.finish(logged.flush())
    assert.ok(told.every((batch) => batch.length <= 5))
    assert.deepEqual([logged.status.recorded, logged.status.waiting], [64, 0])
  })

  test('with whenDown refuse, a full buffer lets no command begin', async () => {
    const { registry, bus, log, runtime, onRecord } = await busPlace()
    registerOrders(registry)
    onRecord(never)
    const options = { contracts, runtime, policy, bufferMax: 1, drainMs: 0, whenDown: 'refuse' } as const
    const logged = withCommandLog(bus, log, options)
    await logged.dispatch(place(order))
    await assert.rejects(logged.dispatch(place(order)), (cause) => isGestaError(cause, 'store_unavailable'))
  })

  test('a log that is away is tried again, and gets everything in order once it is back', async () => {
    const { registry, bus, log, runtime, clock, onRecord, all } = await busPlace()
    registerOrders(registry)
    onRecord(away)
    await using logged = withCommandLog(bus, log, { contracts, runtime, policy, batchMax: 4 })
    const ids = Array.from({ length: 10 }, (_, at) => `c${at}`)
    for (const commandId of ids) await logged.dispatch(place(order), { commandId })
    await clock.advance(20_000)
    assert.deepEqual([logged.status.waiting, logged.status.lastError], [10, 'store_unavailable'])
    onRecord(back)
    await clock.finish(logged.flush())
    assert.deepEqual(
      (await all()).map(({ commandId }) => commandId),
      ids,
    )
    assert.deepEqual(logged.status, { recorded: 10, lost: 0, waiting: 0, lastError: undefined })
  })

  test('a record that the log refuses for good keeps no neighbour out', async () => {
    const { registry, bus, log, runtime, all } = await busPlace()
    registerOrders(registry)
    const lost: string[] = []
    const onLost = ({ commandId }: CommandRecord): void => void lost.push(commandId)
    await using logged = withCommandLog(bus, log, { contracts, runtime, policy, onLost })
    for (const commandId of ['c1', 'c2', 'nul\0', 'c3', 'c4']) await logged.dispatch(place(order), { commandId })
    await logged.flush()
    assert.deepEqual(
      (await all()).map(({ commandId }) => commandId),
      ['c1', 'c2', 'c3', 'c4'],
    )
    assert.deepEqual([lost, logged.status.recorded, logged.status.lastError], [['nul\0'], 4, 'invalid_key'])
  })

  test('a close waits for commands that run, and writes what waits', async () => {
    const { registry, bus, log, runtime, clock, all } = await busPlace()
    const work = Promise.withResolvers<void>()
    registerOrders(registry, () => work.promise)
    const logged = withCommandLog(bus, log, { contracts, runtime, policy, flushAfterMs: 60_000 })
    const dispatched = logged.dispatch(cancel({ orderId: 'A-1' }), { commandId: 'c1' })
    await logged.dispatch(place(order), { commandId: 'c2' })
    const closed = Promise.resolve(logged[Symbol.asyncDispose]())
    await clock.advance(1)
    work.resolve()
    await dispatched
    await closed
    assert.deepEqual(
      (await all()).map(({ commandId, status }) => `${commandId} ${status}`),
      ['c1 accepted', 'c2 accepted'],
    )
  })

  test('a close that is asked for twice is one close, and both end', async () => {
    const { registry, bus, log, runtime, all } = await busPlace()
    const work = Promise.withResolvers<void>()
    registerOrders(registry, () => work.promise)
    const logged = withCommandLog(bus, log, { contracts, runtime, policy })
    const dispatched = logged.dispatch(cancel({ orderId: 'A-1' }))
    const closing = [logged[Symbol.asyncDispose](), logged[Symbol.asyncDispose]()]
    work.resolve()
    await dispatched
    await Promise.all(closing)
    assert.deepEqual([logged.status.recorded, (await all()).length], [1, 1])
  })

  test('every command is in the log with its outcome, or lost and told of, whatever the log does', async () => {
    const doing = fc.oneof(
      { weight: 6, arbitrary: fc.constant('dispatch' as const) },
      fc.constantFrom('wait', 'end', 'fail', 'recover', 'half', 'flush'),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(doing, { maxLength: 60 }),
        fc.record({ bufferMax: fc.integer({ min: 1, max: 12 }), batchMax: fc.integer({ min: 1, max: 5 }) }),
        fc.constantFrom('await' as const, policy),
        async (steps, bounds, chosen) => {
          const { registry, bus, log, keep, runtime, clock, onRecord, all } = await busPlace()
          const working: (() => void)[] = []
          registerOrders(registry, () => new Promise<void>((resolve) => working.push(resolve)))
          const lost: string[] = []
          const onLost = ({ commandId }: CommandRecord): void => void lost.push(commandId)
          const options = { contracts, runtime, onLost, policy: chosen, flushAfterMs: 20, ...bounds }
          const logged = withCommandLog(bus, log, options)
          const dispatched: Promise<unknown>[] = []
          for (const step of steps) {
            if (step === 'dispatch')
              dispatched.push(logged.dispatch(cancel({ orderId: 'A' }), { commandId: `c${dispatched.length}` }))
            else if (step === 'wait') await clock.advance(30)
            else if (step === 'end') working.shift()?.()
            else if (step === 'fail') onRecord(away)
            else if (step === 'recover') onRecord(back)
            else if (step === 'half')
              onRecord(async (records) => {
                onRecord(away)
                await keep(records.slice(0, Math.ceil(records.length / 2)))
                await away(records)
              })
            else void logged.flush()
          }
          onRecord(back)
          await clock.advance(20_000)
          for (const end of working) end()
          await clock.finish(Promise.all(dispatched))
          await clock.finish(Promise.resolve(logged[Symbol.asyncDispose]()))
          const ended = (await all()).filter(({ status }) => status === 'accepted').map(({ commandId }) => commandId)
          assert.deepEqual([...ended, ...lost].toSorted(), dispatched.map((_, at) => `c${at}`).toSorted())
          const { recorded, waiting } = logged.status
          assert.deepEqual([recorded, waiting], [ended.length, 0])
        },
      ),
      { numRuns: 200 },
    )
  })
})
