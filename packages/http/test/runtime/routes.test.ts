import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { runtimeRoutes } from '@gesta/core/host'
import { operatorAt } from '../admin/operator.ts'
import { serveRunning } from '../support/serve-shop.ts'
import { as, callers, place, serveWatched, watchedShop } from './watched-shop.ts'
import type { WatchedShop } from './watched-shop.ts'

let shop: WatchedShop
let operator: ReturnType<typeof operatorAt>
before(async () => {
  shop = await serveWatched()
  operator = operatorAt(shop.adminUrl)
  await shop.running.dispatch(place({ orderId: 'A-1', note: 'n' }), { context: callers.ann, commandId: 'A-1' })
})
after(() => shop[Symbol.asyncDispose]())

const acme = '/api/tenants/acme/runtime'
interface Row {
  readonly name: string
}
interface Rows {
  readonly items: readonly Row[]
}

describe('the runtime', () => {
  test('answers what is public on the main address, below both bases', async () => {
    for (const base of ['/api/tenants/SYSTEM/runtime', '/api/runtime'])
      for (const { path, contract } of runtimeRoutes.filter(({ address }) => address === 'public')) {
        const { status, text } = await shop.post(`${base}/${path}`, inputOf(contract), as('root'))
        assert.equal(status, 200, `${path}: ${text}`)
      }
  })

  test('answers all of it on the admin address', async () => {
    for (const { path, contract, kind } of runtimeRoutes) {
      if (kind === 'command' || contract.endsWith('.Read')) continue
      const answer = await operator.post(`/api/runtime/${path}`, inputOf(contract), { headers: as('root') })
      assert.equal(answer.status, 200, `${path}: ${answer.text}`)
    }
  })

  test('takes there what is to be stored, up to a mebibyte', async () => {
    const sent = (length: number) =>
      operator.post('/api/runtime/store/log/read', { unknown: 'x'.repeat(length) }, { headers: as('root') })
    assert.equal((await sent(1_000_000)).problem.code, 'unknown_field')
    assert.equal((await sent(1_100_000)).problem.code, 'body_too_large')
  })

  test('keeps what is for operators off the main address', async () => {
    for (const { path, contract } of runtimeRoutes.filter(({ address }) => address === 'admin')) {
      const { status, problem } = await shop.post(`/api/runtime/${path}`, {}, as('root'))
      assert.deepEqual([status, problem.code], [404, 'unknown_path'], path)
      for (const ordinary of [`/api/commands/${contract}`, `/api/call/${contract}`])
        assert.equal((await shop.post(ordinary, {}, as('root'))).status, 404, ordinary)
      assert.equal((await shop.get(`/api/queries/${contract}`, as('root'))).status, 404, contract)
    }
    assert.equal((await shop.get('/metrics', as('root'))).status, 404)
  })

  test('has no ordinary routes, for the audit log neither', async () => {
    for (const type of ['Runtime.PermissionList', 'Runtime.SystemInfo', 'Audit.Read', 'Audit.Export', 'Audit.Verify']) {
      assert.equal((await shop.get(`/api/queries/${type}`, as('root'))).problem.code, 'missing_handler')
      assert.equal((await shop.post(`/api/call/${type}`, {}, as('root'))).problem.code, 'missing_handler')
    }
    const steered = await shop.post('/api/commands/Runtime.ControlEventHandler', {}, as('root'))
    assert.equal(steered.problem.code, 'missing_handler')
  })

  test('takes no route of one’s own', async () => {
    await using running = await watchedShop.start()
    for (const type of ['Runtime.SystemInfo', 'StoreEvent.Read', 'Audit.Read'])
      await assert.rejects(
        serveRunning(running, { routes: { routes: [{ type, method: 'POST', path: '/here' }] } }),
        /it is of the runtime, which has routes of its own alone/,
      )
    for (const path of ['/api/runtime/orders', '/api/tenants/{orderId}/runtime/orders'])
      await assert.rejects(
        serveRunning(running, { routes: { routes: [{ type: 'Order.Place', method: 'POST', path }] } }),
        /is the server's own/,
      )
  })

  test('is asked about the tenant of the path, by whoever authenticate says', async () => {
    const list = (tenant: string, name?: keyof typeof callers) =>
      shop.post(`/api/tenants/${tenant}/runtime/permission-list`, {}, name === undefined ? {} : as(name))
    const own = await list('acme', 'ann')
    assert.equal(own.status, 200, own.text)
    assert.ok((own.body as Rows).items.some(({ name }) => name === 'Order.Place'))
    assert.deepEqual([(await list('globex', 'ann')).status, (await list('acme', 'eve')).status], [403, 403])
    assert.deepEqual([(await list('acme', 'bob')).status, (await list('acme')).status], [403, 401])
    const { items } = await shop.running.audit.list({ ...callers.root }, { outcome: 'denied', actor: 'eve' })
    assert.deepEqual(
      items.map(({ action, tenant }) => [action, tenant]),
      [['Runtime.PermissionList', 'acme']],
    )
  })

  test('tells a schema', async () => {
    const { status, body } = await shop.post(`${acme}/schema`, { domain: 'Order', type: 'Place' }, as('ann'))
    assert.equal(status, 200, JSON.stringify(body))
    assert.match(JSON.stringify(body), /"orderId"/)
    const unknown = await shop.post(`${acme}/schema`, { domain: 'Order', type: 'Plaice' }, as('ann'))
    assert.equal(unknown.status, 404)
  })

  test('refuses fields, parameters and texts as every route does', async () => {
    const list = `${acme}/permission-list`
    assert.equal((await shop.post(list, { lmit: 1 }, as('ann'))).problem.code, 'unknown_field')
    assert.equal((await shop.post(`${list}?limit=1`, {}, as('ann'))).problem.code, 'unknown_parameter')
    assert.equal((await shop.post(list, '{', as('ann'))).problem.code, 'invalid_json')
    assert.equal(
      (await shop.post('/api/tenants/a%00b/runtime/permission-list', {}, as('ann'))).problem.code,
      'invalid_text',
    )
    assert.equal((await shop.post(`${list}?includeHistory=true`, {}, as('ann'))).problem.code, 'unknown_parameter')
    const { status, headers } = await shop.get(list, as('ann'))
    assert.deepEqual([status, headers.get('allow')], [405, 'POST'])
  })
})

