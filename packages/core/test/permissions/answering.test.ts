// What a started app says of permissions: who holds what, why, and what it does for operators who ask by name.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, isPermissionDenied, plainDirectory, systemContext, systemTenant } from '@gesta/core'
import type { PlainDirectory, RequestContext } from '@gesta/core'
import { startApp } from '../started-app.ts'
import type { StartedOptions } from '../started-app.ts'
import { ann, ask, look, workDomain } from './team-domain.ts'

const people: PlainDirectory = {
  tenants: {
    acme: {
      identities: {
        ann: { groups: ['clerks'] },
        bob: { groups: [], workspaces: [{ workspace: 'w', groups: ['clerks'] }] },
        eve: { groups: ['erasers'] },
      },
      groups: {
        clerks: { permissions: [], groups: ['workers'] },
        workers: { permissions: ['Work.Ask'] },
        erasers: { permissions: ['Gesta.*'] },
      },
      workspaces: ['w'],
    },
    [systemTenant]: { identities: { root: { groups: ['administrators'] } } },
  },
  endedSessions: ['s-over'],
}
const bob: RequestContext = { ...ann, identity: 'bob' }
const eve: RequestContext = { ...ann, identity: 'eve' }
const root: RequestContext = { ...ann, tenant: systemTenant, identity: 'root' }
const desk = domain('Desk', {
  permissions: 'anonymous',
  handlers: [],
  customPermissions: [{ name: 'Desk.Move', implies: ['Desk.See'] }, { name: 'Desk.See' }],
})
const appOf = (options: StartedOptions = {}) =>
  startApp([workDomain(), desk], { directory: plainDirectory(people), ...options })

describe('running.permissions', () => {
  test('says whether a caller holds a permission, as of now', async () => {
    await using app = await appOf()
    const { permissions } = app.running
    const holds = (caller: RequestContext, name: string): Promise<boolean> => permissions.holds(caller, name)
    assert.equal(await holds(ann, 'Work.Ask'), true)
    assert.equal(await holds(ann, 'Work.Do'), false)
    assert.equal(await holds(ann, 'Work.Look'), true)
    assert.equal(await holds({}, 'Work.Look'), false)
    assert.equal(await holds({ ...ann, session: 's-over' }, 'Work.Look'), false)
    assert.equal(await holds(bob, 'Work.Ask'), false)
    assert.equal(await holds({ ...bob, targetWorkspace: 'w' }, 'Work.Ask'), true)
    for (const name of ['Work.Do', 'Desk.Move', 'Gesta.RotateKeys'])
      for (const caller of [root, systemContext('acme')]) assert.equal(await holds(caller, name), true)
    await assert.rejects(holds(ann, 'Work.Aks'), { code: 'permission_unknown' })
  })

  test('explains the path of the decision', async () => {
    await using app = await appOf()
    const steps = async (caller: RequestContext, name: string) => {
      const { allowed, path } = await app.running.permissions.explain(caller, name)
      return [allowed, ...path.map(({ step, result, groups }) => `${step} ${result} ${groups?.join() ?? ''}`.trim())]
    }
    const passed = ['level passed', 'administrators passed', 'tenant passed']
    assert.deepEqual(await steps(ann, 'Work.Ask'), [true, ...passed, 'groups allowed clerks'])
    assert.deepEqual(await steps(ann, 'Work.Do'), [false, ...passed, 'groups denied'])
    assert.deepEqual(await steps({ ...bob, targetWorkspace: 'w' }, 'Work.Ask'), [
      true,
      ...passed,
      'groups passed',
      'workspace allowed clerks',
    ])
    assert.deepEqual(await steps({}, 'Work.Ask'), [false, 'level denied'])
    assert.deepEqual(await steps(root, 'Work.Ask'), [true, 'level passed', 'administrators allowed'])
    assert.deepEqual(await steps({ ...ann, targetTenant: 'b' }, 'Work.Ask'), [
      false,
      ...passed.slice(0, 2),
      'tenant denied',
    ])
  })

  test('explains to operators why a caller was refused, what the caller is not told', async () => {
    await using app = await appOf()
    const error: unknown = await app.clock.finish(
      app.running.query(ask(), { context: bob }).catch((cause: unknown) => cause),
    )
    assert.ok(isPermissionDenied(error))
    const { permission, path } = await app.running.permissions.explain(bob, 'Work.Ask')
    assert.deepEqual([permission, path.at(-1)?.reason], ['Work.Ask', error.facts.reason])
  })

  test('requires a permission by its name, and a denial is in the audit log before it is thrown', async () => {
    await using app = await appOf()
    const { permissions, audit } = app.running
    await permissions.require(ann, 'Work.Ask')
    assert.equal((await app.audit.list({})).items.length, 0)
    const error: unknown = await permissions
      .require(ann, 'Desk.Move', { address: '::1' })
      .catch((cause: unknown) => cause)
    assert.ok(isPermissionDenied(error))
    assert.deepEqual(error.facts, {
      permission: 'Desk.Move',
      reason: 'no group of the identity holds it',
      anonymous: false,
    })
    const [entry] = (await app.audit.list({})).items
    assert.deepEqual(
      [entry?.action, entry?.actor, entry?.outcome, entry?.tenant],
      ['Desk.Move', 'ann', 'denied', 'acme'],
    )
    assert.ok(audit !== undefined)
  })

  test('asks nobody for what no groups are asked for', async () => {
    const broken = { ...plainDirectory(people), identity: () => Promise.reject(new Error('away')) }
    await using app = await appOf({ directory: broken })
    assert.equal(await app.running.permissions.holds(ann, 'Work.Look'), true)
    await assert.rejects(app.running.permissions.holds(ann, 'Work.Ask'), { code: 'permissions_unavailable' })
  })
})

