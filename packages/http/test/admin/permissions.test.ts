import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemContext } from '@gesta/core'
import { serveAdmin } from '../../src/index.ts'
import { as, authenticateBy, callers, place, serveWatched } from '../runtime/watched-shop.ts'
import type { CallerName, WatchedShop } from '../runtime/watched-shop.ts'
import { operatorAt, operatorOf } from './operator.ts'
import type { AdminAnswer } from './operator.ts'

let shop: WatchedShop
let ask: (method: 'GET' | 'POST', path: string, name?: CallerName, body?: object) => Promise<AdminAnswer>
before(async () => {
  shop = await serveWatched()
  const operator = operatorAt(shop.adminUrl)
  ask = (method, path, name, body) => {
    const headers = name === undefined ? {} : as(name)
    return method === 'GET' ? operator.get(path, { headers }) : operator.post(path, body ?? {}, { headers })
  }
  await shop.running.dispatch(place({ orderId: 'A-1', note: 'n' }), { context: callers.ann, commandId: 'A-1' })
})
after(() => shop[Symbol.asyncDispose]())

const acme = '/api/tenants/acme/runtime'
const model = '/admin/read-models/Order.Totals'
const routes: readonly (readonly [permission: string, method: 'GET' | 'POST', path: string, body?: object])[] = [
  ['Runtime.EventHandlerList', 'GET', '/admin/read-models'],
  ['Runtime.EventHandlerList', 'GET', model],
  ['Runtime.EventHandlerList', 'GET', `${model}/parked`],
  ['Runtime.EventHandlerList', 'GET', '/admin/subscribers'],
  ['Runtime.EventHandlerList', 'POST', `${model}/verify`],
  ['Runtime.ControlEventHandler', 'POST', model, { action: 'restart' }],
  ['Runtime.ControlEventHandler', 'POST', `${model}/parked`, { action: 'retry', tenant: 'acme', key: 'all' }],
  ['StoreCommand.Info', 'GET', '/admin/command-log'],
  ['StoreCommand.Read', 'GET', `${acme}/commands`],
  ['StoreCommand.Read', 'GET', `${acme}/commands/A-1`],
  ['Runtime.Trace', 'GET', `${acme}/trace/A-1`],
  ['Runtime.ReissueCommand', 'POST', `${acme}/commands/A-1`, { action: 'reissue', context: callers.ann }],
  ['StoreCommand.Update', 'POST', `${acme}/commands/A-1`, { action: 'redact' }],
  ['StoreCommand.Delete', 'POST', `${acme}/commands`, { action: 'purge', before: '2001-01-01T00:00:00Z' }],
  ['Audit.Read', 'GET', '/admin/audit'],
  ['Audit.Read', 'GET', `${acme}/audit`],
  ['Audit.Export', 'GET', `${acme}/audit/export`],
  ['Audit.Verify', 'POST', '/admin/audit/verify'],
  ['Audit.Verify', 'POST', '/admin/audit/checkpoint'],
  ['Runtime.Metrics', 'GET', '/metrics'],
  ['Runtime.SystemInfo', 'GET', '/admin/health'],
  ['Runtime.SystemInfo', 'POST', '/api/runtime/system-info'],
  ['Runtime.EventStream', 'GET', '/api/runtime/events'],
]
/** What the group of the caller `looker` gives: it names those of the command log too, which only administrators hold. */
const held = ['Runtime.EventHandlerList', 'Runtime.Trace']

