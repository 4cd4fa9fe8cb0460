import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { answering } from './given/answering.ts'
import { gestaHere } from './run-gesta.ts'

const placed = { name: 'Order.Place', domain: 'Order', type: 'Place', kind: 'command', level: 'authorized' }
const row = { ...placed, description: 'Place an order', custom: false, implies: [] }

describe('what commands ask of the runtime domain', () => {
  test('permissions list asks as the tenant of the app, or as another one, until it has all', async () => {
    await using app = await answering({ body: { items: [row], total: 2 } })
    const { code, stdout, stderr } = await gestaHere(['permissions', 'list', '--url', app.url, '--domain', 'Order'])
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      /^permission +asks for +kind +description\nOrder\.Place +authorized +command +Place an order$/m,
    )
    assert.deepEqual(
      app.asked.map(({ path, body }) => [path, body]),
      [0, 1].map((offset) => [
        '/api/tenants/SYSTEM/runtime/permission-list',
        { domain: 'Order', limit: 1_000, offset },
      ]),
    )
    await gestaHere(['permissions', 'list', '--url', app.url, '--tenant', '..'])
    assert.equal(app.asked.at(-1)?.path, '/api/tenants/../runtime/permission-list')
  })

  test('permissions explain shows the way to the decision, of somebody else or of oneself', async () => {
    const path = [
      { step: 'level', result: 'passed', reason: 'The context is complete.' },
      { step: 'groups', result: 'denied', reason: 'No group holds it.', groups: ['buyers', 'guests'] },
    ]
    await using app = await answering({ body: { permission: 'Order.Place', allowed: false, path } })
    const explain = ['permissions', 'explain', 'Order.Place', '--url', app.url]
    const who = ['--identity', 'ann', '--account', 'a', '--session', 's']
    assert.equal(
      (await gestaHere([...explain, ...who, '--tenant', 'acme'])).stdout,
      'Order.Place: denied\n\n  level   passed  The context is complete.\n  groups  denied  No group holds it. (buyers, guests)\n',
    )
    await gestaHere([...explain, ...who])
    await gestaHere([...explain, '--tenant', 'acme'])
    await gestaHere(explain)
    const ann = { permission: 'Order.Place', identity: 'ann', account: 'a', session: 's' }
    assert.deepEqual(
      app.asked.map(({ path: asked, body }) => [asked, body]),
      [
        ['/api/tenants/SYSTEM/runtime/permission-explain', { ...ann, tenant: 'acme' }],
        ['/api/tenants/SYSTEM/runtime/permission-explain', { ...ann, tenant: '' }],
        ['/api/tenants/acme/runtime/permission-explain', { permission: 'Order.Place' }],
        ['/api/tenants/SYSTEM/runtime/permission-explain', { permission: 'Order.Place' }],
      ],
    )
  })

  test('handlers shows state and counters, and leaves out what is not counted', async () => {
    const totals = { name: 'totals', kind: 'readModel', restorable: true, state: 'live', owned: true, parked: 0 }
    const mails = { name: 'mails', kind: 'subscriber', restorable: false, state: 'failed', owned: false }
    const items = [
      { ...totals, metrics: { processed: 1_200, failed: 0, lagEvents: 3 } },
      { ...mails, metrics: {}, lastError: 'TypeError' },
    ]
    await using app = await answering({ body: { items, total: 2 } })
    const { stdout } = await gestaHere(['handlers', '--url', app.url])
    assert.equal(
      stdout,
      `handler  kind        state   here  processed  failed  behind  parked  last error
totals   readModel   live    yes   1,200      0       3       0
mails    subscriber  failed  no                                       TypeError\n`,
    )
    assert.equal(app.asked[0]?.path, '/api/tenants/SYSTEM/runtime/event-handler-list')
  })

  test('schema prints the schema of what goes in, or of what comes out', async () => {
    const input = { type: 'object', properties: { orderId: { type: 'string' } } }
    const body = { convertible: true, schema: input, result: { type: 'null' } }
    await using app = await answering({ body })
    const schema = ['schema', 'Order.Place', '--url', app.url]
    assert.deepEqual(JSON.parse((await gestaHere(schema)).stdout), input)
    assert.deepEqual(JSON.parse((await gestaHere([...schema, '--result'])).stdout), { type: 'null' })
    assert.deepEqual(
      [app.asked[0]?.path, app.asked[0]?.body],
      ['/api/tenants/SYSTEM/runtime/schema', { domain: 'Order', type: 'Order.Place' }],
    )
    const wrong = await gestaHere(['schema', 'Order', '--url', app.url])
    assert.deepEqual([wrong.code, /Expected DOMAIN\.TYPE/.test(wrong.stderr)], [2, true])
  })

  test('schema says why there is none, and ends with 1', async () => {
    await using app = await answering({ body: { convertible: false, reason: 'a function has no schema' } })
    const { code, stdout } = await gestaHere(['schema', 'Order.Place', '--url', app.url])
    assert.deepEqual([code, stdout], [1, 'It cannot be converted: a function has no schema\n'])
  })
})
