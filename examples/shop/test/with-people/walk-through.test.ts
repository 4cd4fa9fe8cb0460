// From a fresh start to a person who may no longer: over HTTP, as people and their programs do it, on SQLite.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemContext, systemTenant } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { temporaryFolder } from '../processes/script.ts'
import { password, servedWithPeople } from './people.ts'
import type { Answer, SignedIn } from './people.ts'

const line = { code: '85123A', description: 'HEART', quantity: 6, pence: 255, at: '2011-12-09 12:50:00' }
const orderOf = (orderId: string) => ({ orderId, customerId: '14808', country: 'United Kingdom', lines: [line] })
const signedIn = (tokens: Answer['body']): SignedIn => tokens as unknown as SignedIn

test('a shop is set up, joined, used and left, and everything that happened is found again', async (t) => {
  await using folder = await temporaryFolder()
  const shop = await servedWithPeople(folder.path)
  await using _ = shop
  const { ask, done, running } = shop
  const ids = { root: '', tenant: '', group: '', identity: '', placed: '' }
  let root: SignedIn | undefined
  let ann: SignedIn | undefined
  const asAnn = (): RequestContext => ({
    tenant: ids.tenant,
    identity: ids.identity,
    account: ann?.account,
    session: ann?.session,
  })

  await t.test('the first administrator is set up with the code of the first start, once', async () => {
    const first = { code: shop.setUpCode, email: 'root@shop.example', password, name: 'Root' }
    root = signedIn(await done('POST', '/api/v1/auth/set-up', undefined, first))
    ids.root = root.account
    const again = await ask('POST', '/api/v1/auth/set-up', undefined, { ...first, email: 'eve@shop.example' })
    assert.equal(again.body['code'], 'already_set_up')
    assert.equal((await ask('GET', '/api/tenants')).status, 401)
  })

  await t.test(
    'the administrator makes a tenant, a group that may place orders, and invites somebody to it',
    async () => {
      ids.tenant = String((await done('POST', '/api/tenants', root, { name: 'Bakery on the Hill' }))['tenantUuid'])
      const group = { name: 'tills', permissions: ['Order.Place'], groups: [] }
      ids.group = String((await done('POST', `/api/tenants/${ids.tenant}/groups`, root, group))['groupUuid'])
      const invited = { email: 'ann@shop.example', groups: [ids.group] }
      await done('POST', `/api/tenants/${ids.tenant}/invitations`, root, invited)
    },
  )

  await t.test('whoever is invited makes an account with the code of the mail, and accepts', async () => {
    const code = await shop.codeTo('ann@shop.example')
    const account = signedIn(await done('POST', '/api/accounts/invited', undefined, { code, password }))
    const path = `/api/tenants/${ids.tenant}/invitations/accepted`
    ids.identity = String((await done('POST', path, account, { code, name: 'Ann' }))['identityUuid'])
    await done('POST', '/api/v1/auth/logout', account)
    await shop.caughtUp()
    assert.equal((await ask('GET', '/api/accounts/me', account)).status, 401)
  })

  await t.test('she signs in, and may do nothing in the shop before she says as whom', async () => {
    const wrong = { email: 'ann@shop.example', password: 'nine purple tractors hop' }
    assert.equal((await ask('POST', '/api/v1/auth/login', undefined, wrong)).status, 401)
    const person = signedIn(await done('POST', '/api/v1/auth/login', undefined, { ...wrong, password }))
    assert.equal((await ask('POST', '/orders', person, orderOf('536365'))).status, 403)
    const { body } = await ask('GET', '/api/v1/auth/identities', person)
    assert.deepEqual(body, [
      { tenant: ids.tenant, tenantName: 'Bakery on the Hill', identity: ids.identity, name: 'Ann' },
    ])
    const as = { tenant: ids.tenant, identity: ids.identity }
    ann = { ...person, ...signedIn(await done('POST', '/api/v1/auth/identity', person, as)) }
  })

  await t.test('she places an order, and is refused what her group does not hold', async () => {
    const placed = await ask('POST', '/orders', ann, orderOf('536366'))
    assert.equal(placed.status, 200, JSON.stringify(placed.body))
    assert.deepEqual(placed.body['result'], { totalPence: 1_530, soldAt: '2011-12-09 12:50:00', events: 2 })
    ids.placed = String(placed.body['commandId'])
    assert.equal((await ask('POST', '/orders', undefined, orderOf('536367'))).status, 401)
    const described = await ask('PUT', '/products/85123A/description', ann, { description: 'WHITE HEART' })
    assert.deepEqual([described.status, described.body['code']], [403, 'permission_denied'])
    assert.equal((await ask('GET', `/api/tenants/${ids.tenant}/groups`, ann)).status, 403)
    assert.equal((await ask('GET', '/api/tenants', ann)).status, 403)
  })

  await t.test('operators see why', async () => {
    const { permissions } = running
    const allowed = await permissions.explain(asAnn(), 'Order.Place')
    assert.deepEqual([allowed.allowed, allowed.path.at(-1)?.groups], [true, [ids.group]])
    const refused = await permissions.explain(asAnn(), 'Product.Describe')
    assert.deepEqual(
      [refused.allowed, refused.path.at(-1)?.step, refused.path.at(-1)?.reason],
      [false, 'groups', 'no group of the identity holds it'],
    )
    const elsewhere = await permissions.explain(asAnn(), 'Tenant.List')
    assert.deepEqual([elsewhere.allowed, elsewhere.path.at(-1)?.step], [false, 'tenant'])
  })

  await t.test('she loses the group and is refused at once, with the same token', async () => {
    await done('DELETE', `/api/tenants/${ids.tenant}/identities/${ids.identity}/groups/${ids.group}`, root)
    const refused = await ask('POST', '/orders', ann, orderOf('536368'))
    assert.deepEqual([refused.status, refused.body['code']], [403, 'permission_denied'])
    assert.equal((await running.permissions.explain(asAnn(), 'Order.Place')).allowed, false)
  })

  await t.test('the command log has who did what, and no password, code or token', async () => {
    const record = await running.commandLog.get(ids.tenant, ids.placed)
    assert.equal(record?.status, 'accepted')
    assert.deepEqual(JSON.parse(record.context), { ...asAnn() })
    const listed = async (tenant: string) =>
      (await running.commandLog.list({ tenant, order: 'oldest' }, { limit: 1_000 })).items
    const told = new Map(
      [...(await listed(ids.tenant)), ...(await listed(systemTenant))].map((one) => [one.commandType, one]),
    )
    for (const type of ['Auth.SetUp', 'Account.RegisterInvited', 'Auth.Login', 'Auth.SelectIdentity', 'Tenant.Create'])
      assert.ok(told.has(type), `${type} is in the command log`)
    assert.match(told.get('Auth.Login')?.payload ?? '', /"password":"\[secret\]"/)
  })

  await t.test('the audit log has it, refusals too, and its chains are whole', async () => {
    const of = async (action: string, tenant: string, outcome?: 'denied' | 'rejected' | 'succeeded') =>
      (await running.audit.list(systemContext(tenant), { action, outcome }, { limit: 1_000 })).items
    assert.equal((await of('Auth.SetUp', systemTenant, 'succeeded')).length, 1)
    assert.equal((await of('Auth.Login', systemTenant, 'rejected')).length, 1)
    assert.equal((await of('Identity.RemoveGroup', ids.tenant, 'succeeded')).length, 1)
    assert.ok((await of('Order.Place', ids.tenant, 'denied')).length >= 1)
    assert.equal((await of('Product.Describe', ids.tenant, 'denied')).length, 1)
    for (const tenant of [ids.tenant, systemTenant])
      assert.equal((await running.audit.verify(systemContext(tenant))).breaks.length, 0)
  })

  await t.test('the history of her identity tells what happened to it', async () => {
    await shop.caughtUp()
    const path = `/api/tenants/${ids.tenant}/identities/${ids.identity}?includeHistory=true`
    const { status, body } = await ask('GET', path, root)
    assert.equal(status, 200, JSON.stringify(body))
    const [history] = body['history'] as readonly {
      readonly items: readonly { readonly eventName: string; readonly senderTenant?: string }[]
    }[]
    const names = history?.items.map(({ eventName }) => eventName) ?? []
    assert.deepEqual(names, ['Identity.GroupRemoved', 'Identity.Created'])
    assert.equal(history?.items[0]?.senderTenant, systemTenant)
  })

  await t.test('nothing secret lies in any file of the shop', async () => {
    const files = await Promise.all(
      (await readdir(folder.path)).map((name) => readFile(join(folder.path, name), 'latin1').catch(() => '')),
    )
    const text = files.join('\n')
    for (const secret of [password, root?.accessToken, ann?.accessToken, shop.setUpCode, 'ann@shop.example'])
      assert.ok(secret !== undefined && !text.includes(secret))
  })
})
