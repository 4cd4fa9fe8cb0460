import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  captureCommandEvents,
  emitDomain,
  emitIntegration,
  emitPresentation,
  executeCommand,
  isContractError,
  registerCommand,
  registerDomainEvent,
  registerIntegrationEvent,
  registerPresentationEvent,
} from '@gesta/core/registry'
import { findGestaError } from '../../src/errors/gesta-error.ts'
import { z } from 'zod'
import { command } from '../../src/contracts/define.ts'
import {
  cancel,
  createKeepingSink,
  createTestRegistry,
  get,
  order,
  place,
  Placed,
  remind,
  Shipped,
  Shown,
} from './orders.ts'

describe('a command', () => {
  test('answers with the result, stripped to its schema', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, place, async () => {
      const found = { number: 7, margin: 12 }
      return found
    })
    assert.deepEqual(await executeCommand(registry, place(order)), { ok: true, result: { number: 7 } })
  })

  test('answers nothing when no result is declared', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, (() => ({ secret: 1 })) as () => void)
    assert.deepEqual(await executeCommand(registry, cancel({ orderId: 'A-1' })), { ok: true, result: undefined })
  })

  test('gives the handler the parsed input', async () => {
    const { registry } = createTestRegistry()
    const trim = command('Order.Trim', { input: z.object({ note: z.string().trim().default('none') }) })
    const seen: unknown[] = []
    registerCommand(registry, trim, (input) => void seen.push(input))
    await executeCommand(registry, trim({ note: ' hi ' }))
    await executeCommand(registry, trim({}))
    assert.deepEqual(seen, [{ note: 'hi' }, { note: 'none' }])
  })

  test('gives the handler the context and signal of the caller, and a signal of its own when there is none', async () => {
    const { registry } = createTestRegistry()
    const signals: AbortSignal[] = []
    let seen: unknown
    registerCommand(registry, cancel, (_, { context, signal }) => {
      signals.push(signal)
      seen = context
    })
    const context = { tenant: 't1', traceparent: '00-1' }
    const { signal } = new AbortController()
    await executeCommand(registry, cancel({ orderId: 'A-1' }), { context, signal })
    assert.equal(seen, context)
    await executeCommand(registry, cancel({ orderId: 'A-1' }))
    await executeCommand(registry, cancel({ orderId: 'A-1' }))
    assert.equal(signals[0], signal)
    assert.notEqual(signals[1], signals[2])
  })

  test('delivers its events to the subscribers in the order in which they were emitted, after it succeeded', async () => {
    const { registry } = createTestRegistry()
    const seen: unknown[] = []
    registerDomainEvent(registry, Placed, ({ pence }) => void seen.push(pence))
    registerIntegrationEvent(registry, Shipped, ({ parcel }) => void seen.push(parcel))
    registerPresentationEvent(registry, Shown, ({ text }) => void seen.push(text))
    registerCommand(registry, place, async (input, recorder) => {
      emitPresentation(recorder, Shown({ text: 'hello' }))
      emitDomain(recorder, Placed({ pence: input.pence }))
      await Promise.resolve()
      emitIntegration(recorder, Shipped({ parcel: 'P-1' }))
      seen.push('returns')
      return { number: 1 }
    })
    await executeCommand(registry, place(order))
    assert.deepEqual(seen, ['returns', 'hello', 4200, 'P-1'])
  })

  test('delivers only to the subscribers that its role may run', async () => {
    const { registry } = createTestRegistry()
    const seen: string[] = []
    registerDomainEvent(registry, Placed, () => void seen.push('web'), { roles: ['web'] })
    registerDomainEvent(registry, Placed, () => void seen.push('worker'), { roles: ['worker'] })
    registerDomainEvent(registry, Placed, () => void seen.push('every'))
    registerCommand(registry, cancel, (_, recorder) => emitDomain(recorder, Placed({ pence: 1 })), { roles: ['web'] })
    await executeCommand(registry, cancel({ orderId: 'A-1' }), { role: 'web' })
    assert.deepEqual(seen, ['web', 'every'])
  })

  test('delivers nothing after a rejection, which it answers with details fitting their schema', async () => {
    const { registry } = createTestRegistry()
    const { batches, sink } = createKeepingSink()
    registerCommand(registry, place, (_, recorder) => {
      emitDomain(recorder, Placed({ pence: 1 }))
      return place.reject('over_limit', { limit: 5, internal: true } as { limit: number })
    })
    assert.deepEqual(await executeCommand(registry, place(order), { sink }), {
      ok: false,
      rejection: { rejected: true, code: 'over_limit', reason: 'Too expensive.', details: { limit: 5 } },
    })
    assert.deepEqual(batches, [])
  })

  test('is captured with its events, in order and with ids, and nothing is delivered', async () => {
    const { registry } = createTestRegistry()
    let delivered = 0
    registerDomainEvent(registry, Placed, () => void delivered++)
    registerCommand(registry, place, (input, recorder) => {
      emitDomain(recorder, Placed({ pence: input.pence }))
      emitIntegration(recorder, Shipped({ parcel: 'P-1' }))
      return { number: 1 }
    })
    assert.deepEqual(await captureCommandEvents(registry, place(order), { context: { traceparent: '00-1' } }), {
      ok: true,
      result: { number: 1 },
      events: [
        {
          id: 'e1',
          traceparent: '00-1',
          category: 'domain',
          type: 'Order.Placed',
          schemaVersion: 1,
          value: { pence: 4200 },
        },
        { id: 'e2', traceparent: '00-1', category: 'integration', type: 'Order.Shipped', value: { parcel: 'P-1' } },
      ],
    })
    assert.equal(delivered, 0)
  })

  test('is captured without events after a rejection', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, place, (_, recorder) => {
      emitDomain(recorder, Placed({ pence: 1 }))
      return place.reject('exists')
    })
    const captured = await captureCommandEvents(registry, place(order))
    assert.deepEqual([captured.ok, captured.events], [false, []])
  })

  test('knows the contracts of events without a subscriber when it says what it emits', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, (_, recorder) => emitIntegration(recorder, Shipped({ parcel: 'P-1' })), {
      emits: [Shipped],
    })
    const { events } = await captureCommandEvents(registry, cancel({ orderId: 'A-1' }))
    assert.deepEqual(events, [
      { id: 'e1', category: 'integration', type: 'Order.Shipped', schemaVersion: 1, value: { parcel: 'P-1' } },
    ])
  })

  describe('errors', () => {
    test('come in the order registry, handler, role, payload', async () => {
      const { registry } = createTestRegistry()
      const bad = { orderId: 1, pence: -1 } as never
      await assert.rejects(executeCommand(undefined as never, place(bad), { role: 'web' }), { code: 'nil_handler' })
      await assert.rejects(executeCommand(registry, place(bad), { role: 'web' }), {
        code: 'missing_handler',
        contract: 'Order.Place',
      })
      let ran = false
      registerCommand(registry, place, () => ((ran = true), { number: 1 }), { roles: ['api'] })
      await assert.rejects(executeCommand(registry, place(bad), { role: 'web' }), { code: 'role_not_allowed' })
      await assert.rejects(executeCommand(registry, place(bad), { role: 'api' }), (error) => {
        assert.deepEqual(findGestaError(error, 'invalid_input')?.facts['violations'], [
          { path: 'orderId', reason: 'Invalid input: expected string, received number' },
          { path: 'pence', reason: 'Too small: expected number to be >0' },
        ])
        return true
      })
      assert.equal(ran, false)
    })

    test('name a message of another kind', async () => {
      const { registry } = createTestRegistry()
      for (const message of [get({ orderId: 'A-1' }), remind({ orderId: 'A-1' }), Placed({ pence: 1 }), undefined]) {
        await assert.rejects(executeCommand(registry, message as never), { code: 'unsupported_handler' })
      }
    })

    test('of the handler reach the caller unchanged, and its events are discarded', async () => {
      const { registry } = createTestRegistry()
      const { batches, sink } = createKeepingSink()
      const failure = new Error('boom')
      registerCommand(registry, cancel, (_, recorder) => {
        emitDomain(recorder, Placed({ pence: 1 }))
        throw failure
      })
      registerCommand(registry, place, async (_, recorder) => {
        emitDomain(recorder, Placed({ pence: 1 }))
        await Promise.resolve()
        throw failure
      })
      const same = (error: unknown): boolean => error === failure
      await assert.rejects(executeCommand(registry, cancel({ orderId: 'A-1' }), { sink }), same)
      await assert.rejects(executeCommand(registry, place(order), { sink }), same)
      await assert.rejects(captureCommandEvents(registry, place(order)), same)
      assert.deepEqual(batches, [])
    })

    test('refuse a result, rejection or event that does not fit, and deliver nothing', async () => {
      const { registry } = createTestRegistry()
      const { batches, sink } = createKeepingSink()
      let answer: unknown = { number: 'one' }
      let emitted: unknown = { pence: 1 }
      registerDomainEvent(registry, Placed, () => undefined)
      registerCommand(registry, place, (_, recorder) => {
        emitDomain(recorder, Placed(emitted as never))
        return answer as { number: number }
      })
      const refused = { code: 'invalid_output' }
      await assert.rejects(executeCommand(registry, place(order), { sink }), refused)
      answer = { rejected: true, code: 'constructor', reason: '', details: undefined }
      await assert.rejects(executeCommand(registry, place(order), { sink }), refused)
      answer = place.reject('over_limit', { limit: 'high' as never })
      await assert.rejects(executeCommand(registry, place(order), { sink }), refused)
      answer = { number: 1 }
      emitted = { pence: 'much' }
      await assert.rejects(executeCommand(registry, place(order), { sink }), refused)
      assert.deepEqual(batches, [])
    })

    test('of a subscriber say that the effects stand, and name the events', async () => {
      const { registry } = createTestRegistry()
      const failure = new Error('boom')
      registerDomainEvent(registry, Placed, () => Promise.reject(failure))
      registerCommand(registry, cancel, (_, recorder) => emitDomain(recorder, Placed({ pence: 1 })))
      await assert.rejects(executeCommand(registry, cancel({ orderId: 'A-1' })), (error: Error) => {
        assert.match(error.message, /succeeded and its effects stand/)
        assert.deepEqual(findGestaError(error)?.facts, {
          contract: 'Order.Cancel',
          effectsStand: true,
          eventIds: ['e1'],
        })
        assert.equal((error.cause as Error).cause, failure)
        return isContractError(error.cause, 'subscriber_failed')
      })
    })

    test('do not let an aborted command begin', async () => {
      const { registry } = createTestRegistry()
      let ran = false
      registerCommand(registry, cancel, () => void (ran = true))
      const reason = new Error('gone')
      await assert.rejects(
        executeCommand(registry, cancel({ orderId: 'A-1' }), { signal: AbortSignal.abort(reason) }),
        (error) => error === reason,
      )
      assert.equal(ran, false)
    })
  })
})
