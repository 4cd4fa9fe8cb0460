// The shop with permissions: who lacks the group is refused, and everything that can be asked about it says so.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { customerId, invoice } from '../command-log/given.ts'
import { servedShop } from './served-shop.ts'
import type { Json } from './served-shop.ts'

const renamed = { method: 'PUT', body: { description: 'HEART' } } as const
const product = '/products/85123A/description'
const about = { tenant: '', identity: customerId, account: customerId, session: `session-of-${customerId}` }
const part = (of: Json | undefined, name: string): Json => (of?.[name] ?? {}) as Json
const itemsOf = ({ body }: { readonly body: Json }): readonly Json[] => body['items'] as readonly Json[]

describe('a customer who puts a product right', () => {
  it('is refused, nobody else hears why, and nobody is asked to sign in who has', async () => {
    await using shop = await servedShop()
    const denied = await shop.ask(product, { ...renamed, by: 'customer' })
    assert.deepEqual([denied.status, denied.body['code']], [403, 'permission_denied'])
    assert.ok(!JSON.stringify(denied.body).includes('group'))
    assert.equal((await shop.ask(product, renamed)).status, 401)
    for (const by of ['warehouse', 'office', 'operator'] as const)
      assert.notEqual((await shop.ask(product, { ...renamed, by })).status, 403, by)
  })

  it('is explained: which step said no, and which group would have allowed it', async () => {
    await using shop = await servedShop()
    const explain = async (who: object): Promise<Json> =>
      (
        await shop.operate('/api/tenants/SYSTEM/runtime/permission-explain', {
          body: { permission: 'Product.Describe', ...who },
        })
      ).body
    const { allowed, path } = await explain(about)
    const steps = path as readonly Json[]
    assert.deepEqual([allowed, steps.at(-1)?.['step'], steps.at(-1)?.['result']], [false, 'groups', 'denied'])
    const office = await explain({ tenant: '', identity: 'olga', account: 'olga', session: 's' })
    assert.deepEqual([office['allowed'], (office['path'] as readonly Json[]).at(-1)?.['groups']], [true, ['office']])
  })

  it('is in the audit log, in the command log with the permission, and in the trace with nothing below it', async () => {
    await using shop = await servedShop()
    await shop.ask(product, { ...renamed, by: 'customer' })
    const [entry] = itemsOf(await shop.operate('/api/runtime/audit?outcome=denied'))
    assert.deepEqual([entry?.['action'], entry?.['actor']], ['Product.Describe', customerId])
    const facts = part(entry, 'data')
    assert.match(String(facts['reason']), /group/)
    assert.equal(facts['address'], '127.0.0.1')

    const [record] = itemsOf(await shop.operate('/api/runtime/commands?status=denied'))
    assert.deepEqual([record?.['commandType'], part(record, 'permission')['allowed']], ['Product.Describe', false])
    const { commands } = (await shop.operate(`/api/runtime/trace/${String(record?.['commandId'])}`)).body
    const [traced, ...more] = commands as readonly Json[]
    assert.deepEqual([part(traced, 'record')['status'], traced?.['events'], more], ['denied', [], []])
  })

  it('what the warehouse puts right is in the audit log with what it was called before', async () => {
    await using shop = await servedShop()
    const right = async (description: string): Promise<void> => {
      const { status } = await shop.ask(product, { method: 'PUT', body: { description }, by: 'warehouse' })
      assert.equal(status, 200)
    }
    await right('HEART')
    await right('WHITE HEART')
    const [entry] = itemsOf(await shop.operate('/api/runtime/audit?action=Product.Describe'))
    assert.deepEqual(
      [entry?.['actor'], entry?.['resource'], entry?.['outcome']],
      ['wendy', 'Product/85123A', 'succeeded'],
    )
    const { before, after } = part(entry, 'data')
    assert.deepEqual([before, after], [{ description: 'HEART' }, { description: 'WHITE HEART' }])
  })
})

describe('who asks', () => {
  it('sees what he bought himself, and the office sees what everybody did', async () => {
    await using shop = await servedShop()
    await shop.ask('/orders', { body: invoice('581588') })
    await shop.running.caughtUp()
    const seen = async (by: 'customer' | 'warehouse' | 'office' | 'nobody', whose: string): Promise<number> =>
      (await shop.ask(`/customers/${whose}`, { by })).status
    assert.deepEqual([await seen('customer', customerId), await seen('customer', '13047')], [200, 403])
    assert.deepEqual([await seen('office', customerId), await seen('warehouse', customerId)], [200, 403])
    assert.equal(await seen('nobody', customerId), 401)
  })

  it('gives back what he bought himself, and the office gives back for others', async () => {
    await using shop = await servedShop()
    await shop.ask('/orders', { body: { ...invoice('581588'), customerId: '13047' } })
    const back = async (by: 'customer' | 'warehouse' | 'office'): Promise<number> =>
      (await shop.ask('/returns', { by, body: { ...invoice('C581588', 1), customerId: '13047' } })).status
    assert.deepEqual([await back('customer'), await back('warehouse'), await back('office')], [403, 403, 200])
  })

  it('with credentials of nobody is told so', async () => {
    await using shop = await servedShop()
    const { status } = await fetch(`${shop.adminUrl}/admin/read-models`, { headers: { authorization: 'Bearer x' } })
    assert.equal(status, 401)
    assert.equal((await shop.operate('/admin/read-models', { by: 'nobody' })).status, 401)
    assert.equal((await shop.operate('/admin/read-models', { by: 'office' })).status, 403)
    assert.equal((await shop.operate('/admin/read-models')).status, 200)
  })
})

describe('a read model of the shop', () => {
  const handlers = '/api/tenants/SYSTEM/runtime/event-handler-list'
  const restore = { action: 'restore', eventHandlerName: 'Product.Sales', restoreFromZero: true }

  it('is built again from zero by an operator, and by nobody else', async () => {
    await using shop = await servedShop()
    await shop.ask('/orders', { body: invoice('581588') })
    await shop.running.caughtUp()
    const before = shop.running.readModels.control('Product.Sales').status().generation ?? 0
    for (const by of ['office', 'customer'] as const)
      assert.equal((await shop.operate(handlers, { by, body: restore })).status, 403, by)
    assert.equal((await shop.operate(handlers, { by: 'nobody', body: restore })).status, 401)

    const restored = await shop.operate(handlers, { body: restore })
    assert.ok([200, 202].includes(restored.status), JSON.stringify(restored.body))
    await generationAfter(shop.running, before)
    const { body } = await shop.ask('/products/22914')
    assert.equal(body['sold'], 6)
    const [entry] = itemsOf(await shop.operate('/admin/audit?action=Runtime.ControlEventHandler&outcome=succeeded'))
    assert.equal(entry?.['actor'], 'oscar')
  })

  it('is in the list of event handlers with what it has done', async () => {
    await using shop = await servedShop()
    await shop.ask('/orders', { body: invoice('581588') })
    await shop.running.caughtUp()
    const row = itemsOf(await shop.operate(handlers, { body: {} })).find(({ name }) => name === 'Product.Sales')
    assert.deepEqual([row?.['kind'], row?.['restorable'], row?.['state']], ['readModel', true, 'live'])
    assert.ok(Number(part(row, 'metrics')['applied']) > 0)
  })
})

/** Resolves when queries read a newer generation than that one. */
async function generationAfter(
  { readModels }: Awaited<ReturnType<typeof servedShop>>['running'],
  before: number,
): Promise<void> {
  while ((readModels.control('Product.Sales').status().generation ?? 0) <= before) await sleep(5)
}
