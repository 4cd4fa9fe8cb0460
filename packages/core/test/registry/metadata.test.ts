import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  createRegistry,
  executeCommand,
  executeJob,
  executeQuery,
  isContractError,
  publishDomain,
  registerCommand,
  registerDomainEvent,
  registerIntegrationEvent,
  registerJob,
  registerPresentationEvent,
  registerQuery,
} from '@gesta/core/registry'
import type { AllowedRole, Metadata } from '@gesta/core/registry'
import { z } from 'zod'
import { command, event, integrationEvent, job, presentationEvent, query } from '../../src/contracts/define.ts'
import { cancel, createTestRegistry, get, place, Placed, remind, Shipped } from './orders.ts'

const nothing = (): void => undefined
const roles = ['web', 'api', 'worker', 'cron', 'admin'] as const

describe('metadata', () => {
  test('lists contracts by kind, category and type, with the name of the declared result', () => {
    const { registry } = createTestRegistry()
    registerQuery(registry, get, () => ({ status: '' }), { roles: ['web'] })
    registerJob(registry, remind, nothing)
    registerIntegrationEvent(registry, Shipped, nothing, { roles: ['worker'] })
    registerDomainEvent(registry, Placed, nothing)
    registerCommand(registry, place, () => ({ number: 1 }), { roles: ['web', 'api', 'web'] })
    registerCommand(registry, cancel, nothing, { roles: ['any'] })
    assert.deepEqual(registry.contractsForRole('any'), [
      { kind: 'command', type: 'Order.Cancel', handlers: 1, roles: ['any'] },
      { kind: 'command', type: 'Order.Place', result: 'Order.PlaceResult', handlers: 1, roles: ['api', 'web'] },
      { kind: 'event', eventCategory: 'domain', type: 'Order.Placed', handlers: 1, roles: [] },
      { kind: 'event', eventCategory: 'integration', type: 'Order.Shipped', handlers: 1, roles: ['worker'] },
      { kind: 'job', type: 'Order.Remind', handlers: 1, roles: [] },
      { kind: 'query', type: 'Order.Get', result: 'Order.GetResult', handlers: 1, roles: ['web'] },
    ])
  })

  test('takes an explicit name of the result', () => {
    const { registry } = createTestRegistry()
    registerQuery(registry, query('Order.Count', { result: z.int(), resultName: 'Count' }), () => 1)
    assert.equal(registry.contractsForRole('any')[0]?.result, 'Count')
  })

  test('counts only the subscribers of an event that the role may run', () => {
    const { registry } = createTestRegistry()
    registerDomainEvent(registry, Placed, nothing, { roles: ['worker', 'web'] })
    registerDomainEvent(registry, Placed, nothing, { roles: ['cron', 'worker'] })
    registerDomainEvent(registry, Placed, nothing, { roles: ['cron'] })
    const rows = (role: AllowedRole): unknown =>
      registry.contractsForRole(role).map(({ handlers, roles: of }) => [handlers, of])
    assert.deepEqual(rows('any'), [[3, ['cron', 'web', 'worker']]])
    assert.deepEqual(rows('worker'), [[2, ['cron', 'web', 'worker']]])
    assert.deepEqual(rows('web'), [[1, ['web', 'worker']]])
    assert.deepEqual(rows('admin'), [])
  })

  test('does not list an event that is only declared', () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, nothing, { emits: [Placed] })
    assert.deepEqual(
      registry.contractsForRole('any').map(({ type }) => type),
      ['Order.Cancel'],
    )
  })

  test('gives copies', () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, nothing, { roles: ['web'] })
    const [row] = registry.contractsForRole('web') as unknown as [{ roles: string[]; type: string }]
    row.roles.push('admin')
    row.type = 'Other.Name'
    assert.deepEqual(registry.contractsForRole('any'), [
      { kind: 'command', type: 'Order.Cancel', handlers: 1, roles: ['web'] },
    ])
    assert.deepEqual(registry.contractsForRole('admin'), [])
  })

  test('is the same in whichever order contracts were registered', () => {
    const registrations = [
      ...['Order.Place', 'Order.Cancel', 'A.B', 'a.b', 'Order.Plac'].map(
        (type) => (registry: ReturnType<typeof createRegistry>) =>
          registerCommand(registry, command(type as 'A.B'), nothing),
      ),
      ...['Order.Placed', 'A.C'].map(
        (type) => (registry: ReturnType<typeof createRegistry>) =>
          registerDomainEvent(registry, event(type as 'A.C', z.null()), nothing, { roles: ['worker', 'api'] }),
      ),
      (registry: ReturnType<typeof createRegistry>) =>
        registerDomainEvent(registry, event('A.C', z.null()), nothing, { roles: ['cron'] }),
      (registry: ReturnType<typeof createRegistry>) =>
        registerIntegrationEvent(registry, integrationEvent('A.C', z.null()), nothing),
      (registry: ReturnType<typeof createRegistry>) =>
        registerPresentationEvent(registry, presentationEvent('A.C', z.null()), nothing),
      (registry: ReturnType<typeof createRegistry>) => registerJob(registry, job('A.B'), nothing),
    ]
    const rowsOf = (order: typeof registrations): readonly Metadata[] => {
      const registry = createRegistry()
      for (const register of order) register(registry)
      return registry.contractsForRole('any')
    }
    const expected = rowsOf(registrations)
    const keys = expected.map(({ kind, eventCategory = '', type }) => [kind, eventCategory, type].join(' '))
    assert.deepEqual(
      keys,
      keys.toSorted((a, b) => (a < b ? -1 : 1)),
    )
    fc.assert(
      fc.property(fc.shuffledSubarray(registrations, { minLength: registrations.length }), (order) =>
        assert.deepEqual(rowsOf(order), expected),
      ),
    )
  })
})

