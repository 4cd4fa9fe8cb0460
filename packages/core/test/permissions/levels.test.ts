import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, domain, handle, isGestaError, plainDirectory, query } from '@gesta/core'
import type { Level, RequestContext, Role } from '@gesta/core'
import { startApp } from '../started-app.ts'

const go = command('Gate.Go')
const ask = query('Gate.Ask', {
  result: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as string }) } },
})

const gateDomain = (permissions: Level, roles?: readonly (Role | 'any')[], own?: readonly (Role | 'any')[]) =>
  domain('Gate', {
    permissions,
    roles,
    handlers: [handle(go, async () => undefined, { roles: own }), handle(ask, async () => 'answer', { roles: own })],
  })

/** Levels alone are looked at here: whoever is an identity of the tenant holds everything. */
const directory = plainDirectory({
  tenants: { t: { identities: { i: { groups: ['all'] } }, groups: { all: { permissions: ['*'] } } } },
})

const callers: readonly (readonly [string, RequestContext, readonly Level[]])[] = [
  ['nobody', {}, ['anonymous']],
  ['an account without a session', { account: 'a' }, ['anonymous']],
  ['an identity without an account', { identity: 'i', tenant: 't' }, ['anonymous']],
  ['an account with a session', { account: 'a', session: 's' }, ['anonymous', 'authenticated']],
  ['an identity without a tenant', { account: 'a', session: 's', identity: 'i' }, ['anonymous', 'authenticated']],
  [
    'an identity in a tenant',
    { account: 'a', session: 's', identity: 'i', tenant: 't' },
    ['anonymous', 'authenticated', 'authorized'],
  ],
  [
    'an identity that asks for its own tenant',
    { account: 'a', session: 's', identity: 'i', tenant: 't', targetTenant: 't' },
    ['anonymous', 'authenticated', 'authorized'],
  ],
  [
    "an identity that asks for another tenant's data",
    { account: 'a', session: 's', identity: 'i', tenant: 't', targetTenant: 'u' },
    ['anonymous', 'authenticated'],
  ],
]

describe('a level', () => {
  for (const [who, context, allowed] of callers) {
    test(`of ${who} is ${allowed.at(-1)}`, async () => {
      for (const level of ['anonymous', 'authenticated', 'authorized'] as const) {
        await using app = await startApp(gateDomain(level), { directory })
        const caller = app.running.as(context)
        if (allowed.includes(level)) {
          assert.ok((await caller.dispatch(go())).ok)
          assert.equal(await caller.query(ask()), 'answer')
        } else {
          await assert.rejects(caller.dispatch(go()), { code: 'permission_denied' })
          await assert.rejects(caller.query(ask()), { code: 'permission_denied' })
        }
      }
    })
  }

  test('that is missing is told with what to do, and the reason as a fact for logs only', async () => {
    await using app = await startApp(gateDomain('authorized'))
    await assert.rejects(app.running.dispatch(go()), (error: unknown) => {
      assert.ok(isGestaError(error, 'permission_denied'))
      assert.equal(error.message, 'The caller may not run Gate.Go. Sign in and try again.')
      assert.deepEqual(error.facts, { contract: 'Gate.Go', reason: 'the caller is not authorized', anonymous: true })
      return true
    })
    await assert.rejects(app.running.dispatch(go(), { context: { account: 'a', session: 's' } }), {
      message: /Ask an administrator/,
    })
  })

  test('of one call stands over that of as()', async () => {
    await using app = await startApp(gateDomain('authenticated'))
    const caller = app.running.as({ account: 'a' })
    await assert.rejects(caller.dispatch(go()), { code: 'permission_denied' })
    assert.ok((await caller.dispatch(go(), { context: { session: 's' } })).ok)
  })
})

describe('roles', () => {
  const roles: readonly Role[] = ['web', 'api', 'worker', 'cron', 'admin']

  test('fail closed: without any, no role may run a command or query', async () => {
    await using app = await startApp(gateDomain('anonymous'))
    for (const role of roles) {
      await assert.rejects(app.running.dispatch(go(), { role }), { code: 'role_not_allowed' })
      await assert.rejects(app.running.query(ask(), { role }), { code: 'role_not_allowed' })
    }
    assert.ok((await app.running.dispatch(go())).ok, 'tests and scripts name no role')
  })

  test("of a handler stand over its domain's", async () => {
    await using app = await startApp(gateDomain('anonymous', ['web'], ['api']))
    await assert.rejects(app.running.dispatch(go(), { role: 'web' }), { code: 'role_not_allowed' })
    assert.ok((await app.running.dispatch(go(), { role: 'api' })).ok)
  })

  test('are those of the process unless a call names its own', async () => {
    await using app = await startApp(gateDomain('anonymous', ['web']), { role: 'cron' })
    await assert.rejects(app.running.dispatch(go()), { code: 'role_not_allowed' })
    assert.ok((await app.running.dispatch(go(), { role: 'web' })).ok)
  })

  test('open to every role with any', async () => {
    await using app = await startApp(gateDomain('anonymous', ['any']))
    for (const role of roles) assert.ok((await app.running.dispatch(go(), { role })).ok)
  })
})
