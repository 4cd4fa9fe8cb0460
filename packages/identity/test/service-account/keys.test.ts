// Service accounts and their keys: what a key may, and when it may no longer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { administratorsGroup, domain, handle, hostOf, isPermissionDenied, query, systemTenant } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { z } from 'zod'
import { create as createGroup } from '../../src/group/group-contracts.ts'
import { addGroup, joinWorkspace, remove as removeIdentity } from '../../src/member/member-contracts.ts'
import {
  create,
  createKey,
  keys as listKeys,
  list,
  remove,
  revokeKey,
} from '../../src/service-account/service-account-contracts.ts'
import { remove as removeTenant } from '../../src/tenant/tenant-contracts.ts'
import { create as createWorkspace } from '../../src/workspace/workspace-contracts.ts'
import { openIdentity } from '../open-identity.ts'
import type { Member, TestIdentity } from '../open-identity.ts'

const read = query('Till.Read', { result: z.string() })
const write = query('Till.Write', { result: z.string() })
const till = domain('Till', {
  roles: ['any'],
  permissions: 'authorized',
  handlers: [handle(read, async () => 'read'), handle(write, async () => 'written')],
})
const tenant = 'acme'
const denied = { code: 'permission_denied' }
const dayMs = 86_400_000

async function opened() {
  const app = await openIdentity({ domains: [till] })
  const ann = await app.newTenant(tenant, 'ann@shop.example')
  const { groupUuid } = await app.done(createGroup({ name: 'readers', permissions: ['Till.Read'] }), ann)
  const { identityUuid } = await app.done(create({ name: 'Till 7', groups: [groupUuid] }), ann)
  return {
    app,
    ann,
    readers: groupUuid,
    service: identityUuid,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}

async function newKey(app: TestIdentity, who: Member, identityUuid: string, expiresAt?: string) {
  const made = await app.done(createKey({ identityUuid, name: 'front', expiresAt }), who)
  return { ...made, caller: await app.identity.callerOf(made.key) }
}

test('a key is its service account, with the permissions of its groups and no others', async () => {
  await using all = await opened()
  const { app, ann, service } = all
  const { key, keyUuid, caller } = await newKey(app, ann, service)
  assert.match(key, /^gesta_YWNtZQ\.[0-9a-f-]{36}\.[\w-]{43}$/)
  assert.deepEqual(caller, {
    tenant,
    identity: service,
    account: `service:${service}`,
    session: `key:YWNtZQ:${keyUuid}`,
  })
  assert.equal(await app.query(read(), caller), 'read')
  await assert.rejects(app.query(write(), caller), denied)
  assert.deepEqual(await app.identity.callerOf(key), caller, 'the same when it is remembered')
})

test('whatever is not the key stands for nobody', async () => {
  await using all = await opened()
  const { app, ann, service } = all
  const { key, keyUuid } = await newKey(app, ann, service)
  const [, , secret = ''] = key.split('.')
  const texts = [
    '',
    'gesta_',
    key.slice(0, -1),
    `${key}A`,
    key.replace(secret, secret.replace(/./g, 'A')),
    key.replace('gesta_YWNtZQ', 'gesta_YWNtZR'),
    key.replace('gesta_YWNtZQ', 'gesta_b3RoZXI'),
    key.replace('gesta_YWNtZQ', 'gesta_'),
    key.replace(keyUuid, '00000000-0000-7000-8000-000000000000'),
    key.toLowerCase(),
    ` ${key}`,
    `gesta_${'A'.repeat(100_000)}.${keyUuid}.${secret}`,
    `gesta_\u0000.${keyUuid}.${secret}`,
  ]
  for (const text of texts) assert.equal(await app.identity.callerOf(text), undefined, text.slice(0, 80))
})

test('a key that was revoked, or whose account or tenant is gone, is refused at once', async () => {
  await using all = await opened()
  const { app, ann, readers, service } = all
  const revoked = await newKey(app, ann, service)
  const kept = await newKey(app, ann, service)
  for (const { caller } of [revoked, kept]) assert.equal(await app.query(read(), caller), 'read')
  await app.done(revokeKey({ keyUuid: revoked.keyUuid }), ann)
  await assert.rejects(app.query(read(), revoked.caller), denied)
  assert.equal(await app.query(read(), kept.caller), 'read')
  await app.done(remove({ identityUuid: service }), ann)
  await assert.rejects(app.query(read(), kept.caller), denied)
  assert.equal(await app.refused(createKey({ identityUuid: service, name: 'x' }), ann), 'unknown_service_account')
  await app.settled()
  const { items } = await app.app.stores.credentials.list({ tenant, kind: 'api-key' })
  assert.deepEqual(items, [])

  const second = await app.done(create({ name: 'Till 8', groups: [readers] }), ann)
  const other = await newKey(app, ann, second.identityUuid)
  await app.done(removeIdentity({ identityUuid: second.identityUuid }), ann)
  await assert.rejects(app.query(read(), other.caller), denied)
  const third = await app.done(create({ name: 'Till 9', groups: [readers] }), ann)
  const last = await newKey(app, ann, third.identityUuid)
  const root = await app.setUp()
  await app.done(removeTenant({ tenantUuid: tenant }), root, systemTenant)
  await assert.rejects(app.query(read(), last.caller), denied)
})

test('a key expires when it was said to, also while it is remembered', async () => {
  await using all = await opened()
  const { app, ann, service } = all
  const soon = new Date(app.now() + 30_000).toISOString()
  const { key } = await newKey(app, ann, service, soon)
  assert.ok(await app.identity.callerOf(key))
  app.advance(30_000)
  assert.equal(await app.identity.callerOf(key), undefined)
  const late = createKey({ identityUuid: service, name: 'late', expiresAt: new Date(app.now()).toISOString() })
  assert.equal(await app.refused(late, ann), 'already_expired')
  const lasting = await newKey(app, ann, service)
  await app.settled()
  app.advance(400 * dayMs)
  assert.ok(await app.identity.callerOf(lasting.key))
})

test('an API key can mint no session, nor touch an account: every contract of level authenticated refuses it', async () => {
  await using all = await opened()
  const { app, ann, service } = all
  const { caller } = await newKey(app, ann, service)
  const host = hostOf(app.app)
  const asked = host.contracts.filter(({ permission }) => permission === 'authenticated')
  assert.ok(asked.length > 15, `${asked.length} contracts`)
  for (const { contract } of asked) {
    const message = { type: contract.type, data: {} }
    for (const context of [caller, { ...caller, targetTenant: systemTenant }] as readonly RequestContext[]) {
      const run = contract.kind === 'query' ? host.query(message, { context }) : host.dispatch(message, { context })
      // Its session has not ended, so nobody is told to sign in.
      const isDenial = (error: unknown): boolean => isPermissionDenied(error) && error.facts.hasEnded === undefined
      await assert.rejects(run, isDenial, contract.type)
    }
  }
})

test('nobody makes a service account, or a key for one, that holds what they do not', async () => {
  await using all = await opened()
  const { app, ann, readers } = all
  const { groupUuid: writers } = await app.done(createGroup({ name: 'writers', permissions: ['Till.Write'] }), ann)
  const { groupUuid: helpers } = await app.done(
    createGroup({ name: 'helpers', permissions: ['ServiceAccount.*', 'Till.Read'] }),
    ann,
  )
  const bob = await app.join(tenant, 'bob@shop.example', [helpers])
  assert.equal(await app.refused(create({ name: 'x', groups: [writers] }), bob), 'not_held')
  assert.equal(await app.refused(create({ name: 'x', groups: ['none'] }), bob), 'unknown_group')
  const { identityUuid } = await app.done(create({ name: 'x', groups: [readers] }), bob)
  await app.done(createKey({ identityUuid, name: 'x' }), bob)
  await app.done(addGroup({ identityUuid, groupUuid: writers }), ann)
  assert.equal(await app.refused(createKey({ identityUuid, name: 'x' }), bob), 'not_held')

  const second = await app.done(create({ name: 'y', groups: [] }), bob)
  const { workspaceUuid } = await app.done(createWorkspace({ name: 'north' }), ann)
  const { identityUuid: inNorth } = second
  await app.done(joinWorkspace({ identityUuid: inNorth, workspaceUuid, groups: [writers] }), ann)
  assert.equal(await app.refused(createKey({ identityUuid: inNorth, name: 'x' }), bob), 'not_held')
  assert.equal(await app.refused(createKey({ identityUuid: bob.identity, name: 'x' }), ann), 'unknown_service_account')
  assert.equal(await app.refused(remove({ identityUuid: bob.identity }), ann), 'unknown_service_account')
})

test('a service account has 20 keys at most, and lists tell them without their secrets', async () => {
  await using all = await opened()
  const { app, ann, service } = all
  const { key, keyUuid } = await newKey(app, ann, service)
  for (let at = 1; at < 20; at += 1) await newKey(app, ann, service)
  await app.settled()
  assert.equal(await app.refused(createKey({ identityUuid: service, name: 'one more' }), ann), 'too_many_keys')
  const { keys } = await app.query(listKeys({ identityUuid: service }), ann)
  assert.equal(keys.length, 20)
  const found = keys.find((one) => one.keyUuid === keyUuid)
  assert.equal(found?.name, 'front')
  assert.ok(found.lastUsedAt === undefined || Date.parse(found.lastUsedAt) <= app.now())
  assert.ok(!JSON.stringify(keys).includes(key.split('.')[2] as string))
  const listed = await app.query(list({}), ann)
  assert.deepEqual(
    listed.items.map(({ identityUuid, name }) => [identityUuid, name]),
    [[service, 'Till 7']],
  )
})

test('a program is no system administrator', async () => {
  await using app = await openIdentity()
  const root = await app.setUp()
  const command = create({ name: 'robot', groups: [administratorsGroup] })
  assert.equal(await app.refused(command, root, systemTenant), 'administrators_are_people')
})
