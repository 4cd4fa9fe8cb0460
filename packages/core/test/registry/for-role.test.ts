import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  captureCommandEventsForRole,
  emitDomain,
  emitPresentation,
  executeCommandForRole,
  executeCommandToBrokerForRole,
  executeCommandToOutboxForRole,
  executeCommandToPresentationFanoutForRole,
  executeJobForRole,
  executeQueryForRole,
  publishDomainForRole,
  publishEnvelopeForRole,
  publishEnvelopesForRole,
  publishIntegrationForRole,
  publishPresentationForRole,
  registerCommand,
  registerDomainEvent,
  registerIntegrationEvent,
  registerJob,
  registerPresentationEvent,
  registerQuery,
} from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import { cancel, createTestRegistry, get, Placed, remind, Shipped, Shown } from './orders.ts'

const roles = ['web'] as const
const orderId = 'A-1'

function everything(): {
  readonly registry: ReturnType<typeof createTestRegistry>['registry']
  readonly ran: unknown[]
} {
  const { registry } = createTestRegistry()
  const ran: unknown[] = []
  registerCommand(
    registry,
    cancel,
    (_, recorder) => {
      emitDomain(recorder, Placed({ pence: 1 }))
      emitPresentation(recorder, Shown({ text: 'a' }))
    },
    { roles },
  )
  registerQuery(registry, get, () => ({ status: 'new' }), { roles })
  registerJob(registry, remind, () => void ran.push('job'), { roles })
  registerDomainEvent(registry, Placed, () => void ran.push('domain'), { roles })
  registerDomainEvent(registry, Placed, () => void ran.push('domain for workers'), { roles: ['worker'] })
  registerIntegrationEvent(registry, Shipped, () => void ran.push('integration'), { roles })
  registerPresentationEvent(registry, Shown, () => void ran.push('presentation'), { roles })
  return { registry, ran }
}

describe('for a role', () => {
  test('commands run, and their events reach the subscribers of that role', async () => {
    const { registry, ran } = everything()
    assert.deepEqual(await executeCommandForRole(registry, 'web', cancel({ orderId })), { ok: true, result: undefined })
    assert.deepEqual(ran, ['domain', 'presentation'])
  })

  test('commands are captured, and sent to outbox, broker and fanout', async () => {
    const { registry, ran } = everything()
    const sent: number[] = []
    const take = async (events: readonly Envelope[]): Promise<void> => void sent.push(events.length)
    assert.equal((await captureCommandEventsForRole(registry, 'web', cancel({ orderId }))).events.length, 2)
    await executeCommandToOutboxForRole(registry, { storeEvents: take }, 'web', cancel({ orderId }))
    await executeCommandToBrokerForRole(registry, { publishEvents: take }, 'web', cancel({ orderId }))
    await executeCommandToPresentationFanoutForRole(
      registry,
      { sendPresentationEvents: take },
      'web',
      cancel({ orderId }),
    )
    assert.deepEqual(sent, [2, 2, 1])
    assert.deepEqual(ran, [])
  })

  test('queries and jobs run', async () => {
    const { registry, ran } = everything()
    assert.deepEqual(await executeQueryForRole(registry, 'web', get({ orderId })), { status: 'new' })
    await executeJobForRole(registry, 'web', remind({ orderId }))
    assert.deepEqual(ran, ['job'])
  })

  test('events reach the subscribers of that role', async () => {
    const { registry, ran } = everything()
    const envelope = { category: 'domain', type: 'Order.Placed', value: { pence: 1 } } as const
    await publishDomainForRole(registry, 'worker', Placed({ pence: 1 }))
    await publishIntegrationForRole(registry, 'web', Shipped({ parcel: '' }))
    await publishPresentationForRole(registry, 'web', Shown({ text: '' }), { audience: ['a'] })
    await publishEnvelopeForRole(registry, 'web', envelope)
    await publishEnvelopesForRole(registry, 'worker', [envelope, envelope])
    await publishIntegrationForRole(registry, 'admin', Shipped({ parcel: '' }))
    assert.deepEqual(ran, [
      'domain for workers',
      'integration',
      'presentation',
      'domain',
      'domain for workers',
      'domain for workers',
    ])
  })

  describe('errors', () => {
    test('role_not_allowed for another role, and for one that is missing', async () => {
      const { registry, ran } = everything()
      const never = async (): Promise<void> => assert.fail('called')
      const refused = { code: 'role_not_allowed' }
      for (const role of ['api', undefined] as 'api'[]) {
        await assert.rejects(executeCommandForRole(registry, role, cancel({ orderId })), refused)
        await assert.rejects(captureCommandEventsForRole(registry, role, cancel({ orderId })), refused)
        await assert.rejects(
          executeCommandToOutboxForRole(registry, { storeEvents: never }, role, cancel({ orderId })),
          refused,
        )
        await assert.rejects(
          executeCommandToBrokerForRole(registry, { publishEvents: never }, role, cancel({ orderId })),
          refused,
        )
        await assert.rejects(
          executeCommandToPresentationFanoutForRole(
            registry,
            { sendPresentationEvents: never },
            role,
            cancel({ orderId }),
          ),
          refused,
        )
        await assert.rejects(executeQueryForRole(registry, role, get({ orderId })), refused)
        await assert.rejects(executeJobForRole(registry, role, remind({ orderId })), refused)
        await publishDomainForRole(registry, role, Placed({ pence: 1 }))
      }
      assert.deepEqual(ran, [])
    })
  })
})
