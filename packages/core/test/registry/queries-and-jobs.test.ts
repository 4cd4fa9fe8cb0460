import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { executeJob, executeQuery, registerJob, registerQuery } from '@gesta/core/registry'
import { createTestRegistry, get, place, remind } from './orders.ts'

const orderId = 'A-1'

describe('a query', () => {
  test('answers with the result, stripped to its schema, and sees who asks', async () => {
    const { registry } = createTestRegistry()
    const context = { identity: 'i1' }
    registerQuery(registry, get, async (input, run) => ({
      status: `${input.orderId} for ${run.context.identity}`,
      cost: 1,
    }))
    assert.deepEqual(await executeQuery(registry, get({ orderId }), { context }), { status: 'A-1 for i1' })
  })

  describe('errors', () => {
    test('come in the order registry, handler, role, payload', async () => {
      const { registry } = createTestRegistry()
      const bad = get({ orderId: 1 as never })
      await assert.rejects(executeQuery({} as never, bad), { code: 'nil_handler' })
      await assert.rejects(executeQuery(registry, bad, { role: 'web' }), { code: 'missing_handler' })
      registerQuery(registry, get, () => ({ status: 'new' }), { roles: ['api'] })
      await assert.rejects(executeQuery(registry, bad, { role: 'web' }), { code: 'role_not_allowed' })
      await assert.rejects(executeQuery(registry, bad, { role: 'api' }), { code: 'invalid_input' })
    })

    test('name a message of another kind, a result that does not fit, an aborted signal', async () => {
      const { registry } = createTestRegistry()
      registerQuery(registry, get, () => ({ status: 1 as never }))
      await assert.rejects(executeQuery(registry, place({ orderId, pence: 1 }) as never), {
        code: 'unsupported_handler',
      })
      await assert.rejects(executeQuery(registry, get({ orderId })), { code: 'invalid_output' })
      await assert.rejects(executeQuery(registry, get({ orderId }), { signal: AbortSignal.abort() }), {
        name: 'AbortError',
      })
    })

    test('of the handler reach the caller unchanged', async () => {
      const { registry } = createTestRegistry()
      const failure = new Error('boom')
      registerQuery(registry, get, () => {
        throw failure
      })
      await assert.rejects(executeQuery(registry, get({ orderId })), (error) => error === failure)
    })
  })
})

describe('a job', () => {
  test('runs its handler with the parsed input and the signal', async () => {
    const { registry } = createTestRegistry()
    const { signal } = new AbortController()
    const seen: unknown[] = []
    registerJob(registry, remind, async (input, run) => void seen.push(input, run.signal))
    assert.equal(await executeJob(registry, remind({ orderId }), { signal, role: 'cron' }), undefined)
    assert.deepEqual(seen, [{ orderId }, signal])
  })

  describe('errors', () => {
    test('come in the order registry, handler, role, payload', async () => {
      const { registry } = createTestRegistry()
      const bad = remind({ orderId: 1 as never })
      await assert.rejects(executeJob(null as never, bad), { code: 'nil_handler' })
      await assert.rejects(executeJob(registry, bad, { role: 'web' }), { code: 'missing_handler' })
      registerJob(registry, remind, () => undefined, { roles: ['cron'] })
      await assert.rejects(executeJob(registry, bad, { role: 'web' }), { code: 'role_not_allowed' })
      await assert.rejects(executeJob(registry, bad, { role: 'cron' }), { code: 'invalid_input' })
      await assert.rejects(executeJob(registry, get({ orderId }) as never), { code: 'unsupported_handler' })
    })

    test('of the handler reach the caller unchanged', async () => {
      const { registry } = createTestRegistry()
      const failure = new Error('boom')
      registerJob(registry, remind, () => Promise.reject(failure))
      await assert.rejects(executeJob(registry, remind({ orderId })), (error) => error === failure)
    })
  })
})