describe('with authentication the admin address', () => {
  for (const [permission, method, path, body] of routes)
    test(`asks for ${permission}: ${method} ${path}`, async () => {
      const nobody = await ask(method, path, undefined, body)
      assert.deepEqual([nobody.status, nobody.problem.code], [401, 'unauthenticated'])
      for (const name of ['ann', 'looker'] as const) {
        if (name === 'looker' && held.includes(permission)) continue
        const denied = await ask(method, path, name, body)
        assert.deepEqual([denied.status, denied.problem.code], [403, 'permission_denied'], name)
        const { items } = await shop.running.audit.list(systemContext(), { action: permission, outcome: 'denied' })
        assert.equal(items[0]?.actor, name)
        assert.match(items[0]?.data ?? '', /"address":"127\.0\.0\.1"/)
      }
      if (path.endsWith('/events')) return
      if (path.endsWith('/export')) return
      if (held.includes(permission)) assert.equal((await ask(method, path, 'looker', body)).status, 200)
      const { status, text } = await ask(method, path, 'root', body)
      assert.equal(status, 200, text)
    })

  test('tells nothing to whoever says nothing of themselves, not even which paths there are', async () => {
    for (const path of ['/elsewhere', '/admin/read-models/Unknown', '/healthz'])
      assert.equal((await ask('GET', path)).problem.code, 'unauthenticated')
    assert.equal((await ask('GET', '/elsewhere', 'root')).problem.code, 'unknown_path')
  })

  test('refuses credentials that are wrong, and pages before it looks at theirs', async () => {
    const operator = operatorAt(shop.adminUrl)
    const wrong = await operator.get('/admin/read-models', { headers: { authorization: 'Bearer mallory' } })
    assert.deepEqual([wrong.status, wrong.problem.code], [401, 'unauthenticated'])
    for (const headers of [{ origin: 'https://shop.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const page = await operator.get('/admin/read-models', { headers: { ...as('root'), ...headers } })
      assert.deepEqual([page.status, page.problem.code], [403, 'not_local'])
    }
  })

  test('keeps who changed what in the audit log, of the tenant that it concerns', async () => {
    await ask('POST', model, 'root', { action: 'pause' })
    await ask('POST', model, 'root', { action: 'resume' })
    await ask('POST', `${acme}/commands/unknown`, 'root', { action: 'redact' })
    const found = async (tenant: string, action: string, most = 2): Promise<readonly unknown[]> => {
      const { items } = await shop.running.audit.list(systemContext(), { tenant, action, actor: 'root' })
      return items.slice(0, most).map(({ resource, outcome, data }) => {
        const { reason, address } = JSON.parse(data) as { readonly reason: string; readonly address: string }
        return [resource, outcome, reason, address]
      })
    }
    assert.deepEqual(await found('SYSTEM', 'Runtime.ControlEventHandler.Intent'), [
      ['ReadModel/Order.Totals', 'succeeded', 'resume', '127.0.0.1'],
      ['ReadModel/Order.Totals', 'succeeded', 'pause', '127.0.0.1'],
    ])
    assert.deepEqual(await found('SYSTEM', 'Runtime.ControlEventHandler'), [
      ['ReadModel/Order.Totals', 'succeeded', 'resume', '127.0.0.1'],
      ['ReadModel/Order.Totals', 'succeeded', 'pause', '127.0.0.1'],
    ])
    assert.deepEqual(await found('acme', 'StoreCommand.Update', 1), [
      ['Command/unknown', 'failed', 'redact: command_unknown', '127.0.0.1'],
    ])
  })

  test('keeps who looked at the command log, before it is shown', async () => {
    const seen = async (action: string, resource: string): Promise<number> => {
      const { items } = await shop.running.audit.list(systemContext(), { action, resource, outcome: 'succeeded' })
      return items.length
    }
    const looks = [
      [`${acme}/commands`, 'StoreCommand.Read', 'command/acme/*'],
      [`${acme}/commands/A-1`, 'StoreCommand.Read', 'command/acme/A-1'],
      ['/admin/command-log', 'StoreCommand.Info', 'command'],
    ] as const
    for (const [path, action, resource] of looks) {
      const known = await seen(action, resource)
      assert.equal((await ask('GET', path, 'looker')).status, 403)
      assert.equal((await ask('GET', path, 'root')).status, 200)
      assert.equal(await seen(action, resource), known + 1, path)
    }
  })

  test('keeps from where the runtime and the stores were asked, as of every other change', async () => {
    const pause = { eventHandlerName: 'Order.Totals', action: 'pause' }
    const kept = [
      ['event-handler-list', pause, 'Runtime.ControlEventHandler.Intent'],
      ['event-handler-list', { ...pause, action: 'resume' }, 'Runtime.ControlEventHandler.Intent'],
      ['store/log/update', { reason: 'a test' }, 'StoreLog.Update.Intent'],
      ['store/cache/info', {}, 'StoreCache.Info'],
    ] as const
    for (const [path, body, action] of kept) {
      assert.equal((await ask('POST', `/api/runtime/${path}`, 'root', body)).status, 200)
      const { items } = await shop.running.audit.list(systemContext(), { action })
      assert.match(items[0]?.data ?? '', /"address":"127\.0\.0\.1"/, action)
    }
  })

  test('may listen where other machines reach it', async () => {
    await using server = await serveAdmin(shop.running, { port: 0, host: '0.0.0.0', authenticate: authenticateBy() })
    const operator = operatorAt(`http://127.0.0.1:${new URL(server.url).port}`)
    assert.equal((await operator.get('/admin/read-models', { headers: as('root') })).status, 200)
    assert.equal((await operator.get('/admin/read-models')).status, 401)
  })
})

describe('without authentication the admin address', () => {
  test('acts as the app itself, and its changes are in the audit log all the same', async () => {
    await using operator = await operatorOf(shop.running)
    assert.equal((await operator.post(model, { action: 'pause' })).status, 200)
    assert.equal((await operator.post(model, { action: 'resume' })).status, 200)
    assert.equal((await operator.get('/metrics')).status, 200)
    const { items } = await shop.running.audit.list(systemContext(), { actor: 'system', outcome: 'succeeded' })
    assert.ok(items.some(({ action }) => action === 'Runtime.ControlEventHandler'))
  })
})
