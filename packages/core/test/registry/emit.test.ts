import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  captureCommandEvents,
  emitDomain,
  emitIntegration,
  emitPresentation,
  executeCommand,
  executeJob,
  executeQuery,
  publishDomain,
  registerCommand,
  registerDomainEvent,
  registerJob,
  registerQuery,
} from '@gesta/core/registry'
import type { Recorder } from '@gesta/core/registry'
import { recordEvent } from '../../src/registry/recorder.ts'
import { cancel, createTestRegistry, get, Placed, remind, Shipped, Shown } from './orders.ts'

const noRecorder = { code: 'no_event_recorder', kind: 'no_event_recorder', contract: 'Order.Placed' }

describe('emit', () => {
  test('records while the handler runs, also after an await', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, async (_, recorder) => {
      await Promise.resolve()
      emitDomain(recorder, Placed({ pence: 1 }))
    })
    assert.equal((await captureCommandEvents(registry, cancel({ orderId: 'A-1' }))).events.length, 1)
  })

  test('keeps the events of commands that run at the same time apart', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, async ({ orderId }, recorder) => {
      emitIntegration(recorder, Shipped({ parcel: `${orderId} a` }))
      await Promise.resolve()
      emitIntegration(recorder, Shipped({ parcel: `${orderId} b` }))
    })
    const both = await Promise.all(['1', '2'].map((orderId) => captureCommandEvents(registry, cancel({ orderId }))))
    assert.deepEqual(
      both.map(({ events }) => events.map(({ value }) => value)),
      [
        [{ parcel: '1 a' }, { parcel: '1 b' }],
        [{ parcel: '2 a' }, { parcel: '2 b' }],
      ],
    )
  })

  test('takes the audience of a presentation event: trimmed, without repetitions, absent when empty', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, (_, recorder) => {
      emitPresentation(recorder, Shown({ text: '1' }), { audience: [' a ', 'b', 'a'] })
      emitPresentation(recorder, Shown({ text: '2' }), { audience: [] })
      emitPresentation(recorder, Shown({ text: '3' }), {
        audience: Array.from({ length: 17 }, (_unused, n) => `${n % 16}`),
      })
      emitPresentation(recorder, Shown({ text: '4' }), { audience: ['x'.repeat(128)] })
    })
    const { events } = await captureCommandEvents(registry, cancel({ orderId: 'A-1' }))
    assert.deepEqual(
      events.map(({ audience }) => audience?.length),
      [2, undefined, 16, 1],
    )
    assert.deepEqual(events[0]?.audience, ['a', 'b'])
  })

  test('works with a recorder that another engine offers', () => {
    const seen: unknown[] = []
    const recorder: Recorder = {
      context: {},
      signal: new AbortController().signal,
      [recordEvent]: (event) => void seen.push(event),
    }
    emitDomain(recorder, Placed({ pence: 1 }))
    assert.deepEqual(seen, [Placed({ pence: 1 })])
  })

  describe('errors', () => {
    test('no_event_recorder after the handler settled, whichever way', async () => {
      const { registry } = createTestRegistry()
      const recorders: Recorder[] = []
      registerCommand(registry, cancel, ({ orderId }, recorder) => {
        recorders.push(recorder)
        if (orderId === 'sync') throw new Error('boom')
        return orderId === 'async' ? Promise.reject(new Error('boom')) : undefined
      })
      await executeCommand(registry, cancel({ orderId: 'A-1' }))
      await assert.rejects(executeCommand(registry, cancel({ orderId: 'sync' })))
      await assert.rejects(executeCommand(registry, cancel({ orderId: 'async' })))
      assert.equal(recorders.length, 3)
      for (const recorder of recorders) assert.throws(() => emitDomain(recorder, Placed({ pence: 1 })), noRecorder)
    })

    test('no_event_recorder in subscribers, queries and jobs', async () => {
      const { registry } = createTestRegistry()
      const emit = (run: unknown): void => emitDomain(run as Recorder, Placed({ pence: 1 }))
      registerDomainEvent(registry, Placed, (_, run) => emit(run))
      registerQuery(registry, get, (_, run) => (emit(run), { status: '' }))
      registerJob(registry, remind, (_, run) => emit(run))
      await assert.rejects(
        publishDomain(registry, Placed({ pence: 1 })),
        (error: Error) => (assert.equal((error.cause as { code?: string }).code, 'no_event_recorder'), true),
      )
      await assert.rejects(executeQuery(registry, get({ orderId: 'A-1' })), noRecorder)
      await assert.rejects(executeJob(registry, remind({ orderId: 'A-1' })), noRecorder)
      assert.throws(() => emit(undefined), noRecorder)
    })

    test('unsupported_handler for an event of another category, and for what is no event', async () => {
      const { registry } = createTestRegistry()
      registerCommand(registry, cancel, (_, recorder) => {
        for (const wrong of [Shipped({ parcel: '' }), Shown({ text: '' }), cancel({ orderId: '' }), undefined]) {
          assert.throws(() => emitDomain(recorder, wrong as never), { code: 'unsupported_handler' })
        }
      })
      assert.deepEqual((await captureCommandEvents(registry, cancel({ orderId: 'A-1' }))).events, [])
    })

    test('invalid_output for an audience that is blank, too long or too large', async () => {
      const { registry } = createTestRegistry()
      registerCommand(registry, cancel, (_, recorder) => {
        const audiences = [['a', ' '], ['é'.repeat(65)], Array.from({ length: 17 }, (_unused, n) => `${n}`)]
        for (const audience of audiences)
          assert.throws(() => emitPresentation(recorder, Shown({ text: '' }), { audience }), { code: 'invalid_output' })
      })
      assert.deepEqual((await captureCommandEvents(registry, cancel({ orderId: 'A-1' }))).events, [])
    })
  })
})
