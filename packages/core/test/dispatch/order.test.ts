import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, deny, domain, handle, query } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { z } from 'zod'
import { startApp } from '../started-app.ts'

const input = z.object({ id: z.string() })
const levelled = command('Order.Levelled', { input })
const checked = command('Order.Checked', { input })
const missing = command('Order.Missing', { input })
const asked = query('Order.Asked', { input, result: z.string() })
const wrong = { id: 3 } as never
const right = { id: 'a' }
const nobody: RequestContext = {}
const somebody: RequestContext = { account: 'a-1', session: 's-1' }

function orderDomain(steps: string[], allow: () => boolean) {
  return domain('Order', {
    roles: ['api'],
    permissions: {
      'Order.Levelled': 'authenticated',
      'Order.Checked': () => {
        steps.push('check')
        return allow() ? undefined : deny('not now')
      },
      'Order.Asked': 'authenticated',
    },
    handlers: [
      handle(levelled, async () => void steps.push('levelled')),
      handle(checked, async () => void steps.push('checked')),
      handle(asked, async () => (steps.push('asked'), 'answer')),
    ],
  })
}

describe('the order of a dispatch', () => {
  test('asks for handler, role, level, payload, custom check and key, each before the next', async () => {
    const steps: string[] = []
    let allow = false
    await using app = await startApp(orderDomain(steps, () => allow))
    const { running } = app
    const refused = (run: Promise<unknown>, code: string): Promise<void> => assert.rejects(run, { code })

    await refused(running.dispatch(missing(wrong), { role: 'web', context: nobody }), 'missing_handler')
    await refused(running.dispatch(levelled(wrong), { role: 'web', context: nobody }), 'role_not_allowed')
    await refused(running.dispatch(levelled(wrong), { role: 'api', context: nobody }), 'permission_denied')
    await refused(running.dispatch(levelled(wrong), { role: 'api', context: somebody }), 'invalid_input')
    await refused(running.dispatch(checked(wrong), { role: 'api', idempotencyKey: 'k' }), 'invalid_input')
    assert.deepEqual(steps, [], 'the check needs a payload that was parsed')
    await refused(running.dispatch(checked(right), { role: 'api', idempotencyKey: 'k' }), 'permission_denied')
    allow = true
    await refused(running.dispatch(checked(right), { role: 'api', idempotencyKey: 'k' }), 'idempotency_refused')
    assert.deepEqual(steps, ['check', 'check'])
    assert.equal(await app.store.head(), 0)
    assert.ok((await running.dispatch(checked(right), { role: 'api' })).ok)
    assert.deepEqual(steps, ['check', 'check', 'check', 'checked'])
  })

  test('is the same for a query', async () => {
    const steps: string[] = []
    await using app = await startApp(
      orderDomain(steps, () => true),
      { role: 'web' },
    )
    const { running } = app
    const unknown = query('Order.Unknown', { input, result: z.string() })
    await assert.rejects(running.query(unknown(wrong)), { code: 'missing_handler' })
    await assert.rejects(running.query(asked(wrong)), { code: 'role_not_allowed' })
    await assert.rejects(running.query(asked(wrong), { role: 'api' }), { code: 'permission_denied' })
    await assert.rejects(running.query(asked(wrong), { role: 'api', context: somebody }), { code: 'invalid_input' })
    assert.deepEqual(steps, [])
    assert.equal(await running.query(asked(right), { role: 'api', context: somebody }), 'answer')
  })

  test('refuses a query that is dispatched and a command that is queried as messages without a handler', async () => {
    await using app = await startApp(orderDomain([], () => true))
    await assert.rejects(app.running.dispatch(asked(right) as never), { code: 'missing_handler' })
    await assert.rejects(app.running.query(checked(right) as never), { code: 'missing_handler' })
  })
})
