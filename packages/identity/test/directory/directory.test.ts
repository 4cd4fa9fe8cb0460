import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command, domain, handle, isPermissionDenied, systemContext, systemTenant } from '@gesta/core'
import type { Domain } from '@gesta/core'
import { create as createGroup, remove as removeGroup, setPermissions } from '../../src/group/group-contracts.ts'
import { endAllSessions } from '../../src/auth/auth-contracts.ts'
import {
  addGroup,
  create as createIdentity,
  list,
  removeGroup as takeGroup,
  remove as removeIdentity,
} from '../../src/member/member-contracts.ts'
import { create as createTenant, remove as removeTenant } from '../../src/tenant/tenant-contracts.ts'
import { openIdentity } from '../open-identity.ts'

const note = command('Note.Write')
const notes = domain('Note', { roles: ['any'], permissions: 'authorized', handlers: [handle(note, async () => {})] })
const open = () => openIdentity({ domains: [notes satisfies Domain<'Note', typeof note>] })
const denied = (error: unknown): boolean => isPermissionDenied(error)

test('whoever was invited to a group may what it holds, in their own tenant alone', async () => {
  await using shop = await open()
  const ann = await shop.newTenant('acme', 'ann@acme.example', ['Note.*'])
  await shop.newTenant('other', 'otto@other.example', ['Note.*'])
  await shop.done(note(), ann)
  await assert.rejects(shop.done(note(), ann, 'other'), denied)
  await assert.rejects(shop.query(list({}), ann), denied)
})

test('who loses a group is refused at once', async () => {
  await using shop = await open()
  const ann = await shop.newTenant('acme', 'ann@acme.example', ['Note.*'])
  await shop.done(note(), ann)
  await shop.done(takeGroup({ identityUuid: ann.identity, groupUuid: ann.group }), systemContext('acme'))
  await assert.rejects(shop.done(note(), ann), denied)
  await shop.done(addGroup({ identityUuid: ann.identity, groupUuid: ann.group }), systemContext('acme'))
  await shop.done(note(), ann)
})

test('who had a group that is emptied or removed is refused at once, also through another group', async () => {
  await using shop = await open()
  const acme = systemContext('acme')
  const ann = await shop.newTenant('acme', 'ann@acme.example', ['Note.*'])
  const { groupUuid } = await shop.done(createGroup({ name: 'outer', permissions: [], groups: [ann.group] }), acme)
  const bob = await shop.join('acme', 'bob@acme.example', [groupUuid])
  await shop.done(note(), bob)
  await shop.done(setPermissions({ groupUuid: ann.group, permissions: [] }), acme)
  for (const person of [ann, bob]) await assert.rejects(shop.done(note(), person), denied)
  await shop.done(setPermissions({ groupUuid: ann.group, permissions: ['Note.Write'] }), acme)
  for (const person of [ann, bob]) await shop.done(note(), person)
  await shop.done(removeGroup({ groupUuid: ann.group }), acme)
  for (const person of [ann, bob]) await assert.rejects(shop.done(note(), person), denied)
})

test('the identities of a tenant that is removed are denied at once', async () => {
  await using shop = await open()
  const ann = await shop.newTenant('acme', 'ann@acme.example', ['Note.*'])
  const otto = await shop.newTenant('other', 'otto@other.example', ['Note.*'])
  await shop.done(note(), ann)
  await shop.done(removeTenant({ tenantUuid: 'acme' }), systemContext(systemTenant))
  await assert.rejects(shop.done(note(), ann), denied)
  await shop.done(note(), otto)
  assert.equal(
    await shop.refused(createTenant({ tenantUuid: 'acme', name: 'again' }), systemContext(systemTenant)),
    'tenant_taken',
  )
})

test('an identity that is removed is denied at once, and the account may be taken in again', async () => {
  await using shop = await open()
  const ann = await shop.newTenant('acme', 'ann@acme.example', ['Note.*'])
  await shop.done(removeIdentity({ identityUuid: ann.identity }), systemContext('acme'))
  await assert.rejects(shop.done(note(), ann), denied)
  const again = createIdentity({ account: ann.account, name: 'Ann', groups: [ann.group] })
  const { identityUuid } = await shop.done(again, systemContext('acme'))
  await shop.done(note(), await shop.select(ann, 'acme', identityUuid))
  await assert.rejects(shop.done(note(), ann), denied)
})

test('a session that has ended is denied at once', async () => {
  await using shop = await open()
  const ann = await shop.newTenant('acme', 'ann@acme.example', ['Note.*'])
  await shop.done(endAllSessions(), ann)
  await assert.rejects(shop.done(note(), ann), denied)
})

test('a caller is nobody who names the identity of another account, or the session of another', async () => {
  await using shop = await open()
  const ann = await shop.newTenant('acme', 'ann@acme.example', ['Note.*'])
  const bob = await shop.join('acme', 'bob@acme.example', [])
  await assert.rejects(shop.done(note(), { ...bob.context, identity: ann.identity }), denied)
  await assert.rejects(shop.done(note(), { ...ann.context, session: bob.session }), denied)
  await assert.rejects(
    shop.done(note(), { ...ann.context, session: 'key:YWNtZQ:00000000-0000-0000-0000-000000000000' }),
    denied,
  )
})
