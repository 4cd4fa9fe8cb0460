import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPermissionDenied, systemContext, systemTenant } from '@gesta/core'
import { identities, setUp } from '../../src/set-up/set-up-contracts.ts'
import { list as listIdentities } from '../../src/member/member-contracts.ts'
import { list as listTenants } from '../../src/tenant/tenant-contracts.ts'
import { openIdentity, password } from '../open-identity.ts'
import type { TestIdentity } from '../open-identity.ts'
import { sharedStore, skip, storesOfOne } from '../stores.ts'

const asked = (code: string, email: string) => setUp({ code, email, password, name: 'Root' })
const administrators = async (shop: TestIdentity): Promise<number> => {
  await shop.settled()
  return (await shop.query(listIdentities({}), systemContext(systemTenant))).total
}

for (const [name, newPlace] of Object.entries(storesOfOne))
  test(`${name}: the code of a first start makes the first administrator, who is signed in and may do everything`, async () => {
    await using place = await newPlace()
    await using shop = await openIdentity({ store: place.store })
    const root = await shop.setUp()
    assert.equal(root.context.tenant, systemTenant)
    const { items } = await shop.query(listTenants({}), root)
    assert.deepEqual(
      items.map(({ tenantUuid }) => tenantUuid),
      [systemTenant],
    )
    const own = await shop.query(identities(), root)
    assert.deepEqual(own, [
      { tenant: systemTenant, tenantName: 'System', identity: root.context.identity, name: 'Root' },
    ])
  })

test('of many who come with the code at once one becomes administrator', async () => {
  await using shop = await openIdentity()
  const code = shop.identity.setUpCode ?? ''
  const tries = Array.from({ length: 6 }, (_, at) => shop.outcome(asked(code, `root${at}@shop.example`)))
  assert.deepEqual((await Promise.all(tries)).sort(), [...Array<string>(5).fill('already_set_up'), 'done'])
  assert.equal(await administrators(shop), 1)
})

test(
  'two processes have one tenant SYSTEM, and of two who come with their codes at once one becomes administrator',
  { skip },
  async () => {
    const newStore = await sharedStore()
    await using one = await openIdentity({ store: newStore() })
    await using other = await openIdentity({ store: newStore(), beside: one })
    const tries = [one, other].map((shop, at) =>
      shop.outcome(asked(shop.identity.setUpCode ?? '', `root${at}@shop.example`)),
    )
    assert.deepEqual((await Promise.all(tries)).sort(), ['already_set_up', 'done'])
    for (const shop of [one, other]) assert.equal(await administrators(shop), 1)
  },
)

test('two processes may start at the same time', { skip }, async () => {
  const newStore = await sharedStore()
  const opened = await Promise.all([openIdentity({ store: newStore() }), openIdentity({ store: newStore() })])
  await using one = opened[0]
  await using other = opened[1]
  for (const { app } of [one, other]) {
    await app.caughtUp()
    const page = await app.query(listTenants({}), { context: systemContext(systemTenant) })
    assert.equal(page.total, 1)
  }
})

test('there is no code once there is an administrator, and an older one is worth nothing', async () => {
  await using place = await storesOfOne['SQLite']!()
  let code: string
  {
    await using first = await openIdentity({ store: place.store })
    code = first.identity.setUpCode ?? ''
  }
  {
    await using second = await openIdentity({ store: place.store })
    assert.notEqual(second.identity.setUpCode, code)
    await second.setUp()
    assert.equal(await second.refused(asked(code, 'mallory@shop.example')), 'already_set_up')
  }
  await using third = await openIdentity({ store: place.store })
  assert.equal(third.identity.setUpCode, undefined)
})

test('a code that is a day old, or anything else, is refused', async () => {
  await using shop = await openIdentity()
  const code = shop.identity.setUpCode ?? ''
  for (const wrong of ['x', 'a.b.c', `${code}x`, code.slice(0, -1)])
    assert.equal(await shop.refused(asked(wrong, 'mallory@shop.example')), 'invalid_code')
  shop.advance(86_400_000)
  assert.equal(await shop.refused(asked(code, 'root@shop.example')), 'invalid_code')
})

test('an address that has an account, and a password that is easily guessed, are refused', async () => {
  await using shop = await openIdentity()
  const code = shop.identity.setUpCode ?? ''
  await shop.signUp('ann@shop.example')
  assert.equal(await shop.refused(asked(code, 'ann@shop.example')), 'email_taken')
  const weak = setUp({ code, email: 'root@shop.example', password: 'password1234', name: 'Root' })
  assert.equal(await shop.refused(weak), 'password_common')
})

test('the code is in no event, no record of the command and no entry of the audit log', async () => {
  await using shop = await openIdentity()
  const code = shop.identity.setUpCode ?? ''
  const secret = code.split('.').at(-1) ?? ''
  await shop.setUp()
  const { records } = await recordsOf(shop)
  assert.ok(records.length > 0)
  assert.ok(!JSON.stringify(records).includes(secret))
  assert.ok(!JSON.stringify(records).includes(password))
})

test('what the app asks itself of a tenant is open to nobody else', async () => {
  await using shop = await openIdentity()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  await assert.rejects(shop.query(listTenants({}), ann), isPermissionDenied)
})

async function recordsOf({ app }: TestIdentity): Promise<{ readonly records: readonly unknown[] }> {
  const commands = await app.commandLog.list({}, { limit: 100 })
  const entries = await app.audit.list(systemContext(systemTenant), {}, { limit: 100 })
  return { records: [...commands.items, ...entries.items] }
}
