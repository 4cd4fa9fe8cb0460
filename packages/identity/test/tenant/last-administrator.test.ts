import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administratorsGroup, systemContext, systemTenant } from '@gesta/core'
import { block, remove as removeAccount, unblock } from '../../src/account/account-contracts.ts'
import * as group from '../../src/group/group-contracts.ts'
import * as identity from '../../src/member/member-contracts.ts'
import * as tenant from '../../src/tenant/tenant-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import type { Member, TestIdentity } from '../open-identity.ts'
import { sharedStore, skip } from '../stores.ts'

const system = systemContext(systemTenant)
const tenWithRoot = async (shop: TestIdentity): Promise<readonly Member[]> => {
  const root = await shop.setUp()
  const people: Member[] = [{ ...root, identity: root.context.identity ?? '' }]
  for (let at = 1; at < 10; at++)
    people.push(await shop.join(systemTenant, `root${at}@shop.example`, [administratorsGroup]))
  return people
}
const administratorsOf = async (shop: TestIdentity, people: readonly Member[]): Promise<number> => {
  const asked = people.map(({ context }) => shop.app.permissions.holds(context, 'Tenant.Create'))
  return (await Promise.all(asked)).filter(Boolean).length
}

test('ten administrators who are removed at once, each in another way, leave one', async () => {
  await using shop = await openIdentity()
  const people = await tenWithRoot(shop)
  assert.equal(await administratorsOf(shop, people), 10)
  const ways = people.map(({ identity: identityUuid, account }, at) => {
    if (at % 4 === 0) return shop.outcome(identity.remove({ identityUuid }), system)
    if (at % 4 === 1)
      return shop.outcome(identity.removeGroup({ identityUuid, groupUuid: administratorsGroup }), system)
    if (at % 4 === 2) return shop.outcome(block({ accountUuid: account, reason: 'test' }), system)
    return shop.outcome(removeAccount({ accountUuid: account }), system)
  })
  const outcomes = await Promise.all(ways)
  assert.deepEqual(
    outcomes.filter((one) => one !== 'done'),
    ['last_administrator'],
  )
  assert.equal(await administratorsOf(shop, people), 1)
})

test('two processes that take the last two administrators away at once leave one', { skip }, async () => {
  const newStore = await sharedStore()
  await using one = await openIdentity({ store: newStore() })
  await using other = await openIdentity({ store: newStore(), beside: one })
  const root = await one.setUp()
  const second = await one.join(systemTenant, 'second@shop.example', [administratorsGroup])
  const take = (shop: TestIdentity, identityUuid: string) =>
    shop.outcome(identity.removeGroup({ identityUuid, groupUuid: administratorsGroup }), system)
  const outcomes = await Promise.all([take(one, root.context.identity ?? ''), take(other, second.identity)])
  assert.deepEqual(outcomes.sort(), ['done', 'last_administrator'])
})

test('who is blocked is no administrator that could be the last one, and is one again afterwards', async () => {
  await using shop = await openIdentity()
  const root = await shop.setUp()
  const second = await shop.join(systemTenant, 'second@shop.example', [administratorsGroup])
  const takeRoot = identity.removeGroup({ identityUuid: root.context.identity ?? '', groupUuid: administratorsGroup })
  await shop.done(block({ accountUuid: second.account, reason: 'test' }), root)
  assert.equal(await shop.refused(takeRoot, root), 'last_administrator')
  await shop.done(unblock({ accountUuid: second.account }), root)
  await shop.done(takeRoot, root)
})

test('the tenant SYSTEM and the group of its administrators stay as they are, for administrators too', async () => {
  await using shop = await openIdentity()
  const root = await shop.setUp()
  const groupUuid = administratorsGroup
  assert.equal(await shop.refused(tenant.remove({ tenantUuid: systemTenant }), root), 'protected_tenant')
  assert.equal(await shop.refused(tenant.rename({ tenantUuid: systemTenant, name: 'x' }), root), 'protected_tenant')
  assert.equal(await shop.refused(group.remove({ groupUuid }), root), 'protected_group')
  assert.equal(await shop.refused(group.rename({ groupUuid, name: 'x' }), root), 'protected_group')
  assert.equal(await shop.refused(group.setPermissions({ groupUuid, permissions: [] }), root), 'protected_group')
  // Of another tenant there is none of this name.
  await shop.done(tenant.create({ tenantUuid: 'acme', name: 'Acme' }), root)
  assert.equal(await shop.refused(group.remove({ groupUuid }), root, 'acme'), 'unknown_group')
})

test('a blocked account is made no administrator', async () => {
  await using shop = await openIdentity()
  const root = await shop.setUp()
  const ann = await shop.join(systemTenant, 'ann@shop.example', [])
  await shop.done(block({ accountUuid: ann.account, reason: 'test' }), root)
  const add = identity.addGroup({ identityUuid: ann.identity, groupUuid: administratorsGroup })
  assert.equal(await shop.refused(add, root), 'account_not_active')
})
