import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  brokerSink,
  captureCommandEvents,
  compositeSink,
  createRegistry,
  emitDomain,
  emitPresentation,
  executeCommand,
  executeJob,
  executeQuery,
  fanoutSink,
  inProcessSink,
  observationNames,
  outboxSink,
  publishEventsToBroker,
  registerCommand,
  registerDomainEvent,
  registerJob,
  registerQuery,
  sendPresentationEventsToFanout,
} from '@gesta/core/registry'
import { cancel, createTestRegistry, get, place, Placed, remind, Shown } from './orders.ts'

const done = async (): Promise<void> => undefined
const orderId = 'A-1'

describe('a registry', () => {
  test('emits every name but those of event workers', async () => {
    const { registry, observed } = createTestRegistry()
    registerQuery(registry, get, () => ({ status: '' }))
    registerJob(registry, remind, () => undefined)
    registerDomainEvent(registry, Placed, () => undefined)
    registerCommand(registry, cancel, (_, recorder) => {
      emitDomain(recorder, Placed({ pence: 1 }))
      emitPresentation(recorder, Shown({ text: '' }))
    })
    await executeQuery(registry, get({ orderId }))
    await executeJob(registry, remind({ orderId }))
    await captureCommandEvents(registry, cancel({ orderId }))
    const sink = compositeSink(
      inProcessSink,
      outboxSink({ storeEvents: done }),
      brokerSink({ publishEvents: done }),
      fanoutSink({ sendPresentationEvents: done }),
    )
    await executeCommand(registry, cancel({ orderId }), { sink })
    const expected = Object.values(observationNames).filter((name) => !name.includes('.worker.'))
    assert.deepEqual(new Set(observed.map(({ name }) => name)), new Set(expected))
  })

  test('labels registrations and executions with the contract and the role', async () => {
    const { registry, observed } = createTestRegistry()
    registerCommand(registry, place, () => ({ number: 1 }), { roles: ['web', 'api'] })
    await executeCommand(registry, place({ orderId, pence: 1 }), { role: 'web' })
    const labels = {
      kind: 'command',
      contract: 'Order.Place',
      result: 'Order.PlaceResult',
      roles: ['api', 'web'],
      handlers: 1,
    }
    assert.deepEqual(observed, [
      { name: 'gesta.contract.register.command', labels },
      { name: 'gesta.contract.execute.command', labels: { ...labels, role: 'web' } },
    ])
  })

  test('observes each event of a batch as it is published, stored and sent', async () => {
    const { registry, observed } = createTestRegistry()
    registerCommand(
      registry,
      cancel,
      (_, recorder) => {
        emitDomain(recorder, Placed({ pence: 1 }))
        emitPresentation(recorder, Shown({ text: '' }))
      },
      { roles: ['web'] },
    )
    const sinks = [
      inProcessSink,
      outboxSink({ storeEvents: done }),
      brokerSink({ publishEvents: done }),
      fanoutSink({ sendPresentationEvents: done }),
    ]
    await executeCommand(registry, cancel({ orderId }), { role: 'web', sink: compositeSink(...sinks) })
    const domain = { kind: 'event', eventCategory: 'domain', contract: 'Order.Placed', role: 'web' }
    const presentation = { kind: 'event', eventCategory: 'presentation', contract: 'Order.Shown', role: 'web' }
    assert.deepEqual(observed.slice(2), [
      { name: 'gesta.contract.publish.event', labels: domain },
      { name: 'gesta.contract.publish.event', labels: presentation },
      { name: 'gesta.contract.outbox.store', labels: domain },
      { name: 'gesta.contract.outbox.store', labels: presentation },
      { name: 'gesta.contract.broker.publish', labels: domain },
      { name: 'gesta.contract.broker.publish', labels: presentation },
      { name: 'gesta.contract.presentation.send', labels: presentation },
    ])
  })

  test('observes sending without a command when it is named', async () => {
    const { registry, observed } = createTestRegistry()
    const events = [{ id: '1', category: 'presentation', type: 'Order.Shown', value: { text: '' } }] as const
    await publishEventsToBroker({ publishEvents: done }, events, { registry, role: 'worker' })
    await sendPresentationEventsToFanout({ sendPresentationEvents: done }, events)
    assert.deepEqual(
      observed.map(({ name, labels }) => [name, labels.role]),
      [['gesta.contract.broker.publish', 'worker']],
    )
  })

  test('observes nothing that was refused', async () => {
    const { registry, observed } = createTestRegistry()
    registerCommand(registry, cancel, () => undefined)
    observed.length = 0
    await assert.rejects(executeCommand(registry, cancel({ orderId }), { role: 'web' }))
    await assert.rejects(executeCommand(registry, cancel({ orderId: 1 as never })))
    assert.deepEqual(observed, [])
  })

  test('works on when its observer throws', async () => {
    const registry = createRegistry({
      observe: () => {
        throw new Error('boom')
      },
    })
    registerQuery(registry, get, () => ({ status: 'new' }))
    assert.deepEqual(await executeQuery(registry, get({ orderId })), { status: 'new' })
  })
})