describe('the gate', () => {
  const asked = fc.option(fc.constantFrom(...roles), { nil: undefined })
  const named = fc.option(fc.uniqueArray(fc.constantFrom<AllowedRole>(...roles, 'any')), { nil: undefined })

  test('lists exactly what a role can run', async () => {
    await fc.assert(
      fc.asyncProperty(asked, named, async (role, allowed) => {
        const registry = createRegistry()
        let published = 0
        registerCommand(registry, command('A.Command'), nothing, { roles: allowed })
        registerQuery(registry, query('A.Query', { result: z.int() }), () => 1, { roles: allowed })
        registerJob(registry, job('A.Job'), nothing, { roles: allowed })
        registerDomainEvent(registry, event('A.Event', z.null()), () => void published++, { roles: allowed })
        const runs = async (run: Promise<unknown>): Promise<boolean> =>
          run.then(
            () => true,
            (error: unknown) => (assert.ok(isContractError(error, 'role_not_allowed')), false),
          )
        const ran = [
          (await runs(executeCommand(registry, command('A.Command')(), { role }))) && 'A.Command',
          (await publishDomain(registry, event('A.Event', z.null())(null), { role }), published > 0) && 'A.Event',
          (await runs(executeJob(registry, job('A.Job')(), { role }))) && 'A.Job',
          (await runs(executeQuery(registry, query('A.Query', { result: z.int() })(), { role }))) && 'A.Query',
        ].filter((type) => type !== false)
        assert.deepEqual(
          registry.contractsForRole(role ?? 'any').map(({ type }) => type),
          ran,
        )
      }),
    )
  })

  test('fails closed for a command or query without roles, and opens with any', async () => {
    const { registry } = createTestRegistry()
    registerCommand(registry, cancel, nothing)
    registerQuery(registry, get, () => ({ status: 'new' }), { roles: [] })
    registerCommand(registry, place, () => ({ number: 1 }), { roles: ['any'] })
    for (const role of roles) {
      await assert.rejects(executeCommand(registry, cancel({ orderId: 'A-1' }), { role }), {
        code: 'role_not_allowed',
        contract: 'Order.Cancel',
        facts: { contract: 'Order.Cancel', role },
      })
      await assert.rejects(executeQuery(registry, get({ orderId: 'A-1' }), { role }), { code: 'role_not_allowed' })
      assert.deepEqual(await executeCommand(registry, place({ orderId: 'A-1', pence: 1 }), { role }), {
        ok: true,
        result: { number: 1 },
      })
    }
    assert.deepEqual(await executeCommand(registry, cancel({ orderId: 'A-1' })), { ok: true, result: undefined })
  })

  test('runs subscribers and jobs without roles for every role', async () => {
    const { registry } = createTestRegistry()
    let ran = 0
    registerDomainEvent(registry, Placed, () => void ran++)
    registerJob(registry, remind, () => void ran++)
    for (const role of roles) {
      await publishDomain(registry, Placed({ pence: 1 }), { role })
      await executeJob(registry, remind({ orderId: 'A-1' }), { role })
    }
    assert.equal(ran, roles.length * 2)
  })

  test('admits no text that is no role, also where every role may run', async () => {
    const { registry } = createTestRegistry()
    registerJob(registry, remind, nothing)
    registerCommand(registry, cancel, nothing, { roles: ['any'] })
    for (const role of ['', 'root', '__proto__']) {
      await assert.rejects(executeJob(registry, remind({ orderId: 'A-1' }), { role: role as never }), {
        code: 'role_not_allowed',
      })
      await assert.rejects(executeCommand(registry, cancel({ orderId: 'A-1' }), { role: role as never }), {
        code: 'role_not_allowed',
      })
    }
  })
})
