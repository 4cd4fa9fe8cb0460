import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  brokerSink,
  compositeSink,
  dispatchCommandEvents,
  emitDomain,
  emitIntegration,
  emitPresentation,
  executeCommand,
  executeCommandToBroker,
  executeCommandToOutbox,
  executeCommandToPresentationFanout,
  fanoutSink,
  inProcessSink,
  outboxSink,
  publishEventsToBroker,
  registerCommand,
  registerDomainEvent,
  sendPresentationEventsToFanout,
} from '@gesta/core/registry'
import type { Envelope, Registry, SinkContext } from '@gesta/core/registry'
import { cancel, createKeepingSink, createTestRegistry, Placed, Shipped, Shown } from './orders.ts'

const emitAll = (registry: Registry): void =>
  registerCommand(registry, cancel, (_, recorder) => {
    emitPresentation(recorder, Shown({ text: 'a' }))
    emitDomain(recorder, Placed({ pence: 1 }))
    emitIntegration(recorder, Shipped({ parcel: 'P-1' }))
    emitPresentation(recorder, Shown({ text: 'b' }))
  })
const command = cancel({ orderId: 'A-1' })
const types = (events: readonly Envelope[] | undefined): readonly string[] | undefined =>
  events?.map(({ type }) => type)
const everything = ['Order.Shown', 'Order.Placed', 'Order.Shipped', 'Order.Shown']

describe('a sink', () => {
  test('receives one batch in order, with registry, role, context and signal, and without the recorder', async () => {
    const { registry } = createTestRegistry()
    const { batches, deliveries, sink } = createKeepingSink<SinkContext>()
    registerCommand(registry, cancel, (_, recorder) => emitDomain(recorder, Placed({ pence: 1 })), { roles: ['web'] })
    const context = { tenant: 't1' }
    const { signal } = new AbortController()
    await executeCommand(registry, command, { sink, role: 'web', context, signal })
    assert.deepEqual(batches, [[{ id: 'e1', category: 'domain', type: 'Order.Placed', value: { pence: 1 } }]])
    const [delivery] = deliveries
    assert.deepEqual(
      [delivery?.registry, delivery?.role, delivery?.context, delivery?.signal],
      [registry, 'web', context, signal],
    )
    assert.throws(() => emitDomain(delivery as never, Placed({ pence: 1 })), { code: 'no_event_recorder' })
  })

  test('replaces the subscribers of this process; inProcessSink is what runs them', async () => {
    const { registry } = createTestRegistry()
    let ran = 0
    registerDomainEvent(registry, Placed, () => void ran++)
    emitAll(registry)
    await executeCommand(registry, command, { sink: () => undefined })
    assert.equal(ran, 0)
    await executeCommand(registry, command, { sink: inProcessSink })
    assert.equal(ran, 1)
  })

  test('is not called for an empty batch', async () => {
    const { registry } = createTestRegistry()
    const { batches, sink } = createKeepingSink()
    registerCommand(registry, cancel, () => undefined)
    await executeCommand(registry, command, { sink })
    await dispatchCommandEvents(registry, [], { sink })
    assert.deepEqual(batches, [])
  })

  test('receives a batch that it cannot change for the next one', async () => {
    const { registry } = createTestRegistry()
    emitAll(registry)
    const greedy = (events: readonly Envelope[]): void => void (events as Envelope[]).splice(0)
    await assert.rejects(executeCommand(registry, command, { sink: compositeSink(greedy, () => undefined) }), {
      code: 'subscriber_failed',
    })
  })

  test('is given captured events by dispatchCommandEvents; without one subscribers run', async () => {
    const { registry } = createTestRegistry()
    const { batches, sink } = createKeepingSink()
    const seen: unknown[] = []
    registerDomainEvent(registry, Placed, (data, { event }) => void seen.push(data, event.id))
    const events: readonly Envelope[] = [{ id: 'x', category: 'domain', type: 'Order.Placed', value: { pence: 3 } }]
    await dispatchCommandEvents(registry, events, { sink })
    await dispatchCommandEvents(registry, events)
    assert.deepEqual(batches, [events])
    assert.deepEqual(seen, [{ pence: 3 }, 'x'])
  })
})

