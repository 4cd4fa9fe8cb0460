import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command, domain, handle, systemContext } from '@gesta/core'
import { create as createGroup } from '../../src/group/group-contracts.ts'
import { joinWorkspace } from '../../src/member/member-contracts.ts'
import * as workspace from '../../src/workspace/workspace-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import { storesOfOne } from '../stores.ts'

const note = command('Note.Write')
const notes = domain('Note', { roles: ['any'], permissions: 'authorized', handlers: [handle(note, async () => {})] })
const acme = systemContext('acme')

for (const [name, newPlace] of Object.entries(storesOfOne))
  test(`${name}: workspaces are made, renamed, listed and removed`, async () => {
    await using place = await newPlace()
    await using shop = await openIdentity({ store: place.store })
    const ann = await shop.newTenant('acme', 'ann@acme.example')
    const { workspaceUuid } = await shop.done(workspace.create({ name: 'Desk' }), ann)
    const second = await shop.done(workspace.create({ name: 'Bench' }), ann)
    await shop.done(workspace.rename({ workspaceUuid, name: 'Table' }), ann)
    await shop.settled()
    const { items } = await shop.query(workspace.list({}), ann)
    assert.deepEqual(
      items.map((one) => one.name),
      ['Bench', 'Table'],
    )
    await shop.done(workspace.remove(second), ann)
    await shop.settled()
    assert.equal((await shop.query(workspace.list({}), ann)).total, 1)
    assert.equal((await shop.query(workspace.get(second), ann))?.status, 'removed')
    assert.equal(await shop.refused(workspace.rename({ ...second, name: 'x' }), ann), 'unknown_workspace')
  })

test('a member may in a workspace what its groups there hold, until the workspace is removed', async () => {
  await using shop = await openIdentity({ domains: [notes] })
  await shop.newTenant('acme', 'ann@acme.example', [])
  const bob = await shop.join('acme', 'bob@acme.example', [])
  const { groupUuid } = await shop.done(createGroup({ name: 'writers', permissions: ['Note.*'] }), acme)
  const { workspaceUuid } = await shop.done(workspace.create({ name: 'Desk' }), acme)
  const other = await shop.done(workspace.create({ name: 'Other' }), acme)
  await shop.done(joinWorkspace({ identityUuid: bob.identity, workspaceUuid, groups: [groupUuid] }), acme)
  const inside = { ...bob.context, targetWorkspace: workspaceUuid }
  const denied = { code: 'permission_denied' }
  await shop.done(note(), inside)
  await assert.rejects(shop.done(note(), bob), denied)
  await assert.rejects(shop.done(note(), { ...bob.context, targetWorkspace: other.workspaceUuid }), denied)
  await shop.done(workspace.remove({ workspaceUuid }), acme)
  await assert.rejects(shop.done(note(), inside), denied)
})
