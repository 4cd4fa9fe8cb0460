import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createRegistry,
  executeJob,
  isContractError,
  publishDomain,
  registerCommand,
  registerDomainEvent,
  registerIntegrationEvent,
  registerJob,
  registerPresentationEvent,
  registerQuery,
} from '@gesta/core/registry'
import { z } from 'zod'
import { event, query } from '../../src/contracts/define.ts'
import { cancel, createTestRegistry, get, place, Placed, remind, Shipped, Shown } from './orders.ts'

const nothing = (): void => undefined

describe('registration', () => {
  test('takes one handler per command, query and job, and any number of subscribers per event', async () => {
    const { registry } = createTestRegistry()
    const ran: string[] = []
    registerCommand(registry, place, () => ({ number: 1 }))
    registerQuery(registry, get, () => ({ status: 'new' }))
    registerJob(registry, remind, () => void ran.push('job'))
    registerDomainEvent(registry, Placed, () => void ran.push('first'))
    registerDomainEvent(registry, Placed, () => void ran.push('second'))
    await executeJob(registry, remind({ orderId: 'A-1' }))
    await publishDomain(registry, Placed({ pence: 1 }))
    assert.deepEqual(ran, ['job', 'first', 'second'])
  })

  test('keeps the same type in two categories apart', async () => {
    const { registry } = createTestRegistry()
    const ran: string[] = []
    registerDomainEvent(registry, event('Order.Shipped', z.object({ pence: z.int() })), () => void ran.push('domain'))
    registerIntegrationEvent(registry, Shipped, () => void ran.push('integration'))
    await publishDomain(registry, { kind: 'event', category: 'domain', type: 'Order.Shipped', data: { pence: 1 } })
    assert.deepEqual(ran, ['domain'])
    assert.equal(registry.contractsForRole('any').length, 2)
  })

  test('does not follow later changes of the list of roles that it was given', () => {
    const { registry } = createTestRegistry()
    const roles: ('web' | 'admin')[] = ['web']
    registerCommand(registry, cancel, nothing, { roles })
    roles.push('admin')
    assert.deepEqual(registry.contractsForRole('admin'), [])
  })

  describe('errors', () => {
    test('refuses a second handler and names the contract', () => {
      const { registry } = createTestRegistry()
      registerJob(registry, remind, nothing)
      assert.throws(() => registerJob(registry, remind, nothing), {
        code: 'duplicate_handler',
        kind: 'duplicate_handler',
        contract: 'Order.Remind',
      })
    })

    test('refuses a command and a query of one name, in either order', () => {
      const same = query('Order.Place', { result: z.object({ status: z.string() }) })
      const first = createTestRegistry().registry
      registerCommand(first, place, () => ({ number: 1 }))
      assert.throws(() => registerQuery(first, same, () => ({ status: '' })), { code: 'duplicate_handler' })
      const second = createTestRegistry().registry
      registerQuery(second, same, () => ({ status: '' }))
      assert.throws(() => registerCommand(second, place, () => ({ number: 1 })), { code: 'duplicate_handler' })
    })

    test('refuses an absent handler and what is no function', () => {
      const { registry } = createTestRegistry()
      for (const handler of [undefined, null, 'text']) {
        assert.throws(() => registerCommand(registry, cancel, handler as never), {
          code: 'nil_handler',
          contract: 'Order.Cancel',
        })
        assert.throws(() => registerPresentationEvent(registry, Shown, handler as never), { code: 'nil_handler' })
      }
      assert.deepEqual(registry.contractsForRole('any'), [])
    })

    test('refuses an absent registry', () => {
      assert.throws(
        () => registerCommand(undefined as never, cancel, nothing),
        (error) => isContractError(error, 'nil_handler'),
      )
      assert.throws(() => registerDomainEvent({} as never, Placed, nothing), { code: 'nil_handler' })
    })

    test('refuses a contract of another kind or category, and what is no contract', () => {
      const { registry } = createTestRegistry()
      assert.throws(() => registerCommand(registry, get as never, nothing), {
        code: 'unsupported_handler',
        contract: 'Order.Get',
      })
      assert.throws(() => registerDomainEvent(registry, Shown as never, nothing), { code: 'unsupported_handler' })
      assert.throws(() => registerIntegrationEvent(registry, Placed as never, nothing), { code: 'unsupported_handler' })
      assert.throws(() => registerQuery(registry, undefined as never, nothing as never), {
        code: 'unsupported_handler',
      })
      assert.throws(
        () => registerCommand(registry, cancel, nothing, { emits: [{ kind: 'event', type: 'A.B' } as never] }),
        { code: 'unsupported_handler' },
      )
    })

    test('refuses a role that does not exist', () => {
      const { registry } = createTestRegistry()
      assert.throws(() => registerCommand(registry, cancel, nothing, { roles: ['root' as never] }), /received "root"/)
    })

    test('refuses an unknown option with the name that was meant', () => {
      const { registry } = createTestRegistry()
      assert.throws(
        () => registerCommand(registry, cancel, nothing, { role: ['web'] } as never),
        /Did you mean "roles"/,
      )
      assert.throws(() => createRegistry({ observer: () => undefined } as never), /Did you mean "observe"/)
    })
  })
})
