import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext, systemTenant } from '@gesta/core'
import { get as getAccount, remove as removeAccount } from '../../src/account/account-contracts.ts'
import * as group from '../../src/group/group-contracts.ts'
import { invite } from '../../src/invitation/invitation-contracts.ts'
import { create as createIdentity, get as getIdentity } from '../../src/member/member-contracts.ts'
import { identities } from '../../src/set-up/set-up-contracts.ts'
import * as tenant from '../../src/tenant/tenant-contracts.ts'
import * as workspace from '../../src/workspace/workspace-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import { storesOfOne } from '../stores.ts'

const system = systemContext(systemTenant)

for (const [name, newPlace] of Object.entries(storesOfOne))
  test(`${name}: tenants are made, renamed, listed in pages, removed, and their history tells who did it`, async () => {
    await using place = await newPlace()
    await using shop = await openIdentity({ store: place.store })
    const root = await shop.setUp()
    for (const tenantUuid of ['acme', 'beta', 'core'])
      await shop.done(tenant.create({ tenantUuid, name: `  ${tenantUuid} Ltd ` }), root)
    await shop.done(tenant.rename({ tenantUuid: 'beta', name: 'Beta' }), root)
    await shop.done(tenant.remove({ tenantUuid: 'core' }), root)
    await shop.done(tenant.remove({ tenantUuid: 'core' }), root)
    await shop.settled()
    const page = await shop.query(tenant.list({ page: 2, pageSize: 1 }), root)
    assert.equal(page.total, 3)
    assert.equal(page.items.length, 1)
    assert.equal((await shop.query(tenant.get({ tenantUuid: 'acme' }), root))?.name, 'acme Ltd')
    assert.equal((await shop.query(tenant.get({ tenantUuid: 'core' }), root))?.status, 'removed')
    const asked = { context: root.context, history: true } as const
    const answer = await shop.app.query(tenant.get({ tenantUuid: 'beta' }), asked)
    const items = answer?.history[0]?.items ?? []
    assert.deepEqual(
      items.map(({ eventName, senderIdentity }) => [eventName, senderIdentity]),
      [
        ['Tenant.Renamed', root.context.identity],
        ['Tenant.Created', root.context.identity],
      ],
    )
  })

test('a tenant that is not there, or no longer, takes no groups, workspaces and invitations', async () => {
  await using shop = await openIdentity()
  const root = await shop.setUp()
  await shop.done(tenant.create({ tenantUuid: 'gone', name: 'Gone' }), root)
  await shop.done(tenant.remove({ tenantUuid: 'gone' }), root)
  for (const where of ['nowhere', 'gone', '']) {
    assert.equal(await shop.refused(group.create({ name: 'g', permissions: [] }), root, where), 'unknown_tenant')
    assert.equal(await shop.refused(workspace.create({ name: 'w' }), root, where), 'unknown_tenant')
    assert.equal(await shop.refused(invite({ email: 'a@b.example', groups: [] }), root, where), 'unknown_tenant')
  }
  assert.equal(await shop.refused(tenant.rename({ tenantUuid: 'gone', name: 'x' }), root), 'unknown_tenant')
  assert.equal(await shop.refused(tenant.remove({ tenantUuid: 'nowhere' }), root), 'unknown_tenant')
})

test('an account is told which identities it has, those of living tenants alone', async () => {
  await using shop = await openIdentity()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  await shop.settled()
  assert.deepEqual(await shop.query(identities(), ann), [
    { tenant: 'acme', tenantName: 'acme', identity: ann.identity, name: 'ann@acme.example' },
  ])
  await shop.done(tenant.remove({ tenantUuid: 'acme' }), system)
  await shop.settled()
  assert.deepEqual(await shop.query(identities(), ann), [])
})

test('the identities of an account that is removed go with it, in every tenant', async () => {
  await using shop = await openIdentity()
  const root = await shop.setUp()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  const bob = await shop.join('acme', 'bob@acme.example', [ann.group])
  await shop.done(tenant.create({ tenantUuid: 'beta', name: 'Beta' }), root)
  const second = createIdentity({ account: bob.account, name: 'Bob', groups: [] })
  const { identityUuid } = await shop.done(second, root, 'beta')
  await shop.settled()
  await shop.done(removeAccount({ accountUuid: bob.account }), bob)
  await shop.settled()
  assert.equal((await shop.query(getIdentity({ identityUuid: bob.identity }), ann))?.status, 'removed')
  assert.equal((await shop.query(getIdentity({ identityUuid }), root, 'beta'))?.status, 'removed')
  assert.deepEqual((await shop.query(getAccount({ accountUuid: bob.account }), root))?.memberships, [])
})

test('names are one line of visible text, and ids cannot be taken for those of the app', async () => {
  await using shop = await openIdentity()
  const isRefused = async (command: Parameters<typeof shop.done>[0]): Promise<void> => {
    await assert.rejects(shop.done(command, system), { code: 'invalid_input' })
  }
  for (const name of ['', '   ', 'a\nb', 'a\u0000b', 'a\u202Eb', 'x'.repeat(101)])
    await isRefused(tenant.create({ name }))
  for (const tenantUuid of ['SYSTEM', 'system/', '', 'a b', '-a', 'Ä', 'x'.repeat(65)])
    await isRefused(tenant.create({ tenantUuid, name: 'x' }))
  await shop.done(tenant.create({ name: 'زی‌با 👩‍🚀' }), system)
})