describe('sinks to outbox, broker and fanout', () => {
  test('give outbox and broker the whole batch, the fanout only presentation events', async () => {
    const { registry } = createTestRegistry()
    emitAll(registry)
    const kept: { [port: string]: readonly string[] | undefined } = {}
    const keep =
      (port: string) =>
      async (events: readonly Envelope[]): Promise<void> =>
        void (kept[port] = types(events))
    await executeCommandToOutbox(registry, { storeEvents: keep('outbox') }, command)
    await executeCommandToBroker(registry, { publishEvents: keep('broker') }, command)
    await executeCommandToPresentationFanout(registry, { sendPresentationEvents: keep('fanout') }, command)
    assert.deepEqual(kept, { outbox: everything, broker: everything, fanout: ['Order.Shown', 'Order.Shown'] })
  })

  test('do not call the fanout without a presentation event, nor the broker with an empty batch', async () => {
    const never = async (): Promise<void> => assert.fail('called')
    await sendPresentationEventsToFanout({ sendPresentationEvents: never }, [
      { id: '1', category: 'domain', type: 'A.B', value: 1 },
    ])
    await publishEventsToBroker({ publishEvents: never }, [])
  })

  test('hand on the context and signal of the caller', async () => {
    const { registry } = createTestRegistry()
    emitAll(registry)
    const context = { tenant: 't1' }
    const { signal } = new AbortController()
    const seen: unknown[] = []
    const take = async (_: unknown, run: { context: unknown; signal: unknown }): Promise<void> =>
      void seen.push(run.context, run.signal)
    const sink = compositeSink(
      outboxSink({ storeEvents: take }),
      brokerSink({ publishEvents: take }),
      fanoutSink({ sendPresentationEvents: take }),
    )
    await executeCommand(registry, command, { sink, context, signal })
    assert.deepEqual(seen, [context, signal, context, signal, context, signal])
  })

  describe('errors', () => {
    test('nil_handler for a missing destination, before the handler runs', async () => {
      const { registry } = createTestRegistry()
      let ran = false
      registerCommand(registry, cancel, () => void (ran = true))
      const missing = { code: 'nil_handler' }
      for (const destination of [undefined, null, {}] as never[]) {
        await assert.rejects(executeCommandToOutbox(registry, destination, command), missing)
        await assert.rejects(executeCommandToBroker(registry, destination, command), missing)
        await assert.rejects(executeCommandToPresentationFanout(registry, destination, command), missing)
        await assert.rejects(publishEventsToBroker(destination, []), missing)
        await assert.rejects(sendPresentationEventsToFanout(destination, []), missing)
      }
      await assert.rejects(executeCommand(registry, command, { sink: null as never }), missing)
      await assert.rejects(dispatchCommandEvents(registry, [], { sink: {} as never }), missing)
      assert.throws(() => compositeSink({} as never), missing)
      assert.equal(ran, false)
    })

    test('of a sink reach the caller as a cause, and say that the effects stand', async () => {
      const { registry } = createTestRegistry()
      emitAll(registry)
      const failure = new Error('disk full')
      const outbox = { storeEvents: () => Promise.reject(failure) }
      await assert.rejects(executeCommandToOutbox(registry, outbox, command), (error: Error) => {
        assert.match(error.message, /effects stand/)
        assert.equal(error.cause, failure)
        return true
      })
      const throws = (): void => {
        throw failure
      }
      await assert.rejects(executeCommand(registry, command, { sink: throws }), {
        code: 'subscriber_failed',
        cause: failure,
      })
      await assert.rejects(
        dispatchCommandEvents(registry, [{ id: '1', category: 'domain', type: 'A.B', value: 1 }], { sink: throws }),
        (error) => error === failure,
      )
    })
  })
})

describe('a composite sink', () => {
  test('runs its sinks in order, without the absent ones, up to the first error', async () => {
    const { registry } = createTestRegistry()
    emitAll(registry)
    const kind = fc.constantFrom('at once', 'later', 'absent', 'null', 'fails')
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { maxLength: 6 }), async (kinds) => {
        const ran: number[] = []
        const sinks = kinds.map((of, index) => {
          if (of === 'absent') return undefined
          if (of === 'null') return null
          return (): void | Promise<void> => {
            ran.push(index)
            if (of === 'fails') throw new Error(`${index}`)
            return of === 'later' ? Promise.resolve() : undefined
          }
        })
        const failing = kinds.indexOf('fails')
        const run = executeCommand(registry, command, { sink: compositeSink(...sinks) })
        if (failing === -1) await run
        else await assert.rejects(run, (error: Error) => (error.cause as Error).message === `${failing}`)
        const expected = kinds.flatMap((of, index) =>
          of === 'absent' || of === 'null' || (failing !== -1 && index > failing) ? [] : [index],
        )
        assert.deepEqual(ran, expected)
      }),
    )
  })
})
