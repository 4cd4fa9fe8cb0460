import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { command, createApp, domain, handle, memory, systemContext, systemTenant } from '@gesta/core'
import type { Running } from '@gesta/core'
import { createIdentity } from '../../src/index.ts'
import { register } from '../../src/account/account-contracts.ts'
import { create as createGroup } from '../../src/group/group-contracts.ts'
import { create as createServiceAccount, createKey } from '../../src/service-account/service-account-contracts.ts'
import { prepare } from '../../src/tenant/tenant-contracts.ts'
import { encryption, openIdentity, password } from '../open-identity.ts'

const url = 'https://shop.example'
const note = command('Note.Write')
const notes = domain('Note', { roles: ['any'], permissions: 'authorized', handlers: [handle(note, async () => {})] })

test('an app with domains of its own keeps the types of all its messages', async () => {
  const identity = createIdentity({ url })
  const app = createApp('shop', { domains: [...identity.domains, notes] })
  await using running = await app.start({ encryption, directory: identity.directory })
  await using _ = await identity.open(running)
  const typed: Running<'Note.Write' | 'Auth.Login' | 'Group.Create', 'Auth.Sessions'> = running
  void typed
  // @ts-expect-error Nothing of this app has such a name.
  await assert.rejects(running.dispatch(command('Note.Burn')()), { code: 'missing_handler' })
})

test('an identity is opened once, for one app', async () => {
  const identity = createIdentity({ url })
  await using running = await createApp('shop', { domains: identity.domains }).start({ encryption })
  await using _ = await identity.open(running)
  await assert.rejects(identity.open(running), /opened before/)
})

test('an app without encryption is refused in a sentence', async () => {
  const identity = createIdentity({ url })
  await assert.rejects(createApp('shop', { domains: identity.domains }).start(), /encryption/)
})

test('what failed to open can be opened again, and leaves no thread or timer behind', async () => {
  const identity = createIdentity({ url })
  await using running = await createApp('shop', { domains: identity.domains }).start({ encryption })
  const { dispatch } = running
  running.dispatch = () => Promise.reject(new Error('The store is away.'))
  await assert.rejects(identity.open(running), /away/)
  running.dispatch = dispatch
  await using opened = await identity.open(running)
  assert.notEqual(opened.setUpCode, undefined)
})

test('an app whose identity is never opened stops all the same, and its subscribers go on in the next one', async () => {
  const store = memory()
  {
    const identity = createIdentity({ url })
    await using running = await createApp('shop', { domains: identity.domains }).start({ store, encryption })
    await running.dispatch(prepare(), { context: systemContext(systemTenant) })
    await assert.rejects(running.dispatch(register({ email: 'a@b.example', password })), /identity\.open\(running\)/)
  }
  await using shop = await openIdentity({ store })
  await shop.signUp('ann@shop.example')
})

test('expired secrets are removed now and then, until the identity is disposed of', async () => {
  mock.timers.enable({ apis: ['setInterval'] })
  try {
    const identity = createIdentity({ url })
    await using running = await createApp('shop', { domains: identity.domains }).start({ encryption })
    const removeExpired = mock.method(running.stores.credentials, 'removeExpired')
    {
      await using _ = await identity.open(running)
      mock.timers.tick(3_600_000)
      assert.equal(removeExpired.mock.callCount(), 1)
    }
    mock.timers.tick(10 * 3_600_000)
    assert.equal(removeExpired.mock.callCount(), 1)
  } finally {
    mock.timers.reset()
  }
})

test('tokens of sessions and keys of programs stand for their callers, and anything else for nobody', async () => {
  await using shop = await openIdentity({ domains: [notes] })
  const ann = await shop.newTenant('acme', 'ann@acme.example')
  const { groupUuid } = await shop.done(createGroup({ name: 'robots', permissions: ['Note.Write'] }), ann)
  const { identityUuid } = await shop.done(createServiceAccount({ name: 'robot', groups: [groupUuid] }), ann)
  const { key } = await shop.done(createKey({ identityUuid, name: 'first' }), ann)
  const robot = await shop.identity.callerOf(key)
  assert.deepEqual([robot?.tenant, robot?.identity], ['acme', identityUuid])
  await shop.done(note(), robot)
  for (const text of ['', 'gesta_', 'x', 'a.b.c', `${key}x`, `${ann.tokens.accessToken}x`, ann.tokens.refreshToken])
    assert.equal(await shop.identity.callerOf(text), undefined)
})

test('what transports keep tokens for is named by contracts of the app', async () => {
  await using shop = await openIdentity()
  const known = shop.app.permissions.list().map(({ name }) => name)
  const { starts, refresh, ends } = shop.identity.contracts
  for (const name of [...starts, refresh, ...ends]) assert.ok(known.includes(name), name)
})
