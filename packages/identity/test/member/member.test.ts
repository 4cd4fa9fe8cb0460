import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemContext } from '@gesta/core'
import { create as createGroup } from '../../src/group/group-contracts.ts'
import * as identity from '../../src/member/member-contracts.ts'
import * as workspace from '../../src/workspace/workspace-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import { storesOfOne } from '../stores.ts'

const acme = systemContext('acme')

for (const [name, newPlace] of Object.entries(storesOfOne))
  test(`${name}: identities are made, renamed, given groups and workspaces, removed, and their history tells who did it`, async () => {
    await using place = await newPlace()
    await using shop = await openIdentity({ store: place.store })
    const ann = await shop.newTenant('acme', 'ann@acme.example')
    const bob = await shop.signUp('bob@home.example')
    const { groupUuid } = await shop.done(createGroup({ name: 'more', permissions: ['Group.List'] }), ann)
    const { workspaceUuid } = await shop.done(workspace.create({ name: 'desk' }), ann)
    const create = identity.create({ account: bob.account, name: 'Bob', groups: [groupUuid, groupUuid] })
    const { identityUuid } = await shop.done(create, ann)
    await shop.done(identity.rename({ identityUuid, name: 'Robert' }), ann)
    await shop.done(identity.joinWorkspace({ identityUuid, workspaceUuid, groups: [groupUuid] }), ann)
    await shop.done(identity.removeGroup({ identityUuid, groupUuid }), ann)
    await shop.settled()
    assert.deepEqual(await shop.query(identity.get({ identityUuid }), ann), {
      identityUuid,
      account: bob.account,
      name: 'Robert',
      status: 'live',
      groups: [],
      workspaces: [{ workspaceUuid, groups: [groupUuid] }],
    })
    await shop.done(identity.leaveWorkspace({ identityUuid, workspaceUuid }), ann)
    await shop.done(identity.remove({ identityUuid }), ann)
    await shop.settled()
    const answer = await shop.app.query(identity.get({ identityUuid }), { context: ann.context, history: true })
    const items = answer?.history[0]?.items ?? []
    assert.deepEqual(items.map(({ eventName }) => eventName).reverse(), [
      'Identity.Created',
      'Identity.Renamed',
      'Identity.WorkspaceJoined',
      'Identity.GroupRemoved',
      'Identity.WorkspaceLeft',
      'Identity.Removed',
    ])
    for (const item of items) assert.deepEqual([item.senderTenant, item.senderIdentity], ['acme', ann.identity])
  })

test('what is repeated, or was never so, changes nothing', async () => {
  await using shop = await openIdentity()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  const bob = await shop.join('acme', 'bob@acme.example', [ann.group])
  const { identity: identityUuid } = bob
  await shop.settled()
  const before = await shop.app.query(identity.get({ identityUuid }), { context: ann.context, history: true })
  await shop.done(identity.addGroup({ identityUuid, groupUuid: ann.group }), ann)
  await shop.done(identity.rename({ identityUuid, name: 'bob@acme.example' }), ann)
  await shop.done(identity.removeGroup({ identityUuid, groupUuid: 'nothing' }), ann)
  await shop.done(identity.leaveWorkspace({ identityUuid, workspaceUuid: 'nothing' }), ann)
  const after = await shop.app.query(identity.get({ identityUuid }), { context: ann.context, history: true })
  assert.deepEqual(after, before)
})

test('groups, workspaces, accounts and identities that are not there, or no longer, are refused', async () => {
  await using shop = await openIdentity()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  const other = await shop.newTenant('other', 'otto@other.example')
  const bob = await shop.join('acme', 'bob@acme.example', [])
  const { identity: identityUuid } = bob
  const { workspaceUuid } = await shop.done(workspace.create({ name: 'desk' }), ann)
  await shop.done(workspace.remove({ workspaceUuid }), ann)
  const join = (id: string, groups: readonly string[]) =>
    identity.joinWorkspace({ identityUuid, workspaceUuid: id, groups })
  for (const groupUuid of ['nothing', other.group])
    assert.equal(await shop.refused(identity.addGroup({ identityUuid, groupUuid }), ann), 'unknown_group')
  assert.equal(await shop.refused(join(workspaceUuid, []), ann), 'unknown_workspace')
  assert.equal(await shop.refused(join('nothing', []), ann), 'unknown_workspace')
  const create = identity.create({ account: 'nobody', name: 'x', groups: [] })
  assert.equal(await shop.refused(create, ann), 'account_not_active')
  for (const name of ['nothing', other.identity]) {
    assert.equal(await shop.refused(identity.rename({ identityUuid: name, name: 'x' }), ann), 'unknown_identity')
    assert.equal(await shop.refused(identity.remove({ identityUuid: name }), ann), 'unknown_identity')
    assert.equal(await shop.query(identity.get({ identityUuid: name }), ann), null)
  }
})

test('everybody sees what they are in the tenant that they act in, and nothing of another', async () => {
  await using shop = await openIdentity()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  await shop.newTenant('other', 'otto@other.example')
  const bob = await shop.join('acme', 'bob@acme.example', [])
  await shop.settled()
  assert.equal((await shop.query(identity.me(), bob))?.identityUuid, bob.identity)
  assert.equal(await shop.query(identity.me(), bob, 'other'), null)
  assert.equal(await shop.query(identity.me(), { ...bob.context, identity: ann.identity }), null)
  assert.equal(await shop.query(identity.me(), await shop.signIn('bob@acme.example')), null)
})

test('a name that was erased is shown no more, and the identity goes on', async () => {
  await using shop = await openIdentity()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  const bob = await shop.join('acme', 'bob@acme.example', [ann.group])
  await shop.app.erase({ tenant: 'acme', subject: bob.identity, reason: 'test' })
  // The view is built again without it.
  const shown = async () => (await shop.query(identity.get({ identityUuid: bob.identity }), ann))?.name
  while ((await shown()) !== null) await shop.settled()
  await shop.query(identity.list({}), bob)
})

test('lists come in pages, of living identities of one tenant', async () => {
  await using shop = await openIdentity()
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  await shop.newTenant('other', 'otto@other.example')
  const bob = await shop.join('acme', 'bob@acme.example', [])
  await shop.join('acme', 'carl@acme.example', [])
  await shop.done(identity.remove({ identityUuid: bob.identity }), ann)
  await shop.settled()
  const { items, total } = await shop.query(identity.list({ page: 1, pageSize: 1 }), acme)
  assert.deepEqual([items.length, total], [1, 2])
  await assert.rejects(shop.query(identity.list({ pageSize: 201 }), ann), { code: 'invalid_input' })
})
