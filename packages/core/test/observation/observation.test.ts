import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createObservation,
  observation,
  observationForRole,
  observationLabels,
} from '../../src/observation/observation.ts'
import { observationNames } from '../../src/observation/observation-names.ts'

const metadata = { kind: 'query', type: 'Order.Get', result: 'Order.GetResult', handlers: 1, roles: ['web'] } as const
const envelope = { id: '1', category: 'domain', type: 'Order.Placed', value: { pence: 1 }, audience: ['a'] } as const

describe('observations', () => {
  test('have sixteen stable names', () => {
    const operations =
      'register.query register.command register.event register.job execute.query execute.command capture.command execute.job publish.event outbox.store broker.publish presentation.send worker.receive worker.ack worker.nack worker.dedup_skip'
    assert.deepEqual(
      Object.values(observationNames),
      operations.split(' ').map((operation) => `gesta.contract.${operation}`),
    )
  })

  test('label a contract by what its metadata say', () => {
    assert.deepEqual(observationLabels(metadata), {
      kind: 'query',
      contract: 'Order.Get',
      result: 'Order.GetResult',
      roles: ['web'],
      handlers: 1,
    })
    assert.deepEqual(
      observationLabels({ kind: 'event', eventCategory: 'domain', type: 'A.B', handlers: 2, roles: [] }),
      { kind: 'event', eventCategory: 'domain', contract: 'A.B', handlers: 2 },
    )
  })

  test('label an envelope by category and type only, never by its id, value or audience', () => {
    assert.deepEqual(observationLabels(envelope), { kind: 'event', eventCategory: 'domain', contract: 'Order.Placed' })
  })

  test('carry a name, and the role when there is one', () => {
    const name = observationNames.executeQuery
    assert.deepEqual(observation(name, metadata), { name, labels: observationLabels(metadata) })
    assert.deepEqual(observationForRole(name, metadata, 'api'), {
      name,
      labels: { ...observationLabels(metadata), role: 'api' },
    })
    assert.deepEqual(observationForRole(name, envelope, 'worker').labels, {
      ...observationLabels(envelope),
      role: 'worker',
    })
  })

  test('are copies', () => {
    const roles: 'web'[] = ['web']
    const labels = { kind: 'query', contract: 'Order.Get', roles } as const
    const made = [
      createObservation(observationNames.executeQuery, labels),
      observation(observationNames.executeQuery, { ...metadata, roles }),
    ]
    roles.length = 0
    for (const { labels: copied } of made) assert.deepEqual(copied.roles, ['web'])
    assert.deepEqual(createObservation(observationNames.publishEvent, { kind: 'event', contract: 'A.B' }).labels, {
      kind: 'event',
      contract: 'A.B',
    })
  })
})