describe('what handles events', () => {
  const path = '/api/tenants/SYSTEM/runtime/event-handler-list'
  const pause = { action: 'pause', eventHandlerName: 'Order.Totals' }

  test('is listed without action', async () => {
    const { status, body, text } = await shop.post(path, {}, as('root'))
    assert.equal(status, 200, text)
    assert.ok((body as Rows).items.some(({ name }) => name === 'Order.Totals'))
  })

  test('is steered with action on the admin address alone: the main one says where', async () => {
    const refused = await shop.post(path, pause, as('root'))
    assert.deepEqual([refused.status, refused.problem.code], [403, 'admin_only'])
    assert.match(refused.problem.detail ?? '', /on the admin address alone/)
    assert.equal(stateOfTotals(), 'live')
    const done = await operator.post(path, pause, { headers: as('root') })
    assert.equal(done.status, 200, done.text)
    assert.equal(stateOfTotals(), 'paused')
    const resumed = await operator.post(path, { ...pause, action: 'resume' }, { headers: as('root') })
    assert.equal(resumed.status, 200, resumed.text)
    assert.equal(stateOfTotals(), 'live')
  })

  test('is steered by name, and by whoever may', async () => {
    const unknown = await operator.post(path, { ...pause, eventHandlerName: 'Order.Total' }, { headers: as('root') })
    assert.equal(unknown.status, 404, unknown.text)
    assert.equal((await operator.post(path, pause, { headers: as('looker') })).status, 403)
    assert.equal((await operator.post(path, pause, { headers: as('ann') })).status, 403)
    assert.equal((await operator.post(path, pause)).status, 401)
    assert.equal(stateOfTotals(), 'live')
  })

  function stateOfTotals(): string {
    return shop.running.readModels.control('Order.Totals').status().state
  }
})

describe('/metrics', () => {
  test('is on the admin address, as JSON', async () => {
    const { status, body, headers } = await operator.get('/metrics', { headers: as('root') })
    assert.equal(status, 200)
    assert.match(String(headers['content-type']), /application\/json/)
    assert.equal(typeof body, 'object')
  })
})

function inputOf(contract: string): object {
  if (contract === 'Runtime.Schema') return { domain: 'Order', type: 'Place' }
  if (contract === 'Runtime.ExplainPermission') return { permission: 'Order.Place' }
  if (contract === 'Runtime.QueuedJob') return { jobId: 'none.j0' }
  return {}
}