describe('erasing and rotating keys', () => {
  const encryption = { secrets: [{ id: 'one', secret: 'a secret of tests, which seals nothing real' }] }

  test('need a permission of the caller that is named, in the tenant that is concerned', async () => {
    await using app = await appOf({ encryption })
    const request = { tenant: 'acme', subject: 'c-1', reason: 'asked for' }
    const denied = { code: 'permission_denied' }
    await assert.rejects(app.running.erase(request, ann), denied)
    await assert.rejects(app.running.erase({ ...request, tenant: 'other' }, eve), denied)
    await assert.rejects(app.running.erase({ subject: 'c-1', reason: 'asked for' }, eve), denied)
    assert.equal((await app.clock.finish(app.running.erase(request, eve))).subject, 'c-1')
    await assert.rejects(app.running.rotateKeys(eve), denied, 'keys are those of all tenants')
    await app.clock.finish(app.running.rotateKeys(root))
  })

  test('are allowed to the app itself, and to the program that holds the app', async () => {
    await using app = await appOf({ encryption })
    const request = { tenant: 'acme', subject: 'c-1', reason: 'asked for' }
    await app.clock.finish(app.running.erase(request, systemContext()))
    await app.clock.finish(app.running.erase({ ...request, subject: 'c-2' }))
    await app.clock.finish(app.running.rotateKeys(systemContext()))
    await app.clock.finish(app.running.rotateKeys())
  })
})

describe('a plain directory', () => {
  const groups = { readers: { permissions: ['Work.*'] } }
  const refusals: readonly [string, unknown, RegExp][] = [
    ['nothing', undefined, /\{ tenants: \{ \.\.\. \} \}/],
    ['another field', { tenants: {}, people: {} }, /has "people"\. Known: tenants, endedSessions/],
    ['a tenant that is none', { tenants: { acme: 1 } }, /the tenant "acme"/],
    ['a field of a tenant that there is not', { tenants: { acme: { group: {} } } }, /has "group"/],
    ['a group without permissions', { tenants: { acme: { groups: { a: {} } } } }, /the group "a" of the tenant "acme"/],
    [
      'a group of groups that there is not',
      { tenants: { acme: { groups: { a: { permissions: [], groups: ['b'] } } } } },
      /names "b"/,
    ],
    ['an identity without groups', { tenants: { acme: { identities: { ann: {} } } } }, /the identity "ann"/],
    [
      'an identity in a group that there is not',
      { tenants: { acme: { groups, identities: { ann: { groups: ['reader'] } } } } },
      /names "reader", which is none of its tenant's groups\. Did you mean "readers"/,
    ],
    [
      'administrators of another tenant',
      { tenants: { acme: { groups, identities: { ann: { groups: ['administrators'] } } } } },
      /names "administrators"/,
    ],
    [
      'a workspace that there is not',
      {
        tenants: {
          acme: { groups, identities: { ann: { groups: [], workspaces: [{ workspace: 'w', groups: [] }] } } },
        },
      },
      /names "w"/,
    ],
    ['sessions that are no list', { tenants: {}, endedSessions: 's-1' }, /endedSessions/],
  ]
  for (const [what, plain, message] of refusals)
    test(`refuses ${what}, at once`, () => assert.throws(() => plainDirectory(plain as never), { message }))

  test('changes by another object and changed(), and by nothing else', async () => {
    const groupsOf = (...held: string[]) => ({
      tenants: { acme: { groups, identities: { ann: { groups: held } } } },
    })
    let now: { tenants: { acme: { groups: typeof groups; identities: { ann: { groups: string[] } } } } } = groupsOf()
    await using app = await appOf({ directory: plainDirectory(() => now) })
    const { permissions } = app.running
    assert.equal(await permissions.holds(ann, 'Work.Ask'), false)
    now.tenants.acme.identities.ann.groups.push('readers')
    await permissions.changed('tenant', 'acme')
    assert.equal(await permissions.holds(ann, 'Work.Ask'), false)
    now = groupsOf('readers')
    assert.equal(await permissions.holds(ann, 'Work.Ask'), false)
    await permissions.changed('tenant', 'acme')
    assert.equal(await permissions.holds(ann, 'Work.Ask'), true)
  })

  test('lets an identity be used by its account alone, and knows sessions that have ended', async () => {
    const identities = { ann: { groups: ['readers'], account: 'a-ann' }, constructor: { groups: ['readers'] } }
    const plain: PlainDirectory = { tenants: { acme: { groups, identities } }, endedSessions: ['s-over'] }
    await using app = await appOf({ directory: plainDirectory(plain) })
    const { permissions } = app.running
    assert.equal(await permissions.holds(ann, 'Work.Ask'), true)
    assert.equal(await permissions.holds({ ...ann, account: 'a-other' }, 'Work.Ask'), false)
    assert.equal(await permissions.holds({ ...ann, session: 's-over' }, 'Work.Ask'), false)
    assert.equal(await permissions.holds({ ...ann, identity: 'toString' }, 'Work.Ask'), false)
    await assert.rejects(app.running.query(look(), { context: { account: 'a', session: 's-over' } }), {
      code: 'permission_denied',
    })
  })
})
